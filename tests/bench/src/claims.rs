//! A team that claims requests from one queue while more keep coming: how many, how quickly. That nothing was claimed
//! twice, nobody had more than they may and nothing was left over is proved from the journal each time.

use support_faults::claims::{self, Crowd};
use support_testkit::{Postgres, Store};

use crate::{
    Failure,
    options::{Plan, StoreKind},
    report::ClaimsRow,
};

/// Visitors who ask at the same time.
const VISITORS: usize = 8;
/// Requests an agent may have at once.
const CAPACITY: usize = 3;

/// One node with SQLite, two with PostgreSQL.
pub(crate) async fn measure(plan: &Plan) -> Result<Vec<ClaimsRow>, Failure> {
    let crowd = Crowd {
        agents: plan.agents,
        capacity: CAPACITY,
        visitors: VISITORS,
        waiting: plan.agents * CAPACITY,
        coming: plan.coming,
    };
    let mut rows = Vec::new();
    for store in &plan.stores {
        let (postgres, nodes) = match store {
            StoreKind::Sqlite => (None, vec![claims::node(Store::Sqlite).await]),
            StoreKind::Postgres => {
                let postgres = Postgres::start_durable().await;
                let database = postgres.database();
                let node = || claims::node(Store::Postgres(database.clone()));
                let nodes = vec![node().await, node().await];
                (Some(postgres), nodes)
            }
        };
        let nodes: Vec<_> = nodes.iter().collect();
        let claimed = claims::claim(&nodes, crowd).await;
        rows.push(ClaimsRow::of(store.name(), nodes.len(), crowd.agents, claimed));
        drop(postgres);
    }
    Ok(rows)
}
