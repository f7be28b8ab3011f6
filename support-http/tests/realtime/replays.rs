//! Whoever comes back is told what they missed: all of it, in order, once.

use serde_json::json;

use crate::{server::Server, sockets::Client, streams::Stream};

const MISSED: usize = 10_000;
const WRITTEN_MEANWHILE: usize = 1_500;

async fn write(server: &Server, secret: &str, from: usize, count: usize) {
    let ticket = server.ticket(secret).await;
    for place in from..from + count {
        server.say(&ticket, place.to_string()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_gets_ten_thousand_missed_messages_while_new_ones_come() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let before = server.ticket(&request.token).await.thread.last_seq;
    write(&server, &request.token, 0, MISSED).await;
    let more = format!("&after={before}");
    let (mut client, ()) = tokio::join!(
        Client::open(&server, &request.id, &request.token, &more),
        write(&server, &request.token, MISSED, WRITTEN_MEANWHILE),
    );
    for expected in 0..MISSED + WRITTEN_MEANWHILE {
        let message = client.expect("message").await;
        assert_eq!(message["message"], expected.to_string());
        assert_eq!(message["seq"], json!(before + 1 + u64::try_from(expected).unwrap()));
    }
    client.hears_nothing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_get_ten_thousand_missed_events_while_new_ones_come() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let (session, _) = server.chat("begin").await;
    let last = server.desk().stores().events.last_event(server.tenant).await.unwrap();
    write(&server, &session, 0, MISSED).await;
    let (mut visitor, mut console, ()) = tokio::join!(
        Stream::visitor(&server, &session, Some(last)),
        Stream::console(&server, &login, Some(last)),
        write(&server, &session, MISSED, WRITTEN_MEANWHILE),
    );
    let mut cursor = last;
    for expected in 0..MISSED + WRITTEN_MEANWHILE {
        let event = visitor.expect("message").await;
        assert_eq!(event.data["message"], expected.to_string());
        assert!(event.id.unwrap() > cursor);
        cursor = event.id.unwrap();
        let event = console.expect("message").await;
        assert_eq!(event.data["message"]["message"], expected.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_without_a_place_hears_only_what_happens_from_now_on() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let mut client = Client::user(&server, &request).await;
    client.hears_nothing().await;
    client.say("now").await;
    assert_eq!(client.expect("message").await["message"], "now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_was_away_for_too_long_is_told_to_read_everything_anew() {
    let server = Server::start().await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let mut console = Stream::console(&server, &login, Some(1_000_000)).await;
    let reset = console.expect("reset").await;
    assert!(reset.id.is_some());
    let (_, chat) = server.chat("Hello").await;
    assert_eq!(console.expect("chat").await.data["chat"]["chatId"], json!(chat));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_falls_behind_while_catching_up_still_gets_everything() {
    let server = Server::start().await;
    let request = server.ask("bot-1").await;
    let ticket = server.ticket(&request.token).await;
    let before = ticket.thread.last_seq;
    let last = server.desk().stores().events.last_event(server.tenant).await.unwrap();
    let long = "x".repeat(4_900);
    let words = |place: usize| format!("{place} {long}");
    let (missed, meanwhile) = (3_000, 600);
    for place in 0..missed {
        server.say(&ticket, words(place)).await;
    }
    let more = format!("&after={before}");
    let mut client = Client::open(&server, &request.id, &request.token, &more).await;
    let mara = server.agent("Mara").await;
    let login = server.login(server.tenant, &mara);
    let mut console = Stream::console(&server, &login, Some(last)).await;
    // More than may wait for a connection, while neither reads.
    for place in missed..missed + meanwhile {
        server.say(&ticket, words(place)).await;
    }
    for place in 0..missed + meanwhile {
        assert_eq!(client.expect("message").await["message"], words(place));
        let event = console.expect("message").await;
        assert_eq!(event.data["message"]["message"], words(place));
    }
    client.hears_nothing().await;
}
