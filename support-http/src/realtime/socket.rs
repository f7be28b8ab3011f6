//! One WebSocket: writing without being held up for ever, and ending with a reason.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use bytes::Bytes;
use futures::SinkExt;
use tokio::time::{Instant, timeout};

use super::{
    frames::ServerFrame,
    listener::Listener,
    queue::{Ending, Frame, Payload},
    replay::Reader,
};

/// How often a peer is asked whether it is there.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(25);
/// After how much silence a peer is gone.
pub(crate) const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// How long a peer may take to accept what is written.
const WRITE_LIMIT: Duration = Duration::from_secs(20);
/// How long is waited for a peer to take the reason of an end.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);
/// How long is waited for a peer to end as well.
const FAREWELL_LIMIT: Duration = Duration::from_secs(2);
/// The largest message that a peer may send.
const LARGEST_MESSAGE: usize = 64 * 1024;
/// Larger ones are read up to here, so that the refusal reaches a peer that is still writing.
const LARGEST_REFUSED: usize = 256 * 1024;
/// Buffers of a connection that mostly waits.
const READ_BUFFER: usize = 2 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
/// Frames that are written before the other side is looked at again.
const WRITTEN_AT_ONCE: usize = 256;

/// Sets the limits of a connection that mostly waits.
pub(crate) fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(LARGEST_REFUSED)
        .max_frame_size(LARGEST_REFUSED)
}

/// Why a conversation over a socket is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The peer is to be told.
    Because(Ending),
    /// There is nobody to tell.
    Lost,
}

impl From<Ending> for Over {
    fn from(ending: Ending) -> Self {
        Self::Because(ending)
    }
}

/// What a peer sent.
#[derive(Debug)]
pub(crate) enum Received {
    /// Words.
    Text(Utf8Bytes),
    /// Something that is no text.
    Binary,
    /// A sign of life.
    Life,
}

/// One WebSocket.
#[derive(Debug)]
pub(crate) struct Socket {
    socket: WebSocket,
    heard_at: Instant,
    ping_at: Instant,
}

impl Socket {
    pub(crate) fn new(socket: WebSocket) -> Self {
        let now = Instant::now();
        Self {
            socket,
            heard_at: now,
            ping_at: now + PING_INTERVAL,
        }
    }

    /// What the peer sent next. Nothing is lost when the future is dropped.
    pub(crate) async fn receive(&mut self) -> Result<Received, Over> {
        let received = match self.socket.recv().await {
            None => return Err(Over::Lost),
            Some(Err(error)) => return Err(over_by(error)),
            Some(Ok(message)) => message,
        };
        self.heard_at = Instant::now();
        match received {
            Message::Text(text) if text.len() > LARGEST_MESSAGE => Err(Ending::TooLarge.into()),
            Message::Binary(bytes) if bytes.len() > LARGEST_MESSAGE => Err(Ending::TooLarge.into()),
            Message::Text(text) => Ok(Received::Text(text)),
            Message::Binary(_) => Ok(Received::Binary),
            Message::Ping(_) | Message::Pong(_) => Ok(Received::Life),
            Message::Close(_) => {
                // Reading on is what sends the answer.
                drop(timeout(FAREWELL_LIMIT, self.socket.recv()).await);
                Err(Over::Lost)
            }
        }
    }

    /// When this peer has to be looked after.
    pub(crate) fn due_at(&self) -> Instant {
        self.ping_at.min(self.heard_at + SILENCE_LIMIT)
    }

    /// Asks a peer that has not been asked for a while whether it is there.
    pub(crate) async fn look_after(&mut self, listener: &Arc<Listener>) -> Result<(), Over> {
        if self.heard_at.elapsed() >= SILENCE_LIMIT {
            return Err(Over::Lost);
        }
        if self.ping_at > Instant::now() {
            return Ok(());
        }
        self.ping_at = Instant::now() + PING_INTERVAL;
        self.write(listener, Message::Ping(Bytes::new())).await
    }

    /// Writes one frame of ours.
    pub(crate) async fn tell(&mut self, listener: &Arc<Listener>, frame: &ServerFrame<'_>) -> Result<(), Over> {
        self.write(listener, Message::Text(frame.text())).await
    }

    async fn write(&mut self, listener: &Arc<Listener>, message: Message) -> Result<(), Over> {
        let socket = &mut self.socket;
        within_limits(listener, async move { socket.send(message).await }).await
    }

    /// Writes several frames of ours.
    pub(crate) async fn tell_all(&mut self, listener: &Arc<Listener>, frames: Vec<Utf8Bytes>) -> Result<(), Over> {
        let socket = &mut self.socket;
        within_limits(listener, async move {
            for frame in frames {
                socket.feed(Message::Text(frame)).await?;
            }
            socket.flush().await
        })
        .await
    }

    /// Writes an event's frame and those that are ready behind it.
    pub(crate) async fn pass_on(&mut self, first: Frame, reader: &mut Reader) -> Result<(), Over> {
        let listener = Arc::clone(&reader.seat().listener);
        let socket = &mut self.socket;
        within_limits(&listener, async move {
            let mut next = Some(first);
            let mut written = 0;
            while let Some(frame) = next {
                if let Payload::Text(text) = frame.payload {
                    socket.feed(Message::Text(text)).await?;
                }
                written += 1;
                next = if written < WRITTEN_AT_ONCE {
                    reader.take_frame()
                } else {
                    None
                };
            }
            socket.flush().await
        })
        .await
    }

    /// Ends the connection, and tells why if there is somebody to tell.
    pub(crate) async fn close(mut self, over: Over) {
        let Over::Because(ending) = over else {
            return;
        };
        let (code, reason) = close_code(ending);
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        };
        let told = timeout(CLOSE_LIMIT, self.socket.send(Message::Close(Some(frame)))).await;
        if !matches!(told, Ok(Ok(()))) {
            return;
        }
        // Leaving while the peer still writes would take the reason from it again.
        let farewell = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        drop(timeout(FAREWELL_LIMIT, farewell).await);
    }
}

/// Writes, as long as the peer reads and the connection is to last.
async fn within_limits(
    listener: &Arc<Listener>,
    writing: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), Over> {
    tokio::select! {
        biased;
        written = timeout(WRITE_LIMIT, writing) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Lost),
            Err(_) => Err(Ending::TooSlow.into()),
        },
        ending = listener.queue.ended() => Err(ending.into()),
    }
}

fn over_by(error: axum::Error) -> Over {
    use tokio_tungstenite::tungstenite::Error;
    match error.into_inner().downcast::<Error>() {
        Ok(error) if matches!(*error, Error::Capacity(_)) => Ending::TooLarge.into(),
        _ => Over::Lost,
    }
}

const fn close_code(ending: Ending) -> (u16, &'static str) {
    match ending {
        Ending::NotAllowed => (4401, "not allowed"),
        Ending::NotFound => (4404, "no such request"),
        Ending::TooSlow => (4408, "too slow; reconnect with the last seq seen"),
        Ending::TooFast => (4429, "too fast"),
        Ending::TooLarge => (1009, "message too large"),
        Ending::ShuttingDown => (1012, "restarting; reconnect"),
        Ending::Unavailable => (1013, "try again later"),
    }
}
