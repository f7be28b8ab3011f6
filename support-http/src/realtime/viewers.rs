//! Which agents look at which tickets. Nothing of it is kept: whoever says no more that they look
//! has ceased to, and every node knows what it has heard since it began.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use support_core::{
    model::{AgentId, Side, TYPING_TIMEOUT, TenantId, TicketId, VIEWING_TIMEOUT},
    ports::{BusMessage, Signal},
};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

/// Desks that are shown to look at one ticket, at most.
const MOST_DESKS: usize = 100;
/// Tickets that are known to be looked at, at most: more are nobody's doing but a program's.
const MOST_TICKETS: usize = 100_000;

/// An agent who looks at a ticket, for colleagues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Viewer {
    #[schema(value_type = Uuid)]
    pub(crate) agent_id: AgentId,
    pub(crate) name: String,
    pub(crate) is_typing: bool,
}

/// An open desk that shows a ticket.
#[derive(Debug)]
struct Desk {
    id: Uuid,
    agent: AgentId,
    name: String,
    until: Instant,
    typing_until: Instant,
}

type Place = (TenantId, TicketId);

#[derive(Debug, Default)]
struct State {
    tickets: HashMap<Place, Vec<Desk>>,
    /// When to look after which desk: in order, since all are given the same time.
    deadlines: VecDeque<(Instant, Place, Uuid, Signal)>,
}

/// Everybody who looks at something.
#[derive(Debug, Default)]
pub(crate) struct Viewers(Mutex<State>);

impl Viewers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what an agent does. Answers whether others have to be shown another list.
    pub(crate) fn note(&self, tenant: TenantId, signal: &Signal) -> bool {
        match signal {
            Signal::Viewing {
                ticket,
                desk,
                is_viewing: false,
                ..
            } => self.state().cease((tenant, *ticket), *desk),
            Signal::Viewing { .. } => self.state().look(tenant, signal),
            Signal::Typing {
                ticket,
                side: Side::Agents,
                agent: Some(agent),
                is_typing,
                ..
            } => {
                self.state().type_on((tenant, *ticket), *agent, *is_typing);
                false
            }
            _ => false,
        }
    }

    /// Who looks at a ticket, each once, by name, but `except`.
    pub(crate) fn of(&self, tenant: TenantId, ticket: TicketId, except: AgentId) -> Vec<Viewer> {
        let state = self.state();
        let now = Instant::now();
        let mut viewers: Vec<Viewer> = Vec::new();
        let desks = state.tickets.get(&(tenant, ticket)).into_iter().flatten();
        for desk in desks.filter(|desk| desk.agent != except) {
            let is_typing = desk.typing_until > now;
            match viewers.iter_mut().find(|viewer| viewer.agent_id == desk.agent) {
                Some(known) => known.is_typing |= is_typing,
                None => viewers.push(Viewer {
                    agent_id: desk.agent,
                    name: desk.name.clone(),
                    is_typing,
                }),
            }
        }
        viewers.sort_by(|one, other| (&one.name, one.agent_id).cmp(&(&other.name, other.agent_id)));
        viewers
    }

    /// When to look after those who may have said nothing for too long.
    pub(crate) fn next_lapse(&self) -> Option<Instant> {
        self.state().deadlines.front().map(|(until, ..)| *until)
    }

    /// Those who have said nothing for too long, as if they had said that they ceased.
    pub(crate) fn lapsed(&self) -> Vec<BusMessage> {
        let mut state = self.state();
        let now = Instant::now();
        let mut lapsed = Vec::new();
        while state.deadlines.front().is_some_and(|(until, ..)| *until <= now) {
            let Some((until, place, desk, signal)) = state.deadlines.pop_front() else {
                break;
            };
            let desks = state.tickets.get(&place).into_iter().flatten();
            let is_due = desks.into_iter().any(|known| known.id == desk && known.until == until);
            if is_due {
                lapsed.push(BusMessage::Signal {
                    tenant: place.0,
                    signal,
                });
            }
        }
        lapsed
    }
}

impl State {
    /// Whether this is news.
    fn look(&mut self, tenant: TenantId, signal: &Signal) -> bool {
        let Signal::Viewing {
            ticket,
            number,
            desk,
            agent,
            name,
            assignee,
            department,
            ..
        } = signal
        else {
            return false;
        };
        let place = (tenant, *ticket);
        let now = Instant::now();
        let until = now + VIEWING_TIMEOUT;
        if !self.tickets.contains_key(&place) && self.tickets.len() >= MOST_TICKETS {
            return false;
        }
        let desks = self.tickets.entry(place).or_default();
        let is_full = desks.len() >= MOST_DESKS;
        let was_there = desks.iter().any(|known| known.agent == *agent);
        match desks.iter_mut().find(|known| known.id == *desk) {
            Some(known) => known.until = until,
            None if is_full => return false,
            None => desks.push(Desk {
                id: *desk,
                agent: *agent,
                name: name.clone(),
                until,
                typing_until: now,
            }),
        }
        let ceases = Signal::Viewing {
            ticket: *ticket,
            number: *number,
            desk: *desk,
            agent: *agent,
            name: name.clone(),
            assignee: *assignee,
            department: *department,
            is_viewing: false,
        };
        self.deadlines.push_back((until, place, *desk, ceases));
        !was_there
    }

    /// Whether the agent looks no longer through any desk.
    fn cease(&mut self, place: Place, desk: Uuid) -> bool {
        let Some(desks) = self.tickets.get_mut(&place) else {
            return false;
        };
        let Some(position) = desks.iter().position(|known| known.id == desk) else {
            return false;
        };
        let gone = desks.swap_remove(position);
        let is_news = desks.iter().all(|known| known.agent != gone.agent);
        if desks.is_empty() {
            self.tickets.remove(&place);
        }
        is_news
    }

    fn type_on(&mut self, place: Place, agent: AgentId, is_typing: bool) {
        let now = Instant::now();
        let until = if is_typing { now + TYPING_TIMEOUT } else { now };
        let desks = self.tickets.get_mut(&place).into_iter().flatten();
        for desk in desks.filter(|desk| desk.agent == agent) {
            desk.typing_until = until;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use support_core::{
        model::{AgentId, TenantId, TicketId},
        ports::{BusMessage, Signal},
    };
    use tokio::time::advance;
    use uuid::Uuid;

    use super::Viewers;

    const TENANT: Uuid = Uuid::from_u128(1);
    const MARA: Uuid = Uuid::from_u128(2);
    const JO: Uuid = Uuid::from_u128(3);

    fn viewing(agent: Uuid, desk: u128, is_viewing: bool) -> Signal {
        Signal::Viewing {
            ticket: TicketId::new(Uuid::nil()),
            number: 1,
            desk: Uuid::from_u128(desk),
            agent: AgentId::new(agent),
            name: "Mara".to_owned(),
            assignee: None,
            department: None,
            is_viewing,
        }
    }

    fn seen_by(viewers: &Viewers, agent: Uuid) -> usize {
        let ticket = TicketId::new(Uuid::nil());
        viewers.of(TenantId::new(TENANT), ticket, AgentId::new(agent)).len()
    }

    #[tokio::test(start_paused = true)]
    async fn an_agent_with_two_desks_is_one_viewer_until_the_last_desk_is_closed() {
        let (viewers, tenant) = (Viewers::default(), TenantId::new(TENANT));
        assert!(viewers.note(tenant, &viewing(MARA, 1, true)));
        assert!(!viewers.note(tenant, &viewing(MARA, 2, true)));
        assert_eq!((seen_by(&viewers, JO), seen_by(&viewers, MARA)), (1, 0));
        assert!(!viewers.note(tenant, &viewing(MARA, 1, false)));
        assert!(viewers.note(tenant, &viewing(MARA, 2, false)));
        assert_eq!(seen_by(&viewers, JO), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_no_more_that_they_look_has_ceased_to() {
        let (viewers, tenant) = (Viewers::default(), TenantId::new(TENANT));
        viewers.note(tenant, &viewing(MARA, 1, true));
        advance(Duration::from_secs(40)).await;
        viewers.note(tenant, &viewing(MARA, 1, true));
        advance(Duration::from_secs(40)).await;
        assert_eq!(viewers.lapsed(), [], "it was said again in between");
        advance(Duration::from_secs(6)).await;
        let signal = viewing(MARA, 1, false);
        assert_eq!(viewers.lapsed(), [BusMessage::Signal { tenant, signal }]);
    }
}
