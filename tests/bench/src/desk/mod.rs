//! What a desk reads all day, in a tenant of a million tickets beside the same in one of a hundredth: lists, search,
//! dashboard, statistics.

mod filling;
mod known;
mod questions;

use rand::{SeedableRng, rngs::StdRng};
use serde_json::Value;
use support_testkit::{Postgres, Server};
use tokio::time::Instant;

use self::{
    filling::{Account, Filled},
    known::Known,
    questions::Question,
};
use crate::{
    Failure,
    http::{self, Connection},
    load::Quantiles,
    options::{Plan, StoreKind},
    report::DeskRow,
};

/// The smaller tenant has this part of the larger one's tickets.
const PART: u64 = 100;
/// SQLite holds this part of what PostgreSQL holds.
const PART_IN_SQLITE: u64 = 10;
/// With fewer there is not everything to ask for.
const FEWEST: u64 = 50;
/// How often each question is asked before it counts.
const WARM_UP: usize = 5;
/// The same parameters come again, whatever is measured.
const SEED: u64 = 20_261_121;

/// A tenant, and how long each question took there.
struct Asked {
    size: u64,
    took: Vec<Quantiles>,
}

/// Each question at both sizes, on each store.
pub(crate) async fn measure(plan: &Plan) -> Result<Vec<DeskRow>, Failure> {
    let mut rows = Vec::new();
    for store in &plan.stores {
        let (tickets, postgres) = match store {
            StoreKind::Sqlite => (plan.tickets.div_ceil(PART_IN_SQLITE), None),
            StoreKind::Postgres => (plan.tickets, Some(Postgres::start_durable().await)),
        };
        let small = Filled::anew(postgres.as_ref(), tickets.div_ceil(PART).max(FEWEST))?;
        let large = match (&plan.database, store) {
            (Some(url), StoreKind::Postgres) => Filled::given(url.clone())?,
            _ => Filled::anew(postgres.as_ref(), tickets)?,
        };
        let few = ask_all(plan, &small).await?;
        let many = ask_all(plan, &large).await?;
        let sizes = [few.size, many.size];
        for (question, took) in questions::ALL.iter().zip(few.took.iter().zip(&many.took)) {
            rows.push(DeskRow::of(store.name(), question.name, sizes, took));
        }
    }
    Ok(rows)
}

async fn ask_all(plan: &Plan, filled: &Filled) -> Result<Asked, Failure> {
    let admin = filled.admin()?;
    let server = Server::builder().setting("DATABASE_URL", filled.url()).start().await;
    let api = server.api().login(&admin.email, &admin.password).await;
    let known = Known::learn(&api).await?;
    let member = Account::unused("agent");
    known.employ(&api, &member).await;
    let tokens = [
        server.api().token(&admin.email, &admin.password).await,
        server.api().token(&member.email, &member.password).await,
    ];
    let mut connection = Connection::open(http::address(server.base())?).await?;
    let mut took = Vec::new();
    for question in &questions::ALL {
        let [admin, member] = &tokens;
        let token = if question.is_asked_by_member { member } else { admin };
        took.push(ask(plan, question, &known, token, &mut connection).await?);
    }
    Ok(Asked { size: known.size, took })
}

/// Asks one thing again and again, one after the other.
async fn ask(
    plan: &Plan,
    question: &Question,
    known: &Known,
    token: &str,
    connection: &mut Connection,
) -> Result<Quantiles, Failure> {
    let mut dice = StdRng::seed_from_u64(SEED);
    let mut cursor: Option<String> = None;
    let mut took = Vec::new();
    for round in 0..WARM_UP + plan.questions {
        let request = http::get_as(&question.path(known, cursor.as_deref(), &mut dice), token);
        let began = Instant::now();
        let answer = connection.exchange(&request).await?;
        let elapsed = began.elapsed();
        let next = answer.json()?;
        let next = next.pointer("/data/pagination/nextCursor").and_then(Value::as_str);
        cursor = next.map(str::to_owned);
        if round >= WARM_UP {
            took.push(elapsed);
        }
    }
    Ok(Quantiles::of(took))
}
