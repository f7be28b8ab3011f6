//! Finding what time has brought: agents who fell silent, tickets that wait, keys that expired.

use std::{future::Future, time::Duration};

use tokio::time::MissedTickBehavior;

use crate::{
    desk::{Desk, DeskError},
    model::LOGIN_LOCKOUT,
};

/// How often presence is looked at: a tenth of the shortest sensible timeout.
const PRESENCE_INTERVAL: Duration = Duration::from_secs(2);
/// How often tickets are looked for that nobody took up: a fraction of the shortest time for it.
const ACCEPTANCE_INTERVAL: Duration = Duration::from_secs(1);
/// How often promises about time are looked at.
const SLA_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked for what a bot has had for too long.
const HOLDS_INTERVAL: Duration = Duration::from_secs(1);
/// How often callbacks are looked at that are near or overdue.
const CALLBACKS_INTERVAL: Duration = Duration::from_secs(10);
/// How often files are looked for that no message carries.
const FILES_INTERVAL: Duration = Duration::from_secs(60);
/// How often it is looked for people and conversations that are to be forgotten.
const PRIVACY_INTERVAL: Duration = Duration::from_secs(30);
/// Conversations of one tenant that are forgotten before it is another one's turn.
const FORGOTTEN_OF_A_TENANT: u32 = 100;
/// How often what has expired is forgotten.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How long an answer is kept for a request that comes again.
const REQUESTS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long what was sent can be looked at.
const SENT_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Rows of each kind forgotten in one go, so that no commit has to wait long.
const FORGOTTEN_AT_ONCE: u32 = 1_000;
/// After how many goes the rest is left for the next time.
const ROUNDS_OF_FORGETTING: u32 = 100;

/// Sweeps until `shutdown` is done. A round that fails is logged and the next one tries again.
pub async fn run_sweeps(desk: Desk, shutdown: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown => {}
        () = sweep(&desk) => {}
        () = forget(&desk) => {}
    }
}

/// What is to be forgotten is looked at beside everything else: it may take long.
async fn forget(desk: &Desk) {
    let mut rounds = every(PRIVACY_INTERVAL);
    loop {
        rounds.tick().await;
        if let Err(error) = forget_people(desk).await {
            tracing::warn!(%error, "what is to be forgotten is not yet, and will be again looked at");
        }
    }
}

async fn forget_people(desk: &Desk) -> Result<(), DeskError> {
    desk.finish_erasures().await?;
    while desk.apply_retention(FORGOTTEN_OF_A_TENANT).await? > 0 {}
    Ok(())
}

async fn sweep(desk: &Desk) {
    let mut presence = every(PRESENCE_INTERVAL);
    let mut acceptance = every(ACCEPTANCE_INTERVAL);
    let mut sla = every(SLA_INTERVAL);
    let mut holds = every(HOLDS_INTERVAL);
    let mut callbacks = every(CALLBACKS_INTERVAL);
    let mut files = every(FILES_INTERVAL);
    let mut upkeep = every(UPKEEP_INTERVAL);
    loop {
        let swept = tokio::select! {
            _ = presence.tick() => desk.sweep_presence().await,
            _ = acceptance.tick() => desk.sweep_acceptance().await,
            _ = sla.tick() => desk.sweep_sla().await.map(drop),
            _ = holds.tick(), if desk.has_responder() => desk.sweep_holds().await,
            _ = callbacks.tick() => desk.sweep_callbacks().await,
            _ = files.tick() => desk.sweep_files().await,
            _ = upkeep.tick() => keep_up(desk).await,
        };
        if let Err(error) = swept {
            tracing::warn!(%error, "a sweep failed and will be tried again");
        }
    }
}

fn every(interval: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn keep_up(desk: &Desk) -> Result<(), DeskError> {
    forget_expired(desk).await?;
    // What a bot had that is no more.
    desk.sweep_holds().await
}

async fn forget_expired(desk: &Desk) -> Result<(), DeskError> {
    let now = desk.now();
    for _ in 0..ROUNDS_OF_FORGETTING {
        let forgotten = desk.stores().upkeep.forget_expired(
            now,
            now.minus(REQUESTS_KEPT),
            now.minus(LOGIN_LOCKOUT),
            now.minus(SENT_KEPT),
            FORGOTTEN_AT_ONCE,
        );
        if forgotten.await? < u64::from(FORGOTTEN_AT_ONCE) {
            break;
        }
    }
    Ok(())
}
