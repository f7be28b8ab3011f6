//! The write door.

mod articles;
mod check;
mod erasure;
mod facts;
mod figures;
mod keys;
mod number;
mod questions;
mod visitors;
mod write;

use std::{slice, sync::Arc};

use async_trait::async_trait;
use rusqlite::Connection;
use support_core::{
    change::{Conflict, Outcome, Rejected, SealedChange},
    ports::{CommitStore, StoreError},
};

use self::{facts::Facts, figures::added_to_stored, number::Numbering};
use crate::{SqliteStore, error::Failure};

#[cfg(test)]
pub(crate) use self::{
    articles::STATEMENTS as ARTICLES, erasure::STATEMENTS as ERASURE, facts::STATEMENTS as FACTS,
    figures::STATEMENTS as FIGURES, visitors::STATEMENTS as VISITORS, write::STATEMENTS as WRITES,
};

#[async_trait]
impl CommitStore for SqliteStore {
    async fn commit(&self, batch: &[SealedChange]) -> Result<Vec<Outcome>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let batch = Arc::from(batch);
        match self.commit_together(&batch).await {
            Err(Failure::Concurrent) => Ok(self.commit_one_by_one(&batch).await?),
            outcomes => Ok(outcomes?),
        }
    }

    fn lanes(&self) -> usize {
        1
    }
}

impl SqliteStore {
    /// The batch in one transaction. The number of statements depends on what it holds, not on
    /// how much of it.
    async fn commit_together(&self, batch: &Arc<[SealedChange]>) -> Result<Vec<Outcome>, Failure> {
        let batch = Arc::clone(batch);
        self.write(move |transaction| apply(transaction, &batch)).await
    }

    /// Each change set under a savepoint of its own, so that only the one that met somebody
    /// else's is refused. Still one transaction: an error leaves nothing written.
    async fn commit_one_by_one(&self, batch: &Arc<[SealedChange]>) -> Result<Vec<Outcome>, Failure> {
        let concurrent = || Err(Rejected::Conflict(Conflict::Concurrent));
        if batch.len() == 1 {
            return Ok(vec![concurrent()]);
        }
        let batch = Arc::clone(batch);
        let one_by_one = self.write(move |transaction| {
            let mut outcomes = Vec::with_capacity(batch.len());
            for change in batch.iter() {
                let mut savepoint = transaction.savepoint()?;
                match apply(&savepoint, slice::from_ref(change)) {
                    Ok(outcome) => outcomes.extend(outcome),
                    Err(Failure::Concurrent) => {
                        outcomes.push(concurrent());
                        savepoint.rollback()?;
                    }
                    Err(failure) => return Err(failure),
                }
                savepoint.commit()?;
            }
            Ok(outcomes)
        });
        one_by_one.await
    }
}

/// Checks, numbers and writes, within a transaction.
fn apply(connection: &Connection, batch: &[SealedChange]) -> Result<Vec<Outcome>, Failure> {
    let facts = Facts::load(connection, batch)?;
    let verdicts: Vec<_> = batch.iter().map(|change| facts.check(change.parts())).collect();
    let mut numbering = Numbering::new(facts);
    let mut outcomes = Vec::with_capacity(batch.len());
    for (change, verdict) in batch.iter().zip(verdicts) {
        outcomes.push(match verdict {
            Ok(()) => Ok(numbering.accept(change.parts())?),
            Err(rejected) => Err(rejected),
        });
    }
    if outcomes.iter().any(Result::is_ok) {
        let figures = added_to_stored(connection, numbering.figures())?;
        numbering.finish(figures)?.write(connection)?;
    }
    Ok(outcomes)
}
