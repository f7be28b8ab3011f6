//! What is measured of tickets, and what they come to in numbers.

use support_core::{
    model::{AgentId, DepartmentId, FigurePlace, FigureScope, Figures, Measures, Rating, TenantId, TicketId},
    ports::StoreError,
};
use uuid::Uuid;

use super::{Raw, Time, from_json, inconsistent, row, stored_count, stored_time, to_json};

const TABLE: &str = "figures";

row! {
    /// A row of `ticket_measures`.
    MeasuresRow {
        tenant_id: Uuid,
        ticket_id: Uuid,
        rings_at: Option<Time>,
        measures: Raw,
    }
}

impl MeasuresRow {
    /// The row of what is measured of a ticket.
    pub(crate) fn of(tenant: TenantId, ticket: TicketId, measures: &Measures) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            ticket_id: ticket.uuid(),
            rings_at: measures.rings_at().map(stored_time),
            measures: to_json(measures)?,
        })
    }
}

row! {
    /// A row of `ratings`.
    RatingRow {
        tenant_id: Uuid,
        ticket_id: Uuid,
        resolution: i64,
        rating: Raw,
    }
}

impl RatingRow {
    /// The row of a rating.
    pub(crate) fn of(tenant: TenantId, ticket: TicketId, rating: &Rating) -> Result<Self, StoreError> {
        Ok(Self {
            tenant_id: tenant.uuid(),
            ticket_id: ticket.uuid(),
            resolution: stored_count(rating.resolution),
            rating: to_json(rating)?,
        })
    }
}

row! {
    /// A row of `figures`.
    FigureRow {
        tenant_id: Uuid,
        scope: String,
        day: String,
        department_id: Uuid,
        agent_id: Uuid,
        counts: Raw,
        lengths: Raw,
    }
}

/// What a row of `figures` is found by.
#[derive(Debug, serde::Serialize)]
pub(crate) struct FigureKey {
    pub(crate) tenant_id: Uuid,
    pub(crate) scope: &'static str,
    pub(crate) day: String,
    pub(crate) department_id: Uuid,
    pub(crate) agent_id: Uuid,
}

impl FigureKey {
    /// The key of one row.
    pub(crate) fn of(tenant: TenantId, place: FigurePlace) -> Self {
        let FigureScope { department, agent } = place.scope;
        Self {
            tenant_id: tenant.uuid(),
            scope: scope_name(department.is_some(), agent.is_some()),
            day: place.day.to_string(),
            department_id: department.map_or(Uuid::nil(), DepartmentId::uuid),
            agent_id: agent.map_or(Uuid::nil(), AgentId::uuid),
        }
    }
}

/// The kind of a scope, as it is stored.
pub(crate) const fn scope_name(of_department: bool, of_agent: bool) -> &'static str {
    match (of_department, of_agent) {
        (false, false) => "tenant",
        (true, false) => "department",
        (false, true) => "agent",
        (true, true) => "department_agent",
    }
}

impl FigureRow {
    /// The row of figures.
    pub(crate) fn of(tenant: TenantId, place: FigurePlace, figures: &Figures) -> Result<Self, StoreError> {
        let FigureKey {
            tenant_id,
            scope,
            day,
            department_id,
            agent_id,
        } = FigureKey::of(tenant, place);
        Ok(Self {
            tenant_id,
            scope: scope.to_owned(),
            day,
            department_id,
            agent_id,
            counts: to_json(&figures.counts)?,
            lengths: to_json(&figures.lengths)?,
        })
    }

    /// The figures and where they belong.
    pub(crate) fn into_figures(self) -> Result<(FigurePlace, Figures), StoreError> {
        let named = |id: Uuid| (!id.is_nil()).then_some(id);
        let place = FigurePlace {
            day: self.day.parse().map_err(|problem| inconsistent(TABLE, problem))?,
            scope: FigureScope {
                department: named(self.department_id).map(Into::into),
                agent: named(self.agent_id).map(Into::into),
            },
        };
        let figures = Figures {
            counts: from_json(TABLE, &self.counts)?,
            lengths: from_json(TABLE, &self.lengths)?,
        };
        Ok((place, figures))
    }
}
