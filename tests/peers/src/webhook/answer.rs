//! What a receiver answers.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{Either, Full};
use tokio::time::sleep;

use crate::http_server::{Filler, Payload, empty};

/// An answer to one request.
///
/// ```
/// use std::time::Duration;
/// use support_peers::webhook::Answer;
///
/// let gone = Answer::status(410);
/// let busy = Answer::status(503).header("retry-after", "7").after(Duration::from_secs(1));
/// let elsewhere = Answer::redirect("http://169.254.169.254/");
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    kind: Kind,
    headers: Vec<(HeaderName, HeaderValue)>,
    delay: Duration,
}

#[derive(Clone, Debug)]
enum Kind {
    Status(StatusCode, Content),
    Close,
    Hang,
}

#[derive(Clone, Debug)]
enum Content {
    Bytes(Bytes),
    Filler(usize),
}

impl Answer {
    /// This status with an empty body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap();
        Self::of(Kind::Status(status, Content::Bytes(Bytes::new())))
    }

    /// 302 to another URL.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::status(302).header("location", to)
    }

    /// No answer: the connection is closed once the request is read.
    #[must_use]
    pub fn close() -> Self {
        Self::of(Kind::Close)
    }

    /// No answer on an open connection.
    #[must_use]
    pub fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            delay: Duration::ZERO,
        }
    }

    /// Comes with this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.parse().unwrap(), value.parse().unwrap()));
        self
    }

    /// Comes with this body.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        self.content(Content::Bytes(body.into()))
    }

    /// Comes with a body of so many bytes, in chunks, its length unannounced.
    #[must_use]
    pub fn huge_body(self, bytes: usize) -> Self {
        self.content(Content::Filler(bytes))
    }

    fn content(mut self, content: Content) -> Self {
        if let Kind::Status(_, empty) = &mut self.kind {
            *empty = content;
        }
        self
    }

    /// Comes so much later.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(super) fn shown_status(&self) -> Option<u16> {
        match self.kind {
            Kind::Status(status, _) => Some(status.as_u16()),
            Kind::Close | Kind::Hang => None,
        }
    }

    pub(super) async fn give(self) -> Option<Response<Payload>> {
        sleep(self.delay).await;
        let (status, content) = match self.kind {
            Kind::Close => return None,
            Kind::Hang => std::future::pending().await,
            Kind::Status(status, content) => (status, content),
        };
        let mut response = empty(status);
        response.headers_mut().extend(self.headers);
        *response.body_mut() = match content {
            Content::Bytes(bytes) => Either::Left(Full::new(bytes)),
            Content::Filler(length) => Either::Right(Filler::new(length)),
        };
        Some(response)
    }
}

#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<Scripted>);

#[derive(Debug, Default)]
struct Scripted {
    once: VecDeque<Answer>,
    always: Option<Answer>,
}

impl Answers {
    pub(super) fn once(&self, answer: Answer) {
        self.scripted().once.push_back(answer);
    }

    pub(super) fn always(&self, answer: Answer) {
        self.scripted().always = Some(answer);
    }

    pub(super) fn clear(&self) {
        *self.scripted() = Scripted::default();
    }

    pub(super) fn next(&self) -> Option<Answer> {
        let mut scripted = self.scripted();
        let queued = scripted.once.pop_front();
        queued.or_else(|| scripted.always.clone())
    }

    fn scripted(&self) -> MutexGuard<'_, Scripted> {
        self.0.lock().unwrap()
    }
}
