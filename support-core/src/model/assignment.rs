//! Which agent gets a ticket.

use std::cmp::Ordering;

use super::{Agent, AgentId, Availability, Calendars, DepartmentId, Ticket, Timestamp, counts_as_somebody};

/// An agent as the choice sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: Agent,
    /// Whether they count as there.
    pub is_online: bool,
    /// How many tickets they have assigned or pending.
    pub open_tickets: u32,
    /// When they were last given one.
    pub last_assigned_at: Option<Timestamp>,
}

/// What a ticket asks of the agent who gets it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The team it is for; any agent will do when none is named.
    pub department: Option<DepartmentId>,
    /// Skills all of which are needed.
    pub skills: Vec<String>,
    /// Languages that would be welcome, as BCP 47 tags.
    pub languages: Vec<String>,
    /// Who let it pass and is not asked again.
    pub passed_over: Vec<AgentId>,
}

impl Wanted {
    /// What a ticket asks.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            department: ticket.department,
            skills: ticket.required_skills.clone(),
            languages: ticket.languages.clone(),
            passed_over: ticket.passed_over.clone(),
        }
    }
}

impl Candidate {
    /// Whether this agent could be given such a ticket right now.
    #[must_use]
    pub fn can_take(&self, wanted: &Wanted) -> bool {
        self.agent.is_active
            && self.is_online
            && self.agent.availability == Availability::Available
            && self.open_tickets < self.agent.max_concurrent_tickets
            && works_for(&self.agent, wanted.department)
            && wanted.skills.iter().all(|skill| self.agent.skills.contains(skill))
            && !wanted.passed_over.contains(&self.agent.id)
    }

    /// Whether customers of `department` may be told within office hours that somebody is there
    /// because of them.
    #[must_use]
    pub fn is_somebody_for(&self, department: Option<DepartmentId>) -> bool {
        self.agent.is_active
            && counts_as_somebody(self.is_online, self.agent.availability)
            && works_for(&self.agent, department)
    }

    fn preferred(&self, other: &Self, wanted: &Wanted) -> Ordering {
        let languages = |candidate: &Self| common_languages(&candidate.agent.languages, &wanted.languages);
        languages(other)
            .cmp(&languages(self))
            .then_with(|| self.load_against(other))
            .then_with(|| self.last_assigned_at.cmp(&other.last_assigned_at))
            .then_with(|| self.agent.id.cmp(&other.agent.id))
    }

    /// Compares open tickets relative to capacity exactly, by cross multiplication.
    fn load_against(&self, other: &Self) -> Ordering {
        let own = u64::from(self.open_tickets) * u64::from(other.agent.max_concurrent_tickets);
        let others = u64::from(other.open_tickets) * u64::from(self.agent.max_concurrent_tickets);
        own.cmp(&others)
    }
}

/// How many of the wanted languages are spoken at all, and how many of them to the letter of the
/// tag: whoever speaks `en-GB` can answer in `en-US`, but of two who can, one may be at home in it.
fn common_languages(spoken: &[String], wanted: &[String]) -> (usize, usize) {
    let is_spoken = |language: &&String| spoken.iter().any(|own| primary_subtag(own) == primary_subtag(language));
    let is_spoken_exactly = |language: &&String| spoken.iter().any(|own| own.eq_ignore_ascii_case(language));
    (
        wanted.iter().filter(is_spoken).count(),
        wanted.iter().filter(is_spoken_exactly).count(),
    )
}

/// The language itself, without script, region and what else narrows it (RFC 5646 §2.2.1).
fn primary_subtag(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Whether `agent` is of the team, or no team is asked for.
#[must_use]
pub fn works_for(agent: &Agent, department: Option<DepartmentId>) -> bool {
    department.is_none_or(|department| agent.departments.contains(&department))
}

/// Chooses who gets a ticket: among those who can take it, most matching languages (of equally
/// many those to the letter of the tag), then the fewest open tickets relative to capacity, then the longest since the last assignment, then
/// the lowest id.
#[must_use]
pub fn choose<'a>(candidates: &'a [Candidate], wanted: &Wanted) -> Option<&'a Candidate> {
    candidates
        .iter()
        .filter(|candidate| candidate.can_take(wanted))
        .min_by(|first, second| first.preferred(second, wanted))
}

/// All who could be given such a ticket, in the order in which [`choose`] would take them.
#[must_use]
pub fn in_order<'a>(candidates: &'a [Candidate], wanted: &Wanted) -> Vec<&'a Candidate> {
    let mut able: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| candidate.can_take(wanted))
        .collect();
    able.sort_by(|first, second| first.preferred(second, wanted));
    able
}

/// Whether customers of `department` may be told that somebody is there: within office hours, and
/// because of one of the agents.
#[must_use]
pub fn somebody_is_online(
    candidates: &[Candidate],
    department: Option<DepartmentId>,
    calendars: &Calendars,
    at: Timestamp,
) -> bool {
    candidates.iter().any(|candidate| candidate.is_somebody_for(department)) && calendars.of(department).is_open(at)
}
