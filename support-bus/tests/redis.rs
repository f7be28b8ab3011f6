//! Nodes hear each other through a real Redis, which dies, freezes and comes back.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{sync::Arc, time::Duration};

use redis::{Client, aio::MultiplexedConnection};
use support_bus::{RedisBus, RedisBusSettings, RedisUrl};
use support_core::{
    model::{Side, TenantId, TicketId},
    ports::{BusMessage, EventBus, Ids, RandomIds, Signal},
};
use support_testkit::{Redis, eventually};
use tokio::{sync::broadcast::Receiver, time::timeout};

const SOON: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_millis(500);
const CHANNEL: &str = "support:bus";

fn hint(seq: u64) -> BusMessage {
    let tenant = TenantId::from(RandomIds.uuid());
    BusMessage::Journal { tenant, seq }
}

fn typing() -> BusMessage {
    BusMessage::Signal {
        tenant: TenantId::from(RandomIds.uuid()),
        signal: Signal::Typing {
            ticket: TicketId::from(RandomIds.uuid()),
            number: 1,
            side: Side::Customer,
            agent: None,
            name: None,
            assignee: None,
            department: None,
            is_typing: true,
        },
    }
}

async fn is_up(bus: &RedisBus) {
    eventually(SOON, || async { bus.ping().await.ok() }).await;
}

async fn is_away(bus: &RedisBus) {
    eventually(SOON, || async { bus.ping().await.err() }).await;
}

async fn node(url: &str) -> RedisBus {
    let bus = RedisBus::connect(url).unwrap();
    is_up(&bus).await;
    bus
}

async fn next(heard: &mut Receiver<BusMessage>) -> BusMessage {
    timeout(SOON, heard.recv()).await.unwrap().unwrap()
}

/// Somebody else who uses the same Redis.
async fn stranger(redis: &Redis) -> MultiplexedConnection {
    let client = Client::open(redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn listeners(redis: &Redis) -> u64 {
    let mut stranger = stranger(redis).await;
    let mut count = redis::cmd("PUBSUB");
    count.arg("NUMSUB").arg(CHANNEL);
    let (_, count): (String, u64) = count.query_async(&mut stranger).await.unwrap();
    count
}

#[tokio::test]
async fn nodes_hear_each_other_and_themselves_once() {
    let redis = Redis::start().await;
    let (first, second) = (node(&redis.url()).await, node(&redis.url()).await);
    let (mut at_first, mut at_second) = (first.subscribe(), second.subscribe());
    let (told, answered) = (typing(), hint(7));

    first.publish(told.clone()).await.unwrap();
    assert_eq!(next(&mut at_second).await, told);
    second.publish(answered.clone()).await.unwrap();
    assert_eq!(next(&mut at_second).await, answered);
    // By now the echo of the first message would have come as well.
    assert_eq!(next(&mut at_first).await, told);
    assert_eq!(next(&mut at_first).await, answered);
    assert!(at_first.is_empty() && at_second.is_empty());
}

#[tokio::test]
async fn everything_that_was_taken_arrives() {
    let redis = Redis::start().await;
    let (first, second) = (node(&redis.url()).await, node(&redis.url()).await);
    let mut heard = second.subscribe();
    for _ in 0..500 {
        let said = [hint(1), typing()];
        for message in &said {
            first.publish(message.clone()).await.unwrap();
        }
        let both = [next(&mut heard).await, next(&mut heard).await];
        assert!(said.iter().all(|message| both.contains(message)), "{said:?} {both:?}");
    }
}

#[tokio::test]
async fn a_node_goes_on_alone_and_hears_the_others_again_by_itself() {
    let mut redis = Redis::start().await;
    let (first, second) = (node(&redis.url()).await, node(&redis.url()).await);
    let (mut at_first, mut at_second) = (first.subscribe(), second.subscribe());

    for _ in 0..3 {
        redis.kill().await;
        is_away(&second).await;
        let alone = hint(1);
        eventually(SOON, || async { first.publish(alone.clone()).await.err() }).await;
        first.ping().await.unwrap_err();
        assert_eq!(
            at_first.try_recv().as_ref(),
            Ok(&alone),
            "at once, whatever became of Redis"
        );
        while at_first.try_recv().as_ref() == Ok(&alone) {}

        redis.restart().await;
        is_up(&first).await;
        is_up(&second).await;
        let (there, back) = (hint(2), typing());
        first.publish(there.clone()).await.unwrap();
        assert_eq!(
            next(&mut at_second).await,
            there,
            "and nothing of what was said meanwhile"
        );
        second.publish(back.clone()).await.unwrap();
        assert_eq!(next(&mut at_first).await, there);
        assert_eq!(next(&mut at_first).await, back);
        assert_eq!(next(&mut at_second).await, back);
    }
}

#[tokio::test]
async fn a_node_starts_without_redis_and_finds_it_later() {
    let mut redis = Redis::start().await;
    redis.kill().await;
    let (first, second) = (
        RedisBus::connect(&redis.url()).unwrap(),
        RedisBus::connect(&redis.url()).unwrap(),
    );
    let (mut at_first, mut at_second) = (first.subscribe(), second.subscribe());
    let alone = typing();
    first.publish(alone.clone()).await.unwrap_err();
    assert_eq!(at_first.try_recv(), Ok(alone));
    first.ping().await.unwrap_err();

    redis.restart().await;
    is_up(&first).await;
    is_up(&second).await;
    let together = hint(1);
    first.publish(together.clone()).await.unwrap();
    assert_eq!(next(&mut at_second).await, together);
}

#[tokio::test]
async fn nobody_waits_for_a_redis_that_hangs() {
    let mut redis = Redis::start().await;
    let (first, second) = (node(&redis.url()).await, node(&redis.url()).await);
    redis.freeze().await;
    let flood = async {
        let mut refused = 0;
        for _ in 0..5_000 {
            refused += u32::from(first.publish(hint(1)).await.is_err());
        }
        refused
    };
    // Redis would have to answer before this: nothing here gives it time.
    let refused = timeout(Duration::from_millis(900), flood).await.unwrap();
    assert!(refused > 0, "what nobody takes is dropped");
    is_away(&first).await;

    redis.thaw().await;
    // The connection may still be given up for the answers that it owed: what is said then is lost.
    let last = typing();
    eventually(SOON, || async {
        let mut heard = second.subscribe();
        first.publish(last.clone()).await.ok()?;
        let listening = timeout(PATIENCE, async { while heard.recv().await.unwrap() != last {} });
        listening.await.ok()
    })
    .await;
}

#[tokio::test]
async fn rubbish_on_the_channel_is_ignored() {
    let redis = Redis::start().await;
    let (first, second) = (node(&redis.url()).await, node(&redis.url()).await);
    let mut heard = second.subscribe();
    let mut stranger = stranger(&redis).await;
    let far_too_long = "x".repeat(4 << 20);
    for rubbish in [
        "",
        "hello",
        "{}",
        "[1,2]",
        "\u{0}\u{7f}",
        r#"{"node":1,"messages":[]}"#,
        &far_too_long,
    ] {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(CHANNEL).arg(rubbish);
        let reached: u64 = publish.query_async(&mut stranger).await.unwrap();
        assert_eq!(reached, 2);
    }
    let news = typing();
    first.publish(news.clone()).await.unwrap();
    assert_eq!(next(&mut heard).await, news);
    assert!(heard.is_empty());
}

#[tokio::test]
async fn installations_with_other_prefixes_do_not_hear_each_other() {
    let redis = Redis::start().await;
    let ours = node(&redis.url()).await;
    let url: RedisUrl = redis.url().parse().unwrap();
    let settings = RedisBusSettings {
        channel_prefix: "other:".to_owned(),
    };
    let theirs = [(); 2].map(|()| RedisBus::connect_with(&url, &settings));
    for node in &theirs {
        is_up(node).await;
    }
    let (mut at_ours, mut at_theirs) = (ours.subscribe(), theirs.each_ref().map(EventBus::subscribe));
    let [sender, _] = &theirs;
    let said = hint(1);
    sender.publish(said.clone()).await.unwrap();
    for heard in &mut at_theirs {
        assert_eq!(next(heard).await, said);
    }
    assert!(at_ours.try_recv().is_err());
}

#[tokio::test]
async fn a_dropped_bus_leaves_redis() {
    let redis = Redis::start().await;
    let bus: Arc<dyn EventBus> = Arc::new(node(&redis.url()).await);
    assert_eq!(listeners(&redis).await, 1);
    drop(bus);
    eventually(SOON, || async { (listeners(&redis).await == 0).then_some(()) }).await;
}

#[tokio::test]
async fn a_password_lets_a_node_in_and_is_never_told() {
    let redis = Redis::start_with(&["--requirepass", "open-sesame"]).await;
    let bus = node(&format!("{}?pass=open-sesame", redis.url())).await;
    assert!(!format!("{bus:?}").contains("sesame"));

    for url in [redis.url(), format!("{}?pass=shut-sesame", redis.url())] {
        let outside = RedisBus::connect(&url).unwrap();
        let refused = eventually(SOON, || async {
            let told = outside.ping().await.unwrap_err().to_string();
            (!told.contains("being connected")).then_some(told)
        });
        let told = refused.await;
        assert!(!told.contains("sesame"), "{told}");
        assert!(!format!("{outside:?}").contains("sesame"));
    }
}

#[tokio::test]
async fn a_node_that_demands_encryption_can_do_it_by_itself() {
    // Nobody listens there: what counts is that it came so far, with no cryptography but this crate's own.
    let bus = RedisBus::connect("rediss://127.0.0.1:1").unwrap();
    let told = eventually(SOON, || async {
        let told = bus.ping().await.unwrap_err().to_string();
        told.to_lowercase().contains("refused").then_some(told)
    });
    told.await;
}
