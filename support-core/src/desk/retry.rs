//! Deciding again when somebody else was quicker.

use std::{future::Future, time::Duration};

use super::{Desk, DeskError, Scope};
use crate::change::{ChangeSet, Conflict, Receipt, Rejected, Write};

/// How often a use case decides before it gives up.
const TRIES: u32 = 5;

/// What came of committing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Committed {
    /// It was written now.
    Now(Receipt),
    /// It was written before, by the same request.
    Before(Receipt),
}

impl Committed {
    pub(super) const fn receipt(&self) -> &Receipt {
        match self {
            Self::Now(receipt) | Self::Before(receipt) => receipt,
        }
    }
}

/// Why an attempt came to nothing.
pub(super) enum Attempt {
    /// Somebody was quicker: look again.
    Again(Conflict),
    /// Looking again won't help.
    Failed(DeskError),
}

impl<E: Into<DeskError>> From<E> for Attempt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Desk {
    /// Seals and commits one decision. A conflict is [`Attempt::Again`], for
    /// [`decide`](Self::decide) to look anew.
    pub(super) async fn commit(&self, mut change: ChangeSet) -> Result<Committed, Attempt> {
        let tenant = change.tenant();
        if change.concerns_team() {
            change.know_team(self.team(tenant).await?);
        }
        let policy = self.policy(tenant).await?;
        let sealed = change.seal_under(&policy, self.ids());
        let owes = !sealed.parts().deliveries.is_empty();
        let decides_policy = sealed.parts().writes.iter().any(Write::decides_policy);
        match self.committer().commit(sealed).await? {
            Ok(receipt) => {
                if decides_policy {
                    self.forget_policy(tenant);
                    self.teams().forget(&tenant);
                }
                if owes {
                    self.tell_owed();
                }
                Ok(Committed::Now(receipt))
            }
            Err(Rejected::Duplicate(receipt)) => Ok(Committed::Before(receipt)),
            Err(Rejected::Conflict(conflict)) => Err(Attempt::Again(conflict)),
        }
    }

    /// Reads, decides and commits by `attempt`, again when somebody else was quicker, up to five
    /// times with a short random pause in between.
    pub(super) async fn decide<T, F>(&self, scope: &Scope, mut attempt: impl FnMut() -> F) -> Result<T, DeskError>
    where
        F: Future<Output = Result<T, Attempt>>,
    {
        let mut tries = 0;
        loop {
            match attempt().await {
                Ok(done) => return Ok(done),
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::Again(conflict)) => {
                    tries += 1;
                    // A name that is taken stays taken; only looking, not trying, tells by whom.
                    if tries >= TRIES || matches!(conflict, Conflict::Taken(_) | Conflict::LastAdmin(_)) {
                        tracing::debug!(tenant = %scope.tenant(), conflict = conflict.name(), tries, "gave up deciding");
                        return Err(conflict.into());
                    }
                    tokio::time::sleep(self.pause(tries)).await;
                }
            }
        }
    }

    /// Goes through with what has begun even if whoever asked for it goes away: for work whose
    /// second half nobody would find again.
    pub(super) async fn see_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DeskError>> + Send + 'static,
    ) -> Result<T, DeskError> {
        tokio::spawn(work)
            .await
            .map_err(|error| DeskError::Internal(error.to_string()))?
    }

    /// Up to 4 ms after the first try, up to 32 ms after the fourth, by the dice.
    fn pause(&self, tries: u32) -> Duration {
        let dice = u64::from(self.ids().uuid().as_bytes().last().copied().unwrap_or_default());
        Duration::from_micros((dice * 2_000 / 256) << tries.min(4))
    }
}
