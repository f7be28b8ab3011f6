//! What the server owes to the outside, and what of it arrived.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use support_peers::smtp::Mail;
use support_testkit::{Api, ServerBuilder};

/// The most rows a page has.
const PAGE: usize = 100;
/// Requests made at once.
const AT_ONCE: usize = 16;

/// Whom the confirmation of the request with this number goes to.
#[must_use]
pub fn recipient(number: usize) -> String {
    format!("person-{number}@mail.example")
}

/// A server whose mail goes to this port of this machine, and which soon tries again what failed.
#[must_use]
pub fn sending_to(server: ServerBuilder, port: u16) -> ServerBuilder {
    server
        .setting("SMTP_SERVER", "127.0.0.1")
        .setting("SMTP_PORT", &port.to_string())
        .setting("SMTP_USE_TLS", "none")
        .setting("FROM_EMAIL", "support@shop.example")
        .setting("DELIVERY_RETRY_SCHEDULE", &["0.2"; 60].join(","))
        // Nothing but what the tests ask for.
        .setting("OFFLINE_DIGEST_DELAY_S", "86400")
        .setting("PRESENCE_TIMEOUT_S", "86400")
}

/// Makes requests with these numbers, each of which owes a confirmation to [`recipient`].
pub async fn request(api: &Api, numbers: impl IntoIterator<Item = usize>) {
    let requests = numbers.into_iter().map(|number| async move {
        let body = json!({
            "session_id": format!("session-{number}"),
            "initial_message": "A human, please",
            "user_name": "Robin",
            "user_email": recipient(number),
        });
        api.post("/human-support/request", &body).await.expect(201);
    });
    stream::iter(requests)
        .buffer_unordered(AT_ONCE)
        .for_each(|()| std::future::ready(()))
        .await;
}

/// All deliveries of this status, as an admin sees them.
pub async fn deliveries(admin: &Api, status: &str) -> Vec<Value> {
    let mut found = Vec::new();
    loop {
        let page = found.len() / PAGE + 1;
        let path = format!("/api/v1/admin/deliveries?status={status}&channel=email&page={page}&limit={PAGE}");
        let answer = admin.get(&path).await.expect(200);
        let rows = answer["data"]["deliveries"].as_array().unwrap();
        found.extend(rows.iter().cloned());
        if rows.len() < PAGE {
            return found;
        }
    }
}

/// The delivery to a recipient, if it has this status.
pub async fn delivery(admin: &Api, status: &str, recipient: &str) -> Option<Value> {
    let all = deliveries(admin, status).await;
    all.into_iter().find(|delivery| delivery["recipient"] == recipient)
}

/// The ids of the mails that each recipient got, in the order in which they came.
#[must_use]
pub fn ids_by_recipient(mails: &[Mail]) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mail in mails {
        for recipient in &mail.recipients {
            let id = mail.message_id().unwrap();
            ids.entry(recipient.clone()).or_default().push(id);
        }
    }
    ids
}

/// Checks that each of the first `count` recipients got their mail, always under the same id, and
/// gives the number of mails that came more than once.
///
/// # Panics
/// When a mail is missing, or one came under several ids.
#[must_use]
pub fn doubles(mails: &[Mail], count: usize) -> usize {
    let ids = ids_by_recipient(mails);
    let mut seen = BTreeMap::new();
    for number in 0..count {
        let recipient = recipient(number);
        let of_recipient = ids.get(&recipient);
        assert!(of_recipient.is_some(), "nothing arrived at {recipient}");
        for id in of_recipient.unwrap() {
            assert_eq!(id, &of_recipient.unwrap()[0], "a retry has another id");
        }
        let other = seen.insert(of_recipient.unwrap()[0].clone(), recipient.clone());
        assert_eq!(other, None, "two deliveries have one id");
    }
    ids.values().map(|ids| ids.len() - 1).sum()
}
