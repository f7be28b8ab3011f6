//! Statistics.

use std::cmp::Reverse;

use async_trait::async_trait;

use super::{MemoryStore, reads::most};
use crate::{
    model::{FigurePlace, FigureScope, Figures, Measures, Rating, Status, TenantId, Ticket, TicketId, Timestamp},
    ports::{FigureGroup, FigureQuery, FigureReads, StoreError},
};

fn is_asked(place: &FigurePlace, query: &FigureQuery) -> bool {
    let FigureScope { department, agent } = place.scope;
    (query.from..=query.to).contains(&place.day)
        && match query.of {
            FigureGroup::One(scope) | FigureGroup::Counted(scope) => place.scope == scope,
            FigureGroup::EachDepartment(of) => department.is_some() && agent == of,
            FigureGroup::EachAgent(of) => agent.is_some() && department == of,
        }
}

fn is_of(ticket: &Ticket, scope: FigureScope) -> bool {
    let rated = ticket.rating.as_ref().and_then(|rating| rating.agent);
    scope.department.is_none_or(|wanted| ticket.department == Some(wanted))
        && scope.agent.is_none_or(|wanted| rated == Some(wanted))
}

#[async_trait]
impl FigureReads for MemoryStore {
    async fn figures(&self, tenant: TenantId, query: FigureQuery) -> Result<Vec<(FigurePlace, Figures)>, StoreError> {
        let is_counted = !matches!(query.of, FigureGroup::One(_));
        self.read_in(tenant, |own| {
            let asked = own.figures.iter().filter(|(place, _)| is_asked(place, &query));
            let told = asked.map(|(place, figures)| {
                let mut figures = figures.clone();
                if is_counted {
                    figures.lengths = crate::model::Lengths::default();
                }
                (*place, figures)
            });
            told.collect()
        })
    }

    async fn top_rated_tickets(
        &self,
        tenant: TenantId,
        scope: FigureScope,
        from: Timestamp,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.read_in(tenant, |own| {
            let tickets = own.tickets.values().map(|stored| &stored.ticket);
            let mut rated: Vec<(u8, &Ticket)> = tickets
                .filter(|ticket| is_of(ticket, scope) && (from..before).contains(&ticket.created_at))
                .filter_map(|ticket| Some((ticket.rating.as_ref()?.stars, ticket)))
                .collect();
            rated.sort_by_key(|(stars, ticket)| Reverse((*stars, ticket.created_at, ticket.id)));
            rated
                .into_iter()
                .take(most(limit))
                .map(|(_, ticket)| ticket.clone())
                .collect()
        })
    }

    async fn resolved_since(&self, tenant: TenantId, from: Timestamp) -> Result<u64, StoreError> {
        self.read_in(tenant, |own| {
            let tickets = own.tickets.values().map(|stored| &stored.ticket);
            let resolved = tickets.filter(|ticket| {
                matches!(ticket.state.status(), Status::Resolved | Status::Closed)
                    && ticket
                        .state
                        .resolution()
                        .is_some_and(|resolution| resolution.at >= from)
            });
            u64::try_from(resolved.count()).unwrap_or(u64::MAX)
        })
    }

    async fn measures(&self, tenant: TenantId, ticket: TicketId) -> Result<Option<Measures>, StoreError> {
        self.read_in(tenant, |own| {
            own.tickets.get(&ticket).map(|stored| stored.measures.clone())
        })
    }

    async fn alarms_due(&self, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, TicketId)>, StoreError> {
        self.read(|state| {
            let all = state.tenants.iter().flat_map(|(tenant, own)| {
                own.tickets.iter().filter_map(|(ticket, stored)| {
                    let rings = stored.measures.rings_at().filter(|rings| *rings <= now)?;
                    Some((rings, *tenant, *ticket))
                })
            });
            let mut due: Vec<_> = all.collect();
            due.sort_unstable();
            due.into_iter()
                .take(most(limit))
                .map(|(_, tenant, ticket)| (tenant, ticket))
                .collect()
        })
    }

    async fn ratings(&self, tenant: TenantId, ticket: TicketId) -> Result<Vec<Rating>, StoreError> {
        self.read_in(tenant, |own| {
            let of_ticket = own.ratings.iter().filter(|(rated, _)| *rated == ticket);
            of_ticket.map(|(_, rating)| rating.clone()).collect()
        })
    }
}
