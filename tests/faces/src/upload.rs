//! Forms with files, and files to send in.

#![expect(clippy::panic, reason = "a server that does not answer is a failed test")]

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use support_testkit::Api;

const BOUNDARY: &str = "----what-separates-the-fields";

/// The bytes of a form with these texts and then a file.
pub fn form(texts: &[(&str, &str)], name: &str, content: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, text) in texts {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(&file_part(name, content));
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// The same with the file before the texts.
pub fn form_with_file_first(texts: &[(&str, &str)], name: &str, content: &[u8]) -> Vec<u8> {
    let mut body = file_part(name, content);
    let rest = form(texts, "unknown", b"");
    let texts_only = rest.len().saturating_sub(file_part("unknown", b"").len());
    let end = format!("--{BOUNDARY}--\r\n");
    body.extend_from_slice(rest.get(..texts_only.saturating_sub(end.len())).unwrap_or_default());
    body.extend_from_slice(end.as_bytes());
    body
}

fn file_part(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
        Content-Type: application/octet-stream\r\n\r\n"
    );
    let mut part = head.into_bytes();
    part.extend_from_slice(content);
    part.extend_from_slice(b"\r\n");
    part
}

/// A call that sends a form, to be sent.
pub fn sending(api: &Api, path: &str, body: Vec<u8>) -> RequestBuilder {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    api.request(Method::POST, path).header("content-type", kind).body(body)
}

/// What a call was answered, with its body as bytes.
#[derive(Debug)]
pub struct Got {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Got {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

/// Makes a call.
pub async fn got(request: RequestBuilder) -> Got {
    let answer = request.send().await.unwrap_or_else(|error| panic!("{error:?}"));
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let bytes = answer.bytes().await.unwrap_or_else(|error| panic!("{error:?}"));
    Got {
        status,
        headers,
        bytes: bytes.to_vec(),
    }
}

/// Gets what is at a whole address, as nobody in particular.
pub async fn fetch(url: &str) -> Got {
    got(reqwest::Client::new().get(url)).await
}

/// A PNG that says to be of this size and has no points.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = width.to_be_bytes().to_vec();
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    for (name, data) in [(b"IHDR", header.as_slice()), (b"IDAT", b"points"), (b"IEND", b"")] {
        bytes.extend_from_slice(&u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(data);
        bytes.extend_from_slice(b"sum.");
    }
    bytes
}

/// A PDF of so many bytes.
pub fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(size, b'x');
    bytes
}
