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

use std::collections::BTreeSet;

use async_trait::async_trait;
use sqlx::{Connection, PgConnection};
use support_core::{
    change::{Conflict, Outcome, Rejected, SealedChange},
    model::TenantId,
    ports::{CommitStore, StoreError},
};

use self::{
    facts::{Facts, see},
    figures::added_to_stored,
    number::Numbering,
};
use crate::{PostgresStore, error::Failure, named};

#[cfg(test)]
pub(crate) use self::{
    articles::STATEMENTS as ARTICLES, erasure::STATEMENTS as ERASURE, facts::STATEMENTS as FACTS,
    figures::STATEMENTS as FIGURES, visitors::STATEMENTS as VISITORS, write::STATEMENTS as WRITES,
};

/// How often a batch is tried that the database chose to give way.
const ATTEMPTS: usize = 4;

#[async_trait]
impl CommitStore for PostgresStore {
    async fn commit(&self, batch: &[SealedChange]) -> Result<Vec<Outcome>, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.commit_together(batch).await {
                Err(Failure::Outdone(_)) => {}
                Err(Failure::Concurrent) => return Ok(self.commit_one_by_one(batch).await?),
                outcomes => return Ok(outcomes?),
            }
        }
        match self.commit_together(batch).await {
            Err(Failure::Concurrent) => Ok(self.commit_one_by_one(batch).await?),
            outcomes => Ok(outcomes?),
        }
    }

    fn lanes(&self) -> usize {
        self.lanes
    }
}

impl PostgresStore {
    /// The batch in one transaction. The number of statements depends on what it holds, not on
    /// how much of it.
    async fn commit_together(&self, batch: &[SealedChange]) -> Result<Vec<Outcome>, Failure> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.write(&named(tenants(batch))).await?;
        let outcomes = apply(&mut transaction, batch).await?;
        transaction.commit().await?;
        Ok(outcomes)
    }

    /// Each change set under a savepoint of its own, so that only the one that met somebody
    /// else's is refused. Still one transaction: an error leaves nothing written.
    async fn commit_one_by_one(&self, batch: &[SealedChange]) -> Result<Vec<Outcome>, Failure> {
        let concurrent = || Err(Rejected::Conflict(Conflict::Concurrent));
        if batch.len() == 1 {
            return Ok(vec![concurrent()]);
        }
        let mut transaction = self.write(&named(tenants(batch))).await?;
        // Locks all counters in their order, before the change sets come in theirs.
        Facts::load(&mut transaction, batch).await?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for change in batch {
            // What was looked for on behalf of an earlier one may have left only its tenant in sight.
            see(&mut transaction, &named([change.parts().tenant])).await?;
            let mut savepoint = transaction.begin().await?;
            match apply(&mut savepoint, std::slice::from_ref(change)).await {
                Ok(outcome) => {
                    outcomes.extend(outcome);
                    savepoint.commit().await?;
                }
                Err(Failure::Concurrent) => {
                    outcomes.push(concurrent());
                    savepoint.rollback().await?;
                }
                Err(failure) => return Err(failure),
            }
        }
        transaction.commit().await?;
        Ok(outcomes)
    }
}

/// Checks, numbers and writes, within a transaction.
async fn apply(connection: &mut PgConnection, batch: &[SealedChange]) -> Result<Vec<Outcome>, Failure> {
    let facts = Facts::load(connection, batch).await?;
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
        let figures = added_to_stored(connection, numbering.figures()).await?;
        numbering.finish(figures)?.write(connection).await?;
    }
    Ok(outcomes)
}

/// Whose change sets a batch has.
fn tenants(batch: &[SealedChange]) -> BTreeSet<TenantId> {
    batch.iter().map(|change| change.parts().tenant).collect()
}
