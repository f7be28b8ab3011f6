//! Sending what is owed.
//!
//! Every node runs it; leases see to it that each delivery has one sender at a time. What is
//! wrong with one lane (a tenant's mail server that hangs) holds up no other one.

mod gates;
mod places;

use std::{
    collections::{HashMap, HashSet},
    future::{Future, ready},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::broadcast::error::RecvError,
    task::{Id, JoinError, JoinSet},
    time::Instant,
};

use self::{
    gates::{Gate, GateKey, Gates},
    places::{Place, Places},
};
use crate::{
    desk::{Attempted, Desk, DeskError, PAUSE_PROBE, Way},
    model::{Channel, Timestamp},
    ports::{BusMessage, Lane, Leased, Settled, Signal},
};

/// How often it is looked for what is due, and for what other nodes owe.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// Lanes looked at in one round.
const LANES_AT_ONCE: u32 = 10_000;

/// How many sends of one lane, or to one webhook, may be under way at once.
const fn width(channel: Channel) -> usize {
    match channel {
        Channel::Email => 16,
        Channel::Webhook => 32,
        Channel::Bot => 64,
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
        for lane in worker.lanes_due().await {
            tokio::select! {
                biased;
                () = &mut shutdown => return worker.finish().await,
                () = ready(()) => {}
            }
            if worker.start(lane, usize::MAX).await == Round::Broken {
                break;
            }
            worker.note_what_has_ended().await;
        }
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

/// Whether it makes sense to look at the next lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    GoesOn,
    /// The store is away, and would keep every lane waiting.
    Broken,
}

struct Worker {
    desk: Desk,
    gates: Gates,
    places: Places,
    sends: JoinSet<Result<Attempted, DeskError>>,
    under_way: HashMap<Id, (GateKey, Place)>,
}

impl Worker {
    fn new(desk: Desk) -> Self {
        Self {
            gates: Gates::new(desk.outbound_settings().retries.clone()),
            desk,
            places: Places::default(),
            sends: JoinSet::new(),
            under_way: HashMap::new(),
        }
    }

    async fn lanes_due(&mut self) -> Vec<Lane> {
        let now = self.desk.now();
        match self.desk.stores().deliveries.lanes_due(now, LANES_AT_ONCE).await {
            Ok(lanes) => {
                let due: HashSet<_> = lanes.iter().copied().collect();
                self.gates.forget_all_but(&due, now);
                lanes
            }
            Err(error) => {
                tracing::warn!(%error, "what is owed could not be looked for and will be again");
                Vec::new()
            }
        }
    }

    /// Takes what there is room for in a lane, so many at most, and sends it.
    async fn start(&mut self, lane: Lane, most: usize) -> Round {
        match self.try_start(lane, most).await {
            Ok(()) => Round::GoesOn,
            Err(error) => {
                tracing::warn!(tenant = %lane.tenant, %error, "nothing could be taken and will be tried again");
                match error {
                    DeskError::Unavailable { .. } => Round::Broken,
                    _ => Round::GoesOn,
                }
            }
        }
    }

    async fn try_start(&mut self, lane: Lane, most: usize) -> Result<(), DeskError> {
        let now = self.desk.now();
        let room = self.gates.room(&GateKey::of_lane(lane), now).min(most);
        if room == 0 {
            return Ok(());
        }
        let Way { account, pause } = self.desk.way_of(lane).await?;
        let place = Place::new(lane.channel, account);
        let room = match pause {
            None => room.min(self.places.share(&place)),
            Some(pause) => usize::from(self.gates.probe(lane, pause.since, PAUSE_PROBE, now)),
        };
        let Ok(limit @ 1..) = u32::try_from(room) else {
            return Ok(());
        };
        let lease = self.desk.lease_of(lane.channel);
        let held_until = Instant::now() + lease;
        let claimed = self.desk.stores().deliveries.claim(lane, now, lease, limit).await?;
        for leased in claimed {
            self.send(lane, &place, leased, held_until, now);
        }
        Ok(())
    }

    fn send(&mut self, lane: Lane, place: &Place, leased: Leased, held_until: Instant, now: Timestamp) {
        let key = GateKey::of(lane, &leased.delivery);
        if let Gate::Shut { until } = self.gates.enter(&key, now) {
            // Others' deliveries of the lane are not to wait for it. Should it fail, it comes back
            // with its lease.
            let queue = Arc::clone(&self.desk.stores().deliveries);
            self.sends.spawn(async move {
                queue.settle(leased.lease, Settled::Postponed { until }).await?;
                Ok(Attempted::Nothing)
            });
            return;
        }
        self.places.take(place);
        let desk = self.desk.clone();
        let sending = self.sends.spawn(async move { desk.attempt(leased, held_until).await });
        self.under_way.insert(sending.id(), (key, place.clone()));
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
        let Some((key, place)) = self.under_way.remove(&id) else {
            return;
        };
        self.places.leave(&place);
        let lane = key.lane();
        self.gates.leave(&key, attempted, self.desk.now());
        // Taking many at once is cheaper than one after the other; more than its webhook has room
        // for would only be put back.
        if self.gates.under_way(&key) * 2 <= key.width() {
            self.start(lane, key.width()).await;
        }
    }

    /// A round through many lanes takes its time: what ends meanwhile makes room.
    async fn note_what_has_ended(&mut self) {
        for _ in 0..self.sends.len() {
            let Some(ended) = self.sends.try_join_next_with_id() else {
                return;
            };
            self.ended(ended).await;
        }
    }

    fn answer(&self, message: &BusMessage) {
        if let BusMessage::Signal {
            tenant,
            signal:
                Signal::AskConnected {
                    ticket,
                    customer,
                    question,
                },
        } = *message
        {
            let desk = self.desk.clone();
            tokio::spawn(async move { desk.answer_connected(tenant, ticket, customer, question).await });
        }
    }

    async fn finish(mut self) {
        while self.sends.join_next().await.is_some() {}
    }
}
