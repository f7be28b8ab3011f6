//! What is left of a body when a call is answered without it.
//!
//! A connection that is closed while its client still sends is reset, and the client may never see
//! the answer. So the rest is read and thrown away, as far as that is reasonable.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::Request,
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::{runtime::Handle, time::timeout};

/// Whoever sends more than this in vain has to live with the reset.
const MOST: usize = 16 * 1024 * 1024;
/// How long the rest may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that is read to its end even if nobody wants it.
struct Whole(Option<BodyDataStream>);

/// Sees to it that the request's body is read, by whomever.
pub(crate) fn with_whole_body(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    request.map(|body| Body::from_stream(Whole(Some(body.into_data_stream()))))
}

impl Stream for Whole {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let part = ready!(stream.poll_next_unpin(context));
        if !matches!(part, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(part)
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        if let Some(rest) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(timeout(PATIENCE, throw_away(rest)));
        }
    }
}

async fn throw_away(mut rest: BodyDataStream) {
    let mut read = 0_usize;
    while let Some(Ok(part)) = rest.next().await {
        read = read.saturating_add(part.len());
        if read > MOST {
            return;
        }
    }
}
