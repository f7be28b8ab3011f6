//! Who changed and who read what, newest first, for admins.

use super::{Desk, DeskError, Scope, lookup::require};
use crate::{
    model::{Event, Role, TenantId, Timestamp},
    ports::EventFilter,
};

/// Which part of the journal is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only what came before this entry.
    pub before: Option<u64>,
    /// What happened then or later.
    pub from: Option<Timestamp>,
    /// What happened before.
    pub to: Option<Timestamp>,
    /// The most entries that are found.
    pub limit: usize,
}

/// What was found, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// The entries.
    pub entries: Vec<Event>,
    /// What to ask for as `before` to go on; none at the journal's beginning.
    pub next: Option<u64>,
}

/// Entries read at once.
const AT_ONCE: u32 = 500;
/// After how many entries the rest is left for another call.
const MOST_LOOKED_AT: u64 = 10_000;

impl Desk {
    /// The entries of the journal that `is_wanted`, newest first. Looks through so much of it at
    /// most: what was found may be less than was asked for, though there is more.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins.
    pub async fn audit(
        &self,
        scope: &Scope,
        query: AuditQuery,
        is_wanted: impl Fn(&Event) -> bool + Send + Sync,
    ) -> Result<Audited, DeskError> {
        require(scope, Role::Admin)?;
        let tenant = scope.tenant();
        let mut entries = Vec::new();
        let mut end = self.end_of_audit(tenant, query).await?;
        let first = end.saturating_sub(MOST_LOOKED_AT);
        while end > first {
            let start = end.saturating_sub(u64::from(AT_ONCE)).max(first);
            let part = self.journal_between(tenant, start, end).await?;
            let is_older = |event: &Event| query.from.is_some_and(|from| event.at < from);
            let is_last = part.last().is_none_or(is_older);
            for event in part.into_iter().rev() {
                let seq = event.seq;
                let is_in_time = !is_older(&event) && query.to.is_none_or(|to| event.at < to);
                if is_in_time && is_wanted(&event) {
                    entries.push(event);
                }
                if entries.len() >= query.limit {
                    let next = Some(seq).filter(|seq| *seq > 1);
                    return Ok(Audited { entries, next });
                }
            }
            if is_last {
                return Ok(Audited { entries, next: None });
            }
            end = start;
        }
        let next = Some(end.saturating_add(1)).filter(|_| end > 0);
        Ok(Audited { entries, next })
    }

    /// The last entry that may be among them.
    async fn end_of_audit(&self, tenant: TenantId, query: AuditQuery) -> Result<u64, DeskError> {
        let last = self.stores().events.last_event(tenant).await?;
        let mut end = query.before.map_or(last, |before| before.saturating_sub(1).min(last));
        let (Some(to), None) = (query.to, query.before) else {
            return Ok(end);
        };
        // Entries come in order of time but for those of one moment on several nodes, which a part
        // of the journal more makes up for.
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low.midpoint(high);
            let found = self.journal_between(tenant, middle, middle.saturating_add(1)).await?;
            if found.first().is_some_and(|event| event.at < to) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        end = end.min(low.saturating_add(u64::from(AT_ONCE)));
        Ok(end)
    }

    /// The entries after one up to another.
    async fn journal_between(&self, tenant: TenantId, after: u64, to: u64) -> Result<Vec<Event>, DeskError> {
        let limit = u32::try_from(to.saturating_sub(after)).unwrap_or(AT_ONCE);
        let everything = EventFilter::default();
        Ok(self.stores().events.events(tenant, after, &everything, limit).await?)
    }
}
