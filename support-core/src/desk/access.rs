//! Who looked at what: told in the journal, which admins read.

use std::time::Duration;

use super::{Desk, DeskError, Scope, recent::Recent};
use crate::{
    change::{ChangeSet, RequestKey},
    model::{Actor, EventBody, Secret, SecretHash},
};

/// Within such a time somebody who looks at the same thing again is not told of again.
const TOLD_AGAIN_AFTER: Duration = Duration::from_secs(60 * 60);
const ACCESSES: usize = 16_384;

/// What was told of a moment ago, so that looking again costs nothing.
#[derive(Debug)]
pub(super) struct Accesses(Recent<SecretHash, ()>);

impl Default for Accesses {
    fn default() -> Self {
        Self(Recent::new(ACCESSES, TOLD_AGAIN_AFTER))
    }
}

impl Desk {
    /// Tells that an agent, or the software in an operator's hands, looked at something of
    /// somebody's. Whose it is themselves is not told of, nor are servers and bots, who look all the time.
    ///
    /// # Errors
    /// [`DeskError`] when it can't be written: then nothing is to be shown.
    pub(super) async fn note_access(&self, scope: &Scope, body: EventBody) -> Result<(), DeskError> {
        let is_handed_out = matches!(body, EventBody::CustomerExported { .. });
        let is_told = match scope.actor() {
            Actor::Agent(_) => true,
            Actor::ApiKey { .. } | Actor::System => is_handed_out,
            _ => false,
        };
        if !is_told {
            return Ok(());
        }
        let now = self.now();
        let hour = i64::try_from(TOLD_AGAIN_AFTER.as_millis()).unwrap_or(i64::MAX);
        let slot = now.millis().div_euclid(hour);
        let key = format!("access {} {:?} {body:?} {slot}", scope.tenant(), scope.actor_ref());
        let key = Secret::presented(key).hash();
        if self.accesses().0.recall(&key).is_some() {
            return Ok(());
        }
        let request = RequestKey {
            key: key.clone(),
            fingerprint: key.clone(),
        };
        // Once on all nodes together.
        let once = Scope::new(scope.tenant(), scope.actor().clone()).once(request);
        let mut change = ChangeSet::new(&once, now);
        change.tell_access(body);
        self.decide(&once, || self.commit(change.clone())).await?;
        self.accesses().0.remember(key, ());
        Ok(())
    }
}
