//! Load in a closed loop: each connection does one thing after another.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    Failure,
    options::Plan,
    process::{Used, Watched},
};

/// How long anything may take before the bench gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Something that is done again and again.
pub(crate) trait Work: Send + 'static {
    /// Does it once.
    fn once(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// How often it was done in the measured time.
    pub(crate) count: usize,
    /// The measured time.
    pub(crate) seconds: f64,
    /// How long each took.
    pub(crate) took: Quantiles,
    /// What it cost.
    pub(crate) used: Used,
}

/// Durations in order.
#[derive(Debug, Default)]
pub(crate) struct Quantiles {
    sorted: Vec<Duration>,
}

impl Quantiles {
    pub(crate) fn of(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self { sorted: durations }
    }

    pub(crate) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The duration that this share of all do not pass, in milliseconds.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a count is a count"
    )]
    pub(crate) fn milliseconds(&self, share: f64) -> Option<f64> {
        let last = self.sorted.len().checked_sub(1)?;
        let place = (share * last as f64).round() as usize;
        self.sorted.get(place.min(last)).map(|took| took.as_secs_f64() * 1000.0)
    }
}

/// Lets all work at once: first to warm up, then to be measured.
pub(crate) async fn drive<W: Work>(plan: &Plan, watched: Watched, workers: Vec<W>) -> Result<Measured, Failure> {
    let from = Instant::now() + plan.warm_up;
    let until = from + plan.measured;
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn(repeat(worker, from, until));
    }
    sleep_until(from).await;
    let (before, began) = (watched.used()?, Instant::now());
    sleep_until(until).await;
    let (after, seconds) = (watched.used()?, began.elapsed().as_secs_f64());
    let mut took = Vec::new();
    while let Some(done) = tasks.join_next().await {
        took.extend(done??);
    }
    Ok(Measured {
        count: took.len(),
        seconds,
        took: Quantiles::of(took),
        used: after - before,
    })
}

async fn repeat<W: Work>(mut worker: W, from: Instant, until: Instant) -> Result<Vec<Duration>, Failure> {
    let mut took = Vec::new();
    loop {
        let began = Instant::now();
        if began >= until {
            return Ok(took);
        }
        worker.once().await?;
        let ended = Instant::now();
        if ended >= from && ended <= until {
            took.push(ended - began);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_taken_from_the_sorted_durations() {
        let quantiles = Quantiles::of((0..=100).rev().map(Duration::from_millis).collect());
        assert_eq!(quantiles.milliseconds(0.5), Some(50.0));
        assert_eq!(quantiles.milliseconds(0.99), Some(99.0));
        assert_eq!(Quantiles::default().milliseconds(0.5), None);
    }
}
