//! One socket: what comes in, in order, and what goes out, as fast as its client reads.

use std::{sync::Arc, time::Duration};

use axum::http::request::Parts;
use serde_json::{Value, json};
use socketioxide::{SendError, SocketError, extract::SocketRef};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::incoming::{Incoming, Reply};
use crate::{
    error::ApiError,
    realtime::{
        listener::Listener,
        queue::{Ending, Payload},
        socket::Over,
    },
    state::SupportState,
};

/// Events of a client that may wait to be looked at.
const MOST_WAITING: usize = 64;
/// Events of any kind that a client may send in one [`FLOOD_WINDOW`].
const MOST_EVENTS: u32 = 300;
/// The time in which they are counted.
const FLOOD_WINDOW: Duration = Duration::from_secs(10);
/// How long a client may take to accept what is written.
const WRITE_LIMIT: Duration = Duration::from_secs(20);
/// How long is waited until a client can be told that it is over.
const CLOSE_LIMIT: Duration = Duration::from_secs(60);
/// When to look again whether the transport, which tells nobody, has room.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// One socket.
pub(super) struct Connection {
    pub(super) state: SupportState,
    socket: SocketRef,
    inbox: Receiver<Incoming>,
    gone: CancellationToken,
    has_flooded: CancellationToken,
    events: u32,
    counted_from: Instant,
}

/// What is done with an event: its answer, and the event that tells the same to those who don't
/// ask for answers.
pub(super) struct Done {
    pub(super) data: Value,
    pub(super) event: Option<&'static str>,
}

impl Done {
    /// Nothing to be told but that it is done.
    pub(super) const fn silently(data: Value) -> Self {
        Self { data, event: None }
    }

    /// Told by an event, too.
    pub(super) const fn told(event: &'static str, data: Value) -> Self {
        Self {
            data,
            event: Some(event),
        }
    }
}

/// What a socket is heard by.
struct Ears {
    inbox: Receiver<Incoming>,
    gone: CancellationToken,
    has_flooded: CancellationToken,
}

/// Begins to listen to a socket, before its client is told that it is connected: what it sends
/// right then would find nobody, and its answer would be waited for in vain.
pub(super) fn listen(socket: &SocketRef) {
    let (sender, inbox) = channel(MOST_WAITING);
    let (gone, has_flooded) = (CancellationToken::new(), CancellationToken::new());
    hear(socket, sender, has_flooded.clone());
    let left = gone.clone();
    socket.on_disconnect(move || {
        left.cancel();
        async {}
    });
    socket.extensions.insert(Arc::new(Ears {
        inbox,
        gone,
        has_flooded,
    }));
}

impl Connection {
    /// Takes up what was heard since [`listen`]; nothing if nobody listened.
    pub(super) fn new(state: SupportState, socket: SocketRef) -> Option<Self> {
        let ears = socket.extensions.remove::<Arc<Ears>>().and_then(Arc::into_inner)?;
        Some(Self {
            state,
            socket,
            inbox: ears.inbox,
            gone: ears.gone,
            has_flooded: ears.has_flooded,
            events: 0,
            counted_from: Instant::now(),
        })
    }

    /// The request that the connection began with.
    pub(super) fn request(&self) -> Parts {
        self.socket.req_parts().clone()
    }

    /// What the client sent next. Nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Result<Incoming, Over> {
        let incoming = tokio::select! {
            biased;
            () = self.gone.cancelled() => return Err(Over::Lost),
            () = self.has_flooded.cancelled() => return Err(Ending::TooFast.into()),
            incoming = self.inbox.recv() => incoming.ok_or(Over::Lost)?,
        };
        self.count()?;
        Ok(incoming)
    }

    /// Nobody needs this many events; without limits on calls there is none here either.
    fn count(&mut self) -> Result<(), Over> {
        if self.counted_from.elapsed() >= FLOOD_WINDOW {
            self.counted_from = Instant::now();
            self.events = 0;
        }
        self.events = self.events.saturating_add(1);
        let is_limited = self.state.settings().rate_limit.max_requests > 0;
        if is_limited && self.events > MOST_EVENTS {
            return Err(Ending::TooFast.into());
        }
        Ok(())
    }

    /// Writes one event.
    pub(super) async fn tell(&self, listener: Option<&Arc<Listener>>, event: &str, data: &Value) -> Result<(), Over> {
        self.write(listener, || self.socket.emit(event, data)).await
    }

    /// Writes what an event of the journal, or a signal, comes to.
    pub(super) async fn pass_on(&self, listener: &Arc<Listener>, payload: &Payload) -> Result<(), Over> {
        if let Payload::Events(events) = payload {
            for (name, data) in events.parts() {
                self.tell(Some(listener), name, data).await?;
            }
        }
        Ok(())
    }

    /// Answers an event: by its acknowledgement, and by the event that tells the same; a refusal
    /// that nobody waits for by `error`.
    pub(super) async fn answer(
        &self,
        listener: Option<&Arc<Listener>>,
        reply: &Reply,
        done: Result<Done, ApiError>,
    ) -> Result<(), Over> {
        match done {
            Ok(Done { data, event }) => {
                if let Some(event) = event {
                    self.tell(listener, event, &data).await?;
                }
                let answer = json!({ "success": true, "data": data });
                self.write(listener, || reply.try_send(&answer)).await
            }
            Err(error) => self.refuse(listener, reply, &error).await,
        }
    }

    async fn refuse(&self, listener: Option<&Arc<Listener>>, reply: &Reply, error: &ApiError) -> Result<(), Over> {
        if let Some(cause) = error.cause() {
            tracing::error!(cause, "an event could not be handled");
        }
        let answer = error.acknowledgement();
        if reply.is_wanted() {
            return self.write(listener, || reply.try_send(&answer)).await;
        }
        let bare = answer.get("error").unwrap_or(&answer);
        self.tell(listener, "error", bare).await
    }

    /// Writes as soon as there is room, as long as the connection is to last.
    async fn write(
        &self,
        listener: Option<&Arc<Listener>>,
        attempt: impl Fn() -> Result<(), SendError>,
    ) -> Result<(), Over> {
        let writing = async {
            loop {
                match attempt() {
                    Ok(()) => return Ok(()),
                    Err(SendError::Socket(SocketError::InternalChannelFull)) => sleep(LOOK_AGAIN).await,
                    Err(_) => return Err(Over::Lost),
                }
            }
        };
        let ended = async {
            match listener {
                Some(listener) => listener.queue.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.gone.cancelled() => Err(Over::Lost),
            written = timeout(WRITE_LIMIT, writing) => written.unwrap_or(Err(Ending::TooSlow.into())),
            ending = ended => Err(ending.into()),
        }
    }

    /// Ends the connection, and tells why if there is somebody to tell. Clients reconnect by
    /// themselves only when the transport breaks, which it does when the process ends; otherwise
    /// `reconnect` asks them to.
    pub(super) async fn close(self, over: Over, refused_by: &'static str) {
        let Over::Because(ending) = over else {
            return;
        };
        let (event, data) = last_words(ending, refused_by);
        let told = timeout(CLOSE_LIMIT, self.write(None, || self.socket.emit(event, &data))).await;
        if matches!(told, Ok(Err(Over::Lost))) || ending == Ending::ShuttingDown {
            return;
        }
        let disconnecting = async {
            while let Err(SocketError::InternalChannelFull) = self.socket.clone().disconnect() {
                sleep(LOOK_AGAIN * 10).await;
            }
        };
        tokio::select! {
            () = disconnecting => {}
            () = self.gone.cancelled() => {}
        }
    }
}

/// Hands on events in the order in which they come, which tasks of their own would not keep.
fn hear(socket: &SocketRef, inbox: Sender<Incoming>, has_flooded: CancellationToken) {
    socket.on_fallback(move |incoming: Incoming| {
        if inbox.try_send(incoming).is_err() {
            has_flooded.cancel();
        }
        async {}
    });
}

fn last_words(ending: Ending, refused_by: &'static str) -> (&'static str, Value) {
    match ending {
        Ending::NotAllowed => {
            let message = "Authentication is required";
            (refused_by, json!({ "code": "UNAUTHENTICATED", "message": message }))
        }
        Ending::NotFound => ("error", json!({ "code": "NOT_FOUND", "message": "Not found" })),
        Ending::TooFast => {
            let message = "Too many events; try again later";
            ("error", json!({ "code": "RATE_LIMITED", "message": message }))
        }
        Ending::TooLarge => {
            let message = "The packet is too large";
            ("error", json!({ "code": "PAYLOAD_TOO_LARGE", "message": message }))
        }
        Ending::TooSlow | Ending::ShuttingDown | Ending::Unavailable => ("reconnect", json!({})),
    }
}
