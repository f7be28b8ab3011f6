//! An event stream as the body of an answer.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use futures::stream;
use serde_json::json;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::{
    frames::stream_event,
    proof::{Proof, give_sign_of_life, sign_of_life_every},
    queue::{Ending, Heard, Payload},
    replay::Reader,
};
use crate::state::SupportState;

/// How often a quiet stream says that it lives: more often than any proxy loses patience.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// As much as is put into one piece of the body.
const PIECE: usize = 16 * 1024;

/// One open stream.
struct EventStream {
    state: SupportState,
    reader: Reader,
    proof: Proof,
    heartbeats: Interval,
    sign_of_life_at: Instant,
    greeting: Option<Bytes>,
    has_ended: bool,
}

/// Answers with a stream that begins with `greeting`.
pub(crate) fn respond(state: SupportState, reader: Reader, proof: Proof, greeting: Bytes) -> Response {
    let every = sign_of_life_every(state.desk()).min(HEARTBEAT);
    let mut heartbeats = interval_at(Instant::now() + every, every);
    heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stream = EventStream {
        state,
        reader,
        proof,
        heartbeats,
        sign_of_life_at: Instant::now(),
        greeting: Some(greeting),
        has_ended: false,
    };
    let body = Body::from_stream(stream::unfold(stream, |mut stream| async move {
        let piece = stream.next().await?;
        Some((Ok::<_, Infallible>(piece), stream))
    }));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

impl EventStream {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            self.show_life();
            return Some(greeting);
        }
        while !self.has_ended {
            let heard = tokio::select! {
                heard = self.reader.next() => heard,
                _ = self.heartbeats.tick() => {
                    if self.proof.is_expired(self.state.desk().now()) {
                        return None;
                    }
                    self.show_life();
                    return Some(stream_event("heartbeat", None, &json!({})));
                }
            };
            match heard {
                Heard::Frame(frame) => return Some(self.piece(frame.payload)),
                Heard::Recheck => {
                    if let Err(ending) = Box::pin(self.proof.recheck(&self.state, self.reader.seat())).await {
                        return self.last_words(ending);
                    }
                }
                Heard::Ended(ending) => return self.last_words(ending),
            }
        }
        None
    }

    /// A frame with those that are ready behind it.
    fn piece(&mut self, first: Payload) -> Bytes {
        let Payload::Chunk(first) = first else {
            return Bytes::new();
        };
        let mut piece: Option<BytesMut> = None;
        while piece.as_ref().map_or(first.len(), BytesMut::len) < PIECE {
            let Some(Payload::Chunk(next)) = self.reader.take_frame().map(|frame| frame.payload) else {
                break;
            };
            piece
                .get_or_insert_with(|| BytesMut::from(first.as_ref()))
                .extend_from_slice(&next);
        }
        piece.map_or(first, BytesMut::freeze)
    }

    fn last_words(&mut self, ending: Ending) -> Option<Bytes> {
        self.has_ended = true;
        (ending == Ending::ShuttingDown).then(|| stream_event("reconnect", None, &json!({})))
    }

    fn show_life(&mut self) {
        let seat = self.reader.seat();
        if let Some(agent) = seat.listener.acting()
            && self.sign_of_life_at <= Instant::now()
        {
            give_sign_of_life(self.state.desk(), seat.tenant(), &agent);
            // A tick that comes a moment early counts.
            self.sign_of_life_at = Instant::now() + sign_of_life_every(self.state.desk()).mul_f64(0.9);
        }
    }
}
