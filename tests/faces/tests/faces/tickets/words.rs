//! What is said in tickets, and sent of it.

use serde_json::{Value, json};
use support_faces::{Chat, Kind, World, has_fields, on_both_stores, refused, refused_fields, text_of};
use support_peers::SmtpSink;
use support_testkit::Api;

use super::{MESSAGE, SOON, open, path, server};

on_both_stores!(
    everybody_speaks_in_their_own_name,
    a_transcript_goes_to_the_address_given_and_has_no_notes,
);

async fn everybody_speaks_in_their_own_name(kind: Kind) {
    let world = World::start(kind).await;
    let admin = world.admin().await;
    let server = server(&admin, &world.public(), "tickets").await;
    let ticket = open(&admin, "crm-1").await;
    let say = async |api: &Api, body: Value| api.post(&path(&ticket, "/messages"), &body).await;
    let me = admin.get("/api/auth/me").await.expect(200)["user"]["id"].clone();

    let words = json!({ "content": " On it! ", "sender": "agent", "senderId": me, "metadata": { "mood": "good" },
        "clientMessageId": "m-1" });
    let posted = say(&admin, words.clone()).await.expect(201)["data"].clone();
    has_fields(&posted["message"], MESSAGE);
    assert_eq!(
        (&posted["message"]["content"], &posted["message"]["senderId"]),
        (&json!("On it!"), &me)
    );
    assert_eq!(posted["message"]["metadata"], json!({ "mood": "good" }));
    assert_eq!(posted["ticket"]["assignedAgent"], me, "whoever answers takes it");
    let again = say(&admin, words).await.expect(200);
    assert_eq!(again["data"]["message"]["id"], posted["message"]["id"]);
    let note = json!({ "content": "between us", "sender": "agent", "messageType": "note" });
    let note = say(&admin, note).await.expect(201);
    assert_eq!(note["data"]["message"]["messageType"], "note");

    for sender in ["customer", "bot", "agent"] {
        let words = json!({ "content": sender, "sender": sender });
        let said = say(&server, words.clone()).await.expect(201);
        assert_eq!(said["data"]["message"]["sender"], sender);
        if sender != "agent" {
            refused(&say(&admin, words).await, 403, "FORBIDDEN");
        }
    }
    let foreign = json!({ "content": "x", "sender": "agent", "senderId": uuid::Uuid::now_v7() });
    refused_fields(&say(&admin, foreign).await, &["senderId"]);
    refused_fields(&say(&admin, json!({})).await, &["content", "sender"]);
    let wrong = json!({ "content": "x".repeat(5_001), "sender": "system", "messageType": "dance", "metadata": [] });
    refused_fields(
        &say(&admin, wrong).await,
        &["content", "sender", "messageType", "metadata"],
    );
    let bare = json!({ "content": "x", "sender": "agent", "messageType": "image" });
    refused_fields(&say(&admin, bare).await, &["attachmentIds"]);

    let all = admin.get(&path(&ticket, "/messages?limit=100")).await.expect(200);
    let seqs: Vec<u64> = all["data"]["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    let part = admin.get(&path(&ticket, "/messages?after=2&limit=2")).await.expect(200)["data"].clone();
    assert_eq!(
        (&part["messages"][0]["seq"], &part["messages"][1]["seq"]),
        (&json!(3), &json!(4))
    );
    let next = format!("/messages?limit=1&cursor={}", text_of(&part, "/nextCursor"));
    let next = admin.get(&path(&ticket, &next)).await.expect(200);
    assert_eq!(next["data"]["messages"][0]["seq"], 5);
    refused_fields(
        &admin.get(&path(&ticket, "/messages?after=-1&limit=0")).await,
        &["after", "limit"],
    );
}

async fn a_transcript_goes_to_the_address_given_and_has_no_notes(kind: Kind) {
    let sink = SmtpSink::start().await;
    let port = sink.port().to_string();
    let settings = [
        ("SMTP_SERVER", "127.0.0.1"),
        ("SMTP_PORT", port.as_str()),
        ("SMTP_USE_TLS", "none"),
        ("FROM_EMAIL", "support@shop.example"),
    ];
    let world = World::with(kind, &settings).await;
    let (admin, public) = (world.admin().await, world.public());
    let chat = Chat::open(&public, "My own words").await;
    let ask = async |email: &str| {
        let body = json!({ "sessionId": chat.session, "email": email });
        public.post("/api/v1/chat/transcript", &body).await
    };
    let arrived = async |email: &str| {
        let email = email.to_owned();
        let mail = sink
            .wait_for_mail(|mail| mail.recipients == [email.clone()], SOON)
            .await;
        (
            mail.header("Subject").unwrap_or_default(),
            mail.text().unwrap_or_default(),
        )
    };
    ask("early@mail.example").await.expect(200);
    let (subject, text) = arrived("early@mail.example").await;
    assert!(!subject.contains("My own words"), "{subject}");
    assert!(!text.contains("My own words"), "a stranger's words by us: {text}");

    chat.agent_says(&admin, "An answer <b>").await;
    chat.agent_notes(&admin, "between us").await;
    ask("vera@mail.example").await.expect(200);
    let (subject, text) = arrived("vera@mail.example").await;
    assert!(subject.contains(&chat.number), "{subject}");
    assert!(
        text.contains("My own words") && text.contains("An answer <b>"),
        "{text}"
    );
    assert!(!text.contains("between us"), "{text}");
    assert!(!text.contains("/conversation#"), "a way in for whoever gets it: {text}");

    let path = format!("/api/tickets/{}/transcript", chat.number);
    let sent = admin.post(&path, &json!({ "email": "boss@shop.example" })).await;
    assert_eq!(sent.expect(200)["data"]["email"], "boss@shop.example");
    let (_, text) = arrived("boss@shop.example").await;
    assert!(text.contains("An answer") && !text.contains("between us"), "{text}");
    refused(&ask("one@more.example").await, 429, "RATE_LIMITED");
    refused_fields(&admin.post(&path, &json!({ "email": "x" })).await, &["email"]);
    let nothing = public.post("/api/v1/chat/transcript", &json!({})).await;
    refused_fields(&nothing, &["email", "sessionId"]);
    let unknown = json!({ "sessionId": "x", "email": "vera@mail.example" });
    refused(
        &public.post("/api/v1/chat/transcript", &unknown).await,
        404,
        "NOT_FOUND",
    );
}
