//! All live connections of the process. One task a tenant carries the feed to them; one more
//! carries signals and lets typing lapse.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use futures::{StreamExt, stream};
use support_core::{
    desk::{Connected, Desk, DeskError, Subscription},
    model::{CustomerId, Event, EventBody, Side, TenantId},
    ports::{BusMessage, EventFilter, Signal, StoreError},
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    directory::Directory,
    frames::{Rendered, render},
    hall::Hall,
    listener::{Forms, Listener},
    queue::Ending,
    typing::TypingWatch,
    viewers::Viewers,
};

/// Events read from the journal at once.
const READ_AT_ONCE: u32 = 500;
/// Live events that are looked at together.
const TOLD_AT_ONCE: usize = 256;
/// Events for which the store is asked side by side: half of what it has connections for.
const MADE_AT_ONCE: usize = 16;
/// How long to wait before the store is asked again.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// All live connections of the process. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    directory: Arc<Directory>,
    halls: Mutex<HashMap<TenantId, Arc<Hall>>>,
    viewers: Viewers,
    shutdown: CancellationToken,
}

/// A connection's place among the others, which it leaves when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) listener: Arc<Listener>,
    hall: Arc<Hall>,
    hub: Weak<Inner>,
    /// While a requester is here, answers need not look for them by mail.
    _connected: Option<Connected>,
    /// The last event before those that come to the queue.
    pub(crate) position: u64,
}

impl Hub {
    /// A hub without connections. Its task ends with `shutdown` or with the desk.
    pub(crate) fn new(desk: &Desk, shutdown: &CancellationToken) -> Self {
        let hub = Self(Arc::new(Inner {
            directory: Arc::new(Directory::new(desk)),
            halls: Mutex::default(),
            viewers: Viewers::default(),
            shutdown: shutdown.clone(),
        }));
        tokio::spawn(carry_signals(
            Arc::downgrade(&hub.0),
            desk.bus().subscribe(),
            shutdown.clone(),
        ));
        hub
    }

    /// Lets a connection of a tenant hear what happens from now on.
    ///
    /// # Errors
    /// [`StoreError`] when the journal's end can't be read.
    pub(crate) async fn seat(&self, tenant: TenantId, listener: Listener) -> Result<Seat, StoreError> {
        let listener = Arc::new(listener);
        let connections = self.0.directory.desk().connections();
        let requester_of = listener.ticket.filter(|_| listener.side() == Side::Customer);
        let mut connected = match (requester_of, listener.customer()) {
            (Some(ticket), _) => Some(connections.joined(tenant, ticket)),
            (None, Some(customer)) => Some(connections.customer_joined(tenant, customer)),
            (None, None) => None,
        };
        loop {
            let hall = self.hall(tenant).await?;
            let Some(position) = hall.enter(&listener) else {
                continue;
            };
            if self.0.shutdown.is_cancelled() {
                listener.queue.end(Ending::ShuttingDown);
            }
            return Ok(Seat {
                listener,
                hall,
                hub: Arc::downgrade(&self.0),
                _connected: connected.take(),
                position,
            });
        }
    }

    /// WebSockets and event streams open now.
    pub(crate) fn connections(&self) -> usize {
        self.0.halls().values().map(|hall| hall.listeners()).sum()
    }

    /// Whether a customer has a stream open here with a token.
    pub(crate) fn has_stream(&self, tenant: TenantId, customer: CustomerId, token: Uuid) -> bool {
        let hall = self.0.halls().get(&tenant).map(Arc::clone);
        hall.is_some_and(|hall| hall.has_stream(customer, token))
    }

    /// The names that events and answers carry.
    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.0.directory
    }

    /// Who looks at which ticket.
    pub(crate) fn viewers(&self) -> &Viewers {
        &self.0.viewers
    }

    async fn hall(&self, tenant: TenantId) -> Result<Arc<Hall>, StoreError> {
        if let Some(hall) = self.0.halls().get(&tenant) {
            return Ok(Arc::clone(hall));
        }
        let subscription = self.0.directory.desk().feed().subscribe(tenant).await?;
        let mut halls = self.0.halls();
        if let Some(hall) = halls.get(&tenant) {
            return Ok(Arc::clone(hall));
        }
        let hall = Arc::new(Hall::new(tenant, subscription.position));
        halls.insert(tenant, Arc::clone(&hall));
        tokio::spawn(carry_events(
            Arc::clone(&self.0.directory),
            Arc::clone(&hall),
            subscription,
        ));
        Ok(hall)
    }
}

impl Inner {
    fn halls(&self) -> MutexGuard<'_, HashMap<TenantId, Arc<Hall>>> {
        self.halls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows those who are here what was signalled.
    fn take_in(&self, message: &BusMessage, typing: &mut TypingWatch) {
        let BusMessage::Signal { tenant, signal } = message else {
            return;
        };
        let is_news = self.viewers.note(*tenant, signal);
        let hall = self.halls().get(tenant).map(Arc::clone);
        let Some(hall) = hall else { return };
        typing.note(*tenant, signal);
        if is_news || !matches!(signal, Signal::Viewing { .. }) {
            hall.show(signal, &self.viewers);
        }
    }

    fn end_all(&self, ending: Ending) {
        for hall in self.halls().values() {
            hall.end_all(ending);
        }
    }
}

impl Seat {
    /// The tenant whose events are heard here.
    pub(crate) fn tenant(&self) -> TenantId {
        self.hall.tenant
    }

    /// The last event that everybody of this tenant was told of.
    pub(crate) fn heard_up_to(&self) -> u64 {
        self.hall.position()
    }

    /// Has everything new written to the connection from now on. If it missed something while it
    /// caught up: up to which event it has to catch up with that.
    pub(crate) fn go_live(&self) -> Option<u64> {
        self.hall.go_live(&self.listener)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(hub) = self.hub.upgrade() else {
            self.hall.leave(&self.listener);
            return;
        };
        // Taken first, so that nobody finds a hall that is closed behind the last listener.
        let mut halls = hub.halls();
        let is_closed = self.hall.leave(&self.listener);
        let is_current = halls
            .get(&self.hall.tenant)
            .is_some_and(|hall| Arc::ptr_eq(hall, &self.hall));
        if is_closed && is_current {
            halls.remove(&self.hall.tenant);
        }
    }
}

/// Tells a hall of its tenant's events until it is closed.
async fn carry_events(directory: Arc<Directory>, hall: Arc<Hall>, subscription: Subscription) {
    let mut events = subscription.events;
    let closing = hall.closing.clone();
    tokio::select! {
        () = closing.cancelled() => {}
        () = carry(&directory, &hall, &mut events) => hall.end_all(Ending::ShuttingDown),
    }
}

async fn carry(directory: &Directory, hall: &Hall, events: &mut Receiver<Arc<Event>>) {
    loop {
        let mut some = match events.recv().await {
            Ok(event) => vec![event],
            Err(RecvError::Lagged(_)) => {
                catch_up(directory, hall).await;
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        // What else is there. A gap is noticed by the next look, too.
        while some.len() < TOLD_AT_ONCE
            && let Ok(event) = events.try_recv()
        {
            some.push(event);
        }
        let is_gapless = some.first().is_none_or(|first| first.seq <= hall.position() + 1)
            && some
                .windows(2)
                .all(|pair| matches!(pair, [one, next] if next.seq == one.seq + 1));
        if is_gapless {
            tell_all(directory, hall, &some).await;
        } else {
            catch_up(directory, hall).await;
        }
    }
}

/// Tells a hall of events in their order. What is asked of the store for them is asked side by
/// side: one after the other, a busy store would hold up everybody who listens.
async fn tell_all(directory: &Directory, hall: &Hall, events: &[Arc<Event>]) {
    let news: Vec<&Event> = events
        .iter()
        .map(AsRef::as_ref)
        .filter(|event| event.seq > hall.position())
        .collect();
    let making: Vec<_> = news.iter().map(|event| make(directory, hall, event)).collect();
    let mut making = stream::iter(making).buffered(MADE_AT_ONCE);
    for event in news {
        let Some(made) = making.next().await else { return };
        tell(directory, hall, event, made).await;
    }
}

/// Reads from the journal what came too fast.
async fn catch_up(directory: &Directory, hall: &Hall) {
    let events = &directory.desk().stores().events;
    let mut limit = READ_AT_ONCE;
    loop {
        let everything = EventFilter::default();
        let read = events.events(hall.tenant, hall.position(), &everything, limit);
        match read.await {
            Ok(events) if events.is_empty() => return,
            Ok(events) => {
                let events: Vec<_> = events.into_iter().map(Arc::new).collect();
                tell_all(directory, hall, &events).await;
                limit = READ_AT_ONCE;
            }
            Err(error @ StoreError::Unavailable(_)) => {
                tracing::warn!(%error, "the journal could not be read; live connections wait");
                tokio::time::sleep(RETRY_AFTER).await;
            }
            // One by one, so that nothing but the culprit is passed over.
            Err(_) if limit > 1 => limit = 1,
            Err(error) => match events.last_event(hall.tenant).await {
                Ok(last) if hall.position() < last => {
                    let seq = hall.position() + 1;
                    tracing::error!(%error, tenant = %hall.tenant, seq, "an event could not be read and was passed over");
                    hall.pass_over(seq);
                    limit = READ_AT_ONCE;
                }
                Ok(_) => return,
                Err(_) => tokio::time::sleep(RETRY_AFTER).await,
            },
        }
    }
}

/// Tells a hall of one event, as soon as the store can be asked for what belongs to it. An event
/// that can't be told even then must not hold up those behind it.
async fn tell(directory: &Directory, hall: &Hall, event: &Event, mut made: Result<Made, DeskError>) {
    hall.obey(event);
    loop {
        match try_tell(directory, hall, event, made).await {
            Ok(true) => return,
            // Somebody came who needs a form that was not made.
            Ok(false) => {}
            Err(error @ DeskError::Unavailable { .. }) => {
                tracing::warn!(%error, "an event could not be told yet; live connections wait");
                tokio::time::sleep(RETRY_AFTER).await;
            }
            Err(error) => {
                let (tenant, seq) = (hall.tenant, event.seq);
                tracing::error!(%error, %tenant, seq, "an event could not be told and was passed over");
                hall.pass_over(event.seq);
                return;
            }
        }
        made = make(directory, hall, event).await;
    }
}

/// An event in the forms in which it is heard.
struct Made {
    forms: Forms,
    rendered: Rendered,
}

async fn make(directory: &Directory, hall: &Hall, event: &Event) -> Result<Made, DeskError> {
    let forms = hall.wanted(event);
    let rendered = if forms == Forms::default() {
        Rendered::default()
    } else {
        render(directory, hall.tenant, event, forms).await?
    };
    Ok(Made { forms, rendered })
}

async fn try_tell(
    directory: &Directory,
    hall: &Hall,
    event: &Event,
    made: Result<Made, DeskError>,
) -> Result<bool, DeskError> {
    if let EventBody::AgentUpdated { agent } | EventBody::AgentDeactivated { agent } = event.body
        && let Some(agent) = directory.desk().stores().people.agent(hall.tenant, agent).await?
    {
        hall.agent_is_now(&agent);
    }
    let Made { forms, rendered } = made?;
    Ok(hall.tell(event, forms, &rendered))
}

/// Shows who types and who looks at what until the process ends; then ends every connection.
async fn carry_signals(hub: Weak<Inner>, mut bus: Receiver<BusMessage>, shutdown: CancellationToken) {
    let mut typing = TypingWatch::default();
    loop {
        let Some(next_lapse) = hub.upgrade().map(|hub| hub.viewers.next_lapse()) else {
            return;
        };
        let message = tokio::select! {
            () = shutdown.cancelled() => break,
            () = sleep_until_some(next_lapse) => None,
            lapsed = typing.lapsed() => Some(Ok(lapsed)),
            message = bus.recv() => Some(message),
        };
        let Some(hub) = hub.upgrade() else { return };
        match message {
            Some(Ok(message)) => hub.take_in(&message, &mut typing),
            None => {
                for lapsed in hub.viewers.lapsed() {
                    hub.take_in(&lapsed, &mut typing);
                }
            }
            Some(Err(RecvError::Lagged(_))) => {}
            Some(Err(RecvError::Closed)) => return,
        }
    }
    if let Some(hub) = hub.upgrade() {
        hub.end_all(Ending::ShuttingDown);
    }
}

async fn sleep_until_some(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
