//! The shop over HTTP, as its visitors and Mara see it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what panics here is a failed test"
)]

use std::{future::pending, net::SocketAddr, sync::Arc, time::Duration};

use bot::{ARTICLES, CLOSED, HANDING_OVER, PUZZLED, ShopBot, app, open_shop};
use serde_json::{Value, json};
use support_core::{
    desk::Desk,
    memory::MemoryStore,
    workers::{run_deliveries, run_sweeps},
};
use support_testkit::{Api, eventually};
use tokio::net::TcpListener;

const LIMIT: Duration = Duration::from_secs(20);
const OPENING_HOURS: &str = "We are here from 9 to 17, Monday to Friday.";

/// The shop at an address of its own.
async fn shop() -> Api {
    let bot = Arc::new(ShopBot::reading(ARTICLES).unwrap());
    let desk = Desk::builder(MemoryStore::new()).responder(bot).build();
    open_shop(&desk).await.unwrap();
    tokio::spawn(run_deliveries(desk.clone(), pending()));
    tokio::spawn(run_sweeps(desk.clone(), pending()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app(desk).unwrap().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    Api::new(&format!("http://{address}"))
}

struct Visitor {
    api: Api,
    session: String,
    chat: String,
}

impl Visitor {
    async fn asking(api: &Api, words: &str) -> Self {
        let opened = api.post("/api/v1/chat", &json!({ "message": words })).await.expect(201);
        Self {
            api: api.clone(),
            session: opened["data"]["sessionId"].as_str().unwrap().to_owned(),
            chat: opened["data"]["chatId"].as_str().unwrap().to_owned(),
        }
    }

    async fn ask(&self, words: &str) {
        let words = json!({ "sessionId": self.session, "message": words });
        self.api.post("/api/v1/chat", &words).await.expect(200);
    }

    async fn chat(&self) -> Value {
        let path = format!("/api/v1/chat?sessionId={}", self.session);
        self.api.get(&path).await.expect(200)["data"].take()
    }

    /// What the bot has said, when it is so much.
    async fn hears(&self, count: usize) -> Vec<String> {
        eventually(LIMIT, || async {
            let said = words(&self.chat().await["messages"], "BOT");
            (said.len() == count).then_some(said)
        })
        .await
    }
}

fn words(messages: &Value, sender: &str) -> Vec<String> {
    let messages = messages.as_array().unwrap().iter();
    let theirs = messages.filter(|message| message["sender"] == sender);
    theirs
        .map(|message| message["message"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_the_bot_knows_is_answered_while_everybody_sleeps() {
    let visitor = Visitor::asking(&shop().await, "When are you open?").await;
    assert_eq!(visitor.hears(2).await, [CLOSED, OPENING_HOURS]);
    visitor.ask("And do you take cards?").await;
    assert!(visitor.hears(3).await.pop().unwrap().starts_with("We take cards"));
}

#[tokio::test]
async fn who_asks_for_a_human_gets_one_who_knows_what_was_asked() {
    let api = shop().await;
    let mara = api.login("mara@localhost", "correct horse").await;
    let me = mara.get("/api/auth/me").await.expect(200);
    let id = me["user"]["id"].as_str().unwrap().to_owned();
    mara.post("/api/v1/admin/presence", &json!({ "isOnline": true }))
        .await
        .expect(200);
    let status = json!({ "status": "available" });
    mara.patch(&format!("/api/agents/{id}/status"), &status)
        .await
        .expect(200);
    let visitor = Visitor::asking(&api, "When are you open?").await;
    visitor.hears(1).await;
    visitor.ask("I want to talk to a human").await;
    assert_eq!(visitor.hears(2).await, [OPENING_HOURS, HANDING_OVER]);
    let assigned = eventually(LIMIT, || async {
        let chat = visitor.chat().await;
        (!chat["assignedTo"].is_null()).then_some(chat)
    })
    .await;
    assert!(!assigned.to_string().contains("Wants to talk"), "{assigned}");
    let path = format!("/api/v1/admin/chat/{}", visitor.chat);
    let seen = mara.get(&path).await.expect(200).to_string();
    assert!(
        seen.contains("Wants to talk to a human.\\n- When are you open?\\n- I want to talk to a human"),
        "{seen}"
    );
}

#[tokio::test]
async fn what_the_bot_does_not_understand_twice_it_leaves_to_people() {
    let visitor = Visitor::asking(&shop().await, "Xyzzy").await;
    assert_eq!(visitor.hears(2).await, [CLOSED, PUZZLED]);
    visitor.ask("Plugh").await;
    assert_eq!(visitor.hears(3).await.pop().unwrap(), HANDING_OVER);
    assert_eq!(visitor.chat().await["status"], "WAITING");
}

#[tokio::test]
async fn agents_see_until_when_the_bot_has_a_chat_and_visitors_do_not() {
    let api = shop().await;
    let mara = api.login("mara@localhost", "correct horse").await;
    let visitor = Visitor::asking(&api, "Xyzzy").await;
    visitor.hears(2).await;
    let held = async || {
        let chat = mara
            .get(&format!("/api/v1/admin/chat/{}", visitor.chat))
            .await
            .expect(200);
        let ticket = mara.get(&format!("/api/tickets/{}", visitor.chat)).await.expect(200);
        let ticket = ticket.pointer("/data/ticket/heldForBotUntil").unwrap();
        assert_eq!(ticket, chat.pointer("/data/chat/heldForBotUntil").unwrap());
        ticket.clone()
    };
    assert!(held().await.is_string());
    assert!(!visitor.chat().await.to_string().contains("heldForBotUntil"));
    visitor.ask("Plugh").await;
    eventually(LIMIT, || async { held().await.is_null().then_some(()) }).await;
}
