//! Group commit: whoever waits is committed together, and nobody waits for company.
//!
//! While a lane's batch is on its way to disk, what comes in queues up; the next batch takes all
//! of it, up to a maximum. A tenant always uses the same lane, so its own commits keep their order.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use super::{DeskError, Feed};
use crate::{
    change::{Footprint, Outcome, SealedChange},
    model::TenantId,
    ports::{CommitStore, StoreError},
};

/// How much a lane takes at once, and how much may wait for it.
#[derive(Debug, Clone, Copy)]
pub struct CommitterSettings {
    /// Change sets in one transaction, at most.
    pub max_batch: usize,
    /// Change sets that may wait for one lane; more are refused at once.
    pub queue: usize,
}

impl Default for CommitterSettings {
    fn default() -> Self {
        Self {
            max_batch: 256,
            queue: 4_096,
        }
    }
}

struct Job {
    change: SealedChange,
    footprint: Footprint,
    reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

#[derive(Debug)]
pub(super) struct Committer {
    lanes: Vec<mpsc::Sender<Job>>,
}

impl Committer {
    /// Starts the lanes that the store can use. They end when the committer is dropped.
    pub(super) fn start(store: &Arc<dyn CommitStore>, feed: &Feed, settings: CommitterSettings) -> Self {
        let lanes = (0..store.lanes().max(1))
            .map(|_| {
                let (sender, receiver) = mpsc::channel(settings.queue);
                let lane = Lane {
                    store: Arc::clone(store),
                    feed: feed.clone(),
                    max_batch: settings.max_batch.max(1),
                };
                tokio::spawn(lane.run(receiver));
                sender
            })
            .collect();
        Self { lanes }
    }

    /// Commits one change set, together with whatever else waits. Once it is queued it is
    /// committed, even if the caller goes away.
    pub(super) async fn commit(&self, change: SealedChange) -> Result<Outcome, DeskError> {
        let lane = self.lane_of(change.parts().tenant)?;
        let (reply, answer) = oneshot::channel();
        let job = Job {
            footprint: change.footprint(),
            change,
            reply,
        };
        lane.try_send(job).map_err(|_| DeskError::Unavailable {
            retry_after: Duration::from_secs(1),
        })?;
        match answer.await {
            Ok(result) => result.map_err(DeskError::from),
            Err(_) => Err(DeskError::Internal("the committer stopped".to_owned())),
        }
    }

    fn lane_of(&self, tenant: TenantId) -> Result<&mpsc::Sender<Job>, DeskError> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(tenant);
        let lanes = u64::try_from(self.lanes.len()).unwrap_or(1).max(1);
        let lane = usize::try_from(hash % lanes).unwrap_or(0);
        self.lanes
            .get(lane)
            .ok_or_else(|| DeskError::Internal("there is no lane".to_owned()))
    }
}

struct Lane {
    store: Arc<dyn CommitStore>,
    feed: Feed,
    max_batch: usize,
}

impl Lane {
    async fn run(self, mut queue: mpsc::Receiver<Job>) {
        let mut waiting: VecDeque<Job> = VecDeque::new();
        loop {
            if waiting.is_empty() {
                match queue.recv().await {
                    Some(job) => waiting.push_back(job),
                    None => return,
                }
            }
            while waiting.len() < self.max_batch {
                match queue.try_recv() {
                    Ok(job) => waiting.push_back(job),
                    Err(_) => break,
                }
            }
            let batch = take_batch(&mut waiting);
            self.commit(batch).await;
        }
    }

    async fn commit(&self, batch: Vec<Job>) {
        let (changes, replies): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.change, job.reply)).unzip();
        let results = match self.store.commit(&changes).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(StoreError::Unavailable(reason)) => changes
                .iter()
                .map(|_| Err(StoreError::Unavailable(reason.clone())))
                .collect(),
            Err(error) if changes.len() == 1 => vec![Err(error)],
            Err(_) => self.commit_one_by_one(&changes).await,
        };
        let mut ends = HashMap::new();
        for ((change, reply), result) in changes.iter().zip(replies).zip(results) {
            if let Ok(Ok(receipt)) = &result {
                let tenant = change.parts().tenant;
                self.feed.publish(tenant, || change.events(receipt));
                // A change set without events ends nowhere, whatever came before it.
                let end: &mut u64 = ends.entry(tenant).or_default();
                *end = change.last_event(receipt).max(*end);
            }
            // Nobody may be waiting any more; what is committed stays so.
            drop(reply.send(result));
        }
        self.feed.hint_others(ends);
    }

    /// A batch failed for no fault of the store's availability: let only the culprit fail.
    async fn commit_one_by_one(&self, changes: &[SealedChange]) -> Vec<Result<Outcome, StoreError>> {
        let mut results = Vec::with_capacity(changes.len());
        for change in changes {
            let result = self.store.commit(std::slice::from_ref(change)).await;
            results.push(result.and_then(|outcomes| {
                outcomes
                    .into_iter()
                    .next()
                    .ok_or_else(|| StoreError::Failed("the store gave no outcome".to_owned()))
            }));
        }
        results
    }
}

/// Takes what can go together; what meets an earlier write of the batch stays for the next.
fn take_batch(waiting: &mut VecDeque<Job>) -> Vec<Job> {
    let mut written = HashSet::new();
    let mut batch = Vec::with_capacity(waiting.len());
    let mut left = VecDeque::new();
    for job in waiting.drain(..) {
        if job.footprint.meets(&written) {
            left.push_back(job);
        } else {
            written.extend(job.footprint.writes.iter().cloned());
            batch.push(job);
        }
    }
    *waiting = left;
    batch
}
