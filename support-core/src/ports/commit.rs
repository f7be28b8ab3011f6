//! The write door.

use async_trait::async_trait;

use crate::change::{Outcome, SealedChange};

/// Why a store could not do its work. Says nothing that a client may see.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store can't be reached, or is too busy, for now. Nothing is known to have been written.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// What is stored can't be understood.
    #[error("stored data is inconsistent in {table}: {problem}")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// What.
        problem: String,
    },
    /// Anything else. A batch that ends so is tried one by one, so that only the culprit fails.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// The write door: nothing is written but through it.
#[cfg_attr(any(test, feature = "testing"), mockall::automock)]
#[async_trait]
pub trait CommitStore: Send + Sync {
    /// Commits a batch in one durable transaction and answers each change set at its position.
    ///
    /// In this order: lock the counters of the batch's tenants, in order of id (an adapter for
    /// one process may lock all); find repeated requests ([`Rejected::Duplicate`] with the stored
    /// receipt) and repeated client ids (a receipt with the first message's id and `seq`); check
    /// all expectations against what was there before the batch; write those that passed,
    /// numbering tickets, messages and events in the batch's order; commit; answer. A rejected
    /// change set leaves no trace and its neighbours commit.
    ///
    /// The caller has seen to it that no change set touches what an earlier one of the batch
    /// writes ([`Footprint`]), so checks need not look at the batch itself, except that several
    /// may append to one ticket.
    ///
    /// What a change set writes to must be there: a tenant or ticket that isn't, or is another
    /// tenant's, is [`Conflict::Changed`] of that record.
    ///
    /// A repeated client id is one that the same sender kind and sender id used before in the
    /// same ticket.
    ///
    /// [`Rejected::Duplicate`]: crate::change::Rejected::Duplicate
    /// [`Footprint`]: crate::change::Footprint
    /// [`Conflict::Changed`]: crate::change::Conflict::Changed
    ///
    /// # Errors
    /// [`StoreError`]: nothing of the batch is known to have been written.
    async fn commit(&self, batch: &[SealedChange]) -> Result<Vec<Outcome>, StoreError>;

    /// How many batches of different tenants it can usefully commit at the same time.
    fn lanes(&self) -> usize {
        1
    }
}
