//! Sending what is owed.
//!
//! Every node runs it; leases see to it that each delivery has one sender at a time. What is
//! wrong with one lane (a tenant's mail server that hangs) holds up no other one.

mod gates;

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    pin::pin,
    time::Duration,
};

use tokio::{
    sync::broadcast::error::RecvError,
    task::{Id, JoinError, JoinSet},
};

use self::gates::{Gate, GateKey, Gates};
use crate::{
    desk::{Attempted, Desk, DeskError, PAUSE_PROBE},
    model::{Channel, Timestamp},
    ports::{BusMessage, Lane, Leased, Settled, Signal},
};

/// How long a delivery is held while it is being sent.
const LEASE: Duration = Duration::from_secs(60);
/// How often it is looked for what is due, and for what other nodes owe.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// Lanes looked at in one round.
const LANES_AT_ONCE: u32 = 1_000;
/// Sends under way on one node, which bounds its memory whatever the queue's length.
const SENDS_AT_ONCE: usize = 512;

/// How many sends of one lane, or to one webhook, may be under way at once.
const fn width(channel: Channel) -> usize {
    match channel {
        Channel::Email => 16,
        Channel::Webhook => 32,
        Channel::Messenger => 8,
        Channel::Telegram | Channel::Sms => 4,
    }
}

/// Sends what is owed until `shutdown` is done, then lets end what is under way.
pub async fn run_deliveries(desk: Desk, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    let mut worker = Worker::new(desk);
    let mut signals = worker.desk.bus().subscribe();
    loop {
        worker.start_what_is_due().await;
        let mut look = pin!(tokio::time::sleep(LOOK_INTERVAL));
        loop {
            tokio::select! {
                () = &mut shutdown => return worker.finish().await,
                () = worker.desk.something_is_owed() => break,
                () = &mut look => break,
                Some(ended) = worker.sends.join_next_with_id() => worker.ended(ended).await,
                signal = signals.recv() => match signal {
                    Ok(message) => worker.answer(&message),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => signals = worker.desk.bus().subscribe(),
                },
            }
        }
    }
}

struct Worker {
    desk: Desk,
    gates: Gates,
    sends: JoinSet<Result<Attempted, DeskError>>,
    under_way: HashMap<Id, GateKey>,
}

impl Worker {
    fn new(desk: Desk) -> Self {
        Self {
            gates: Gates::new(desk.outbound_settings().retries.clone()),
            desk,
            sends: JoinSet::new(),
            under_way: HashMap::new(),
        }
    }

    async fn start_what_is_due(&mut self) {
        let now = self.desk.now();
        match self.desk.stores().deliveries.lanes_due(now, LANES_AT_ONCE).await {
            Ok(lanes) => {
                self.gates
                    .forget_all_but(&lanes.iter().copied().collect::<HashSet<_>>(), now);
                for lane in lanes {
                    self.start(lane).await;
                }
            }
            Err(error) => tracing::warn!(%error, "what is owed could not be looked for and will be again"),
        }
    }

    /// Takes what there is room for in a lane, and sends it.
    async fn start(&mut self, lane: Lane) {
        let now = self.desk.now();
        let room = SENDS_AT_ONCE.saturating_sub(self.sends.len());
        let room = room.min(self.gates.room(&GateKey::of_lane(lane), now));
        let Ok(limit @ 1..) = u32::try_from(room) else {
            return;
        };
        let limit = match self.desk.is_paused(lane).await {
            Ok(None) => limit,
            Ok(Some(pause)) => match self.gates.probe(lane, pause.since, PAUSE_PROBE, now) {
                true => 1,
                false => return,
            },
            Err(error) => return tracing::warn!(tenant = %lane.tenant, %error, "a lane could not be looked at"),
        };
        match self.desk.stores().deliveries.claim(lane, now, LEASE, limit).await {
            Ok(claimed) => {
                for leased in claimed {
                    self.send(lane, leased, now).await;
                }
            }
            Err(error) => {
                tracing::warn!(tenant = %lane.tenant, %error, "nothing could be taken and will be tried again");
            }
        }
    }

    async fn send(&mut self, lane: Lane, leased: Leased, now: Timestamp) {
        let key = GateKey::of(lane, &leased.delivery);
        if let Gate::Shut { until } = self.gates.enter(&key, now) {
            // Others' deliveries of the lane are not to wait for it.
            let postponed = Settled::Postponed { until };
            if let Err(error) = self.desk.stores().deliveries.settle(leased.lease, postponed).await {
                tracing::debug!(%error, "a delivery could not be put back and comes back with its lease");
            }
            return;
        }
        let desk = self.desk.clone();
        let sending = self.sends.spawn(async move { desk.attempt(leased).await });
        self.under_way.insert(sending.id(), key);
    }

    async fn ended(&mut self, ended: Result<(Id, Result<Attempted, DeskError>), JoinError>) {
        let (id, attempted) = match ended {
            Ok((id, Ok(attempted))) => (id, attempted),
            Ok((id, Err(error))) => {
                tracing::warn!(%error, "a delivery could not be settled and will be offered again");
                (id, Attempted::Nothing)
            }
            Err(error) => {
                tracing::error!(%error, "sending a delivery failed; it comes back with its lease");
                (error.id(), Attempted::Nothing)
            }
        };
        let Some(key) = self.under_way.remove(&id) else {
            return;
        };
        let lane = key.lane();
        self.gates.leave(&key, attempted, self.desk.now());
        // Taking many at once is cheaper than one after the other.
        if self.gates.under_way(lane) * 2 <= width(lane.channel) {
            self.start(lane).await;
        }
    }

    fn answer(&self, message: &BusMessage) {
        if let BusMessage::Signal {
            tenant,
            signal: Signal::AskConnected { ticket, question },
        } = *message
        {
            let desk = self.desk.clone();
            tokio::spawn(async move { desk.answer_connected(tenant, ticket, question).await });
        }
    }

    async fn finish(mut self) {
        while self.sends.join_next().await.is_some() {}
    }
}
