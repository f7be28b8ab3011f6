//! Adding what changed to the figures that are stored. The lock on a tenant's counters is held
//! meanwhile, so nobody else adds to the same.

use std::collections::HashMap;

use rusqlite::Connection;
use support_core::model::{FigurePlace, Figures, TenantId};

use crate::{
    error::Failure,
    query::all,
    rows::{FigureKey, FigureRow, to_json},
    statements::statements,
};

statements! {
    FIGURES = "select f.tenant_id, f.scope, f.day, f.department_id, f.agent_id, f.counts, f.lengths
        from json_each(?1) asked
        cross join figures f on f.tenant_id = unhex(asked.value->>'tenant_id', '-')
            and f.scope = asked.value->>'scope' and f.day = asked.value->>'day'
            and f.department_id = unhex(asked.value->>'department_id', '-')
            and f.agent_id = unhex(asked.value->>'agent_id', '-')";
}

/// The figures as they shall stand, where `changes` say that they change.
pub(super) fn added_to_stored(
    connection: &Connection,
    changes: Vec<(TenantId, FigurePlace, Figures)>,
) -> Result<Vec<FigureRow>, Failure> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let asked = changes.iter().map(|(tenant, place, _)| FigureKey::of(*tenant, *place));
    let asked = to_json(&asked.collect::<Vec<_>>())?;
    let stored = all::<FigureRow>(connection, FIGURES, (asked,))?;
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
