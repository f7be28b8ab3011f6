//! HTTP connections that cost as little as possible: the load shares its cores with what is measured.

use std::{net::SocketAddr, ops::Range};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{Failure, load::PATIENCE};

/// A kept-alive connection, one exchange at a time.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    request: &'a [u8],
    status: u16,
    body: &'a [u8],
}

impl Connection {
    /// Connects to a server.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(4096),
        })
    }

    /// Sends a whole request and waits for its whole answer.
    pub(crate) async fn exchange<'a>(&'a mut self, request: &'a [u8]) -> Result<Answer<'a>, Failure> {
        let end = timeout(PATIENCE, self.send(request));
        let (status, body) = end.await.map_err(|_| "no answer in time")??;
        let body = self.answer.get(body).unwrap_or_default();
        Ok(Answer { request, status, body })
    }

    async fn send(&mut self, request: &[u8]) -> Result<(u16, Range<usize>), Failure> {
        self.answer.clear();
        self.stream.write_all(request).await?;
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(whole) = parse(&self.answer)? {
                return Ok(whole);
            }
        }
    }
}

impl Answer<'_> {
    /// The body of an answer that must be a success.
    pub(crate) fn success(&self) -> Result<&[u8], Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let line = self.request.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let [line, body] = [line, self.body].map(String::from_utf8_lossy);
        Err(format!("{line}: {} {body}", self.status).into())
    }

    /// The same as JSON.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(self.success()?)?)
    }
}

/// Status and body, once all of it is there.
fn parse(bytes: &[u8]) -> Result<Option<(u16, Range<usize>)>, Failure> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = head.parse(bytes)? else {
        return Ok(None);
    };
    let length = head
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|length| std::str::from_utf8(length.value).ok()?.parse::<usize>().ok());
    let end = start + length.ok_or("an answer without a length")?;
    let status = head.code.ok_or("an answer without a status")?;
    Ok((bytes.len() >= end).then_some((status, start..end)))
}

/// A request whose body has one place that changes, always of the same length.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    place: Range<usize>,
}

impl Template {
    /// A POST; `mark` in the body is what changes.
    pub(crate) fn post(path: &str, headers: &str, body: &str, mark: &str) -> Self {
        let bytes = post(path, headers, body);
        let found = bytes.windows(mark.len()).rposition(|window| window == mark.as_bytes());
        let start = found.unwrap_or(bytes.len());
        let end = bytes.len().min(start + mark.len());
        Self {
            bytes,
            place: start..end,
        }
    }

    /// The request with another text in that place, which must be as long as the mark.
    pub(crate) fn with(&mut self, text: &str) -> &[u8] {
        if let Some(place) = self.bytes.get_mut(self.place.clone())
            && place.len() == text.len()
        {
            place.copy_from_slice(text.as_bytes());
        }
        &self.bytes
    }
}

/// A POST with a JSON body. Each line of `headers` ends with a line break.
pub(crate) fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// A GET.
pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes()
}

/// A GET in somebody's name.
pub(crate) fn get_as(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n").into_bytes()
}

/// The socket's address in `http://127.0.0.1:8080`.
pub(crate) fn address(base: &str) -> Result<SocketAddr, Failure> {
    let address = base.split_once("://").map_or(base, |(_, address)| address);
    Ok(address
        .trim_end_matches('/')
        .parse()
        .map_err(|error| format!("{base}: {error}"))?)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn an_answer_is_taken_once_it_is_whole() {
        let whole = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx: y\r\n\r\nok";
        for length in 0..whole.len() {
            assert_eq!(parse(whole.get(..length).unwrap()).unwrap(), None);
        }
        let (status, body) = parse(whole).unwrap().unwrap();
        assert_eq!((status, whole.get(body).unwrap()), (201, &b"ok"[..]));
    }

    #[test]
    fn a_template_changes_in_its_place_only() {
        let mut template = Template::post("/x", "a: b\r\n", r#"{"id":"0000"}"#, "0000");
        let request = String::from_utf8(template.with("0042").to_vec()).unwrap();
        assert!(request.starts_with("POST /x HTTP/1.1\r\n"));
        assert!(request.ends_with("content-length: 13\r\n\r\n{\"id\":\"0042\"}"));
    }
}
