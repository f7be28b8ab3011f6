//! What uploads hold in memory while they come in, beside a bare server that reads the same bytes and drops them.

use axum::http::Method;
use futures::future::try_join_all;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use support_testkit::Server;
use tokio::time::sleep;

use crate::{
    Failure,
    bare::Bare,
    options::Plan,
    process::{forget_peak, peak_memory, resident_memory},
    report::FilesRow,
};

/// The size of each file, in bytes: the largest that is taken in unless it is settled otherwise.
const SIZE: usize = 10 * 1024 * 1024;
const BOUNDARY: &str = "what-separates-the-fields";

/// One upload by itself, and several at once.
pub(crate) async fn measure(plan: &Plan) -> Result<Vec<FilesRow>, Failure> {
    let server = Server::start().await;
    let admin = server.admin_api().await;
    let chat = admin
        .post("/api/v1/chat", &json!({ "message": "Hello" }))
        .await
        .expect(201);
    let chat = chat
        .pointer("/data/chatId")
        .and_then(Value::as_str)
        .ok_or("a chat without an id")?;
    let path = format!("/api/tickets/{chat}/attachments");
    let bare = Bare::start().await?;
    let (client, address) = (Client::new(), format!("http://{}/files", bare.address));
    let mut rows = Vec::new();
    for at_once in plan.uploads_at_once {
        let beside = of(plan, bare.process()?, at_once, || client.post(&address)).await?;
        let ours = of(plan, server.pid(), at_once, || admin.request(Method::POST, &path)).await?;
        rows.push(FilesRow::of(at_once, SIZE, ours, beside));
    }
    Ok(rows)
}

/// By how many bytes memory grew at most while so many files came in.
async fn of(plan: &Plan, process: u32, at_once: usize, call: impl Fn() -> RequestBuilder) -> Result<u64, Failure> {
    sleep(plan.settling).await;
    let before = resident_memory(process)?;
    forget_peak(process)?;
    let uploads = (0..at_once).map(|_| {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        call().header("content-type", kind).body(form()).send()
    });
    for answer in try_join_all(uploads).await? {
        answer.error_for_status()?;
    }
    Ok(peak_memory(process)?.saturating_sub(before))
}

/// A form with a file that is no image: of those, small pictures are made, which takes more.
fn form() -> Vec<u8> {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\
        Content-Type: application/pdf\r\n\r\n%PDF-1.7\n"
    )
    .into_bytes();
    let head = body.len() - b"%PDF-1.7\n".len();
    body.resize(head + SIZE, b'x');
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}
