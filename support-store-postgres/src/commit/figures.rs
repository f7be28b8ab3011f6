//! Adding what changed to the figures that are stored. The lock on a tenant's counters is held
//! meanwhile, so nobody else adds to the same.

use std::collections::HashMap;

use sqlx::PgConnection;
use support_core::model::{FigurePlace, Figures, TenantId};

use crate::{
    error::Failure,
    rows::{FigureKey, FigureRow},
    statements::statements,
};

statements! {
    FIGURES = "select f.tenant_id, f.scope, f.day, f.department_id, f.agent_id, f.counts, f.lengths
        from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[])
            asked (tenant_id, scope, day, department_id, agent_id)
        join figures f on f.tenant_id = asked.tenant_id and f.scope = asked.scope and f.day = asked.day
            and f.department_id = asked.department_id and f.agent_id = asked.agent_id";
}

/// The figures as they shall stand, where `changes` say that they change.
pub(super) async fn added_to_stored(
    connection: &mut PgConnection,
    changes: Vec<(TenantId, FigurePlace, Figures)>,
) -> Result<Vec<FigureRow>, Failure> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let asked = changes.iter().map(|(tenant, place, _)| FigureKey::of(*tenant, *place));
    let asked: Vec<FigureKey> = asked.collect();
    let statement = sqlx::query_as::<_, FigureRow>(FIGURES)
        .bind(asked.iter().map(|key| key.tenant_id).collect::<Vec<_>>())
        .bind(asked.iter().map(|key| key.scope).collect::<Vec<_>>())
        .bind(asked.iter().map(|key| key.day.as_str()).collect::<Vec<_>>())
        .bind(asked.iter().map(|key| key.department_id).collect::<Vec<_>>())
        .bind(asked.iter().map(|key| key.agent_id).collect::<Vec<_>>());
    let stored = statement.fetch_all(connection).await?;
    let mut known: HashMap<(TenantId, FigurePlace), Figures> = HashMap::with_capacity(stored.len());
    for row in stored {
        let tenant = row.tenant_id.into();
        let (place, figures) = row.into_figures()?;
        known.insert((tenant, place), figures);
    }
    let added = changes.into_iter().map(|(tenant, place, change)| {
        let mut figures = known.remove(&(tenant, place)).unwrap_or_default();
        figures.add(&change);
        FigureRow::of(tenant, place, &figures)
    });
    Ok(added.collect::<Result<_, _>>()?)
}
