//! HTTP/1.1 on a [`Listening`] socket: whole requests in, answers or silence out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;

use crate::listening::Listening;

const CHUNK: usize = 16 * 1024;

/// An answer's body: what fits in memory, or more than anybody should read.
pub(crate) type Payload = Either<Full<Bytes>, Filler>;

/// A request whose body has arrived.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Whole {
    pub(crate) fn content_type(&self) -> &str {
        let value = self.headers.get(http::header::CONTENT_TYPE);
        let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }
}

/// Answers each request by `answer`; without an answer the connection is closed.
pub(crate) async fn listen<Answer, Answering>(answer: Answer) -> Listening
where
    Answer: Fn(Whole) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Option<Response<Payload>>> + Send + 'static,
{
    Listening::start(0, move |stream| {
        let answer = answer.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer.clone();
            async move {
                let answer = answer(whole(request).await?).await;
                answer.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionAborted))
            }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        async move {
            // What ends a connection is the client's to know; the server goes on.
            let _ended = connection.await;
        }
    })
    .await
}

async fn whole(request: Request<Incoming>) -> Result<Whole, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?;
    Ok(Whole {
        method: head.method,
        uri: head.uri,
        headers: head.headers,
        body: body.to_bytes(),
    })
}

pub(crate) fn empty(status: StatusCode) -> Response<Payload> {
    let mut response = Response::new(Either::Left(Full::default()));
    *response.status_mut() = status;
    response
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Payload> {
    let mut response = empty(status);
    *response.body_mut() = Either::Left(Full::from(body.to_string()));
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// A body of a length that is not announced.
#[derive(Debug)]
pub(crate) struct Filler {
    left: usize,
}

impl Filler {
    pub(crate) fn new(length: usize) -> Self {
        Self { left: length }
    }
}

impl Body for Filler {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let length = self.left.min(CHUNK);
        if length == 0 {
            return Poll::Ready(None);
        }
        self.left -= length;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![b'x'; length])))))
    }
}
