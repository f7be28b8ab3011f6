//! Mails on their way, against a real server.

use std::sync::Arc;
use std::time::Duration;

use support_core::model::{DeliveryId, MailTemplate};
use support_core::ports::{LetterKind, Notifier as _, NotifyError};
use support_notify::{SmtpLimits, SmtpNotifier, Templates};
use support_peers::SmtpSink;
use support_peers::smtp::{Act, Stage};
use uuid::Uuid;

use crate::letters::{full, minimal, outgoing, route};

pub(crate) fn notifier() -> SmtpNotifier {
    SmtpNotifier::new(Arc::new(Templates::new()))
}

pub(crate) fn reason(error: &NotifyError) -> String {
    let reason = error.to_string();
    assert!(
        reason.chars().count() <= 300 && !reason.contains(['\r', '\n']),
        "{reason}"
    );
    reason
}

#[tokio::test]
async fn every_kind_of_mail_is_taken_by_a_strict_server() {
    let sink = SmtpSink::start().await;
    let notifier = notifier();
    for kind in LetterKind::MAILS {
        for letter in [minimal(*kind), full(*kind)] {
            let mail = outgoing(&route(sink.port()), &["ann@example.com"], letter);
            let sent = notifier.send(&mail).await.unwrap();
            assert_eq!(sent.response.as_deref(), Some("250 2.0.0 mail taken"), "{kind:?}");
            assert_eq!(sent.remark, None);
        }
    }
    assert_eq!(sink.accepted(), 2 * LetterKind::MAILS.len() as u64);
    assert_eq!(sink.refusals(), []);
}

#[tokio::test]
async fn what_never_goes_by_mail_is_no_mail() {
    let sink = SmtpSink::start().await;
    for kind in [
        LetterKind::MessageAlert,
        LetterKind::JournalEvent,
        LetterKind::CallbackConfirmed,
    ] {
        let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(kind));
        assert!(matches!(
            notifier().send(&mail).await,
            Err(NotifyError::Permanent { .. })
        ));
    }
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn mails_in_a_row_go_over_one_connection() {
    let sink = SmtpSink::start().await;
    let notifier = notifier();
    let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
    for _ in 0..5 {
        notifier.send(&mail).await.unwrap();
    }
    assert_eq!((sink.accepted(), sink.connections()), (5, 1));
}

#[tokio::test]
async fn a_refused_mail_leaves_the_connection_to_the_next() {
    let sink = SmtpSink::start().await;
    let notifier = notifier();
    sink.refuse_recipient("gone@example.com", "550 5.1.1 no such user");
    sink.answer_data_once("554 5.6.0 no");
    for (to, is_taken) in [
        ("gone@example.com", false),
        ("ann@example.com", false),
        ("ann@example.com", true),
    ] {
        let mail = outgoing(&route(sink.port()), &[to], full(LetterKind::Test));
        assert_eq!(notifier.send(&mail).await.is_ok(), is_taken);
    }
    assert_eq!(sink.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_mails_at_once_share_a_few_connections() {
    let sink = SmtpSink::start().await;
    sink.latency(Duration::from_millis(1));
    let notifier = Arc::new(notifier());
    let mut sending = tokio::task::JoinSet::new();
    for number in 0..100 {
        let notifier = Arc::clone(&notifier);
        let mut mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
        mail.id = DeliveryId::new(Uuid::from_u128(number));
        sending.spawn(async move { notifier.send(&mail).await.unwrap() });
    }
    sending.join_all().await;
    assert_eq!(sink.accepted(), 100);
    assert!((2..=8).contains(&sink.max_concurrent()), "{}", sink.max_concurrent());
    assert!(sink.connections() <= 8, "{}", sink.connections());
    let mut ids: Vec<_> = sink.mails().iter().map(|mail| mail.message_id().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 100);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced() {
    let sink = SmtpSink::start().await;
    let notifier = notifier();
    let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
    notifier.send(&mail).await.unwrap();
    for act in [Act::Close, Act::Answer("421 4.4.2 idle for too long".to_owned())] {
        sink.answer_once(Stage::Mail, act);
        notifier.send(&mail).await.unwrap();
    }
    assert_eq!((sink.accepted(), sink.connections()), (3, 3));
}

#[tokio::test]
async fn a_server_that_hangs_is_left_in_time() {
    let sink = SmtpSink::start().await;
    let limits = SmtpLimits {
        answer: Duration::from_millis(300),
        ..SmtpLimits::default()
    };
    let notifier = SmtpNotifier::with_limits(Arc::new(Templates::new()), limits);
    let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));

    sink.hang(true);
    let error = tokio::time::timeout(Duration::from_secs(5), notifier.send(&mail))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(&error, NotifyError::Temporary { retry_after: None, .. }),
        "{error:?}"
    );
    sink.hang(false);
    sink.answer_once(Stage::Content, Act::Hang);
    let error = tokio::time::timeout(Duration::from_secs(5), notifier.send(&mail))
        .await
        .unwrap()
        .unwrap_err();
    assert!(matches!(&error, NotifyError::Temporary { .. }), "{error:?}");
    notifier.send(&mail).await.unwrap();
}

#[tokio::test]
async fn connections_without_work_are_not_kept_for_ever() {
    let sink = SmtpSink::start().await;
    let limits = SmtpLimits {
        idle: Duration::ZERO,
        ..SmtpLimits::default()
    };
    let notifier = SmtpNotifier::with_limits(Arc::new(Templates::new()), limits);
    let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
    for _ in 0..2 {
        notifier.send(&mail).await.unwrap();
    }
    assert_eq!((sink.accepted(), sink.connections()), (2, 2));
}

#[tokio::test]
async fn accounts_beyond_the_limit_are_forgotten_and_made_anew() {
    let sinks = [SmtpSink::start().await, SmtpSink::start().await];
    let limits = SmtpLimits {
        accounts: 1,
        ..SmtpLimits::default()
    };
    let notifier = SmtpNotifier::with_limits(Arc::new(Templates::new()), limits);
    for _ in 0..2 {
        for sink in &sinks {
            let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
            notifier.send(&mail).await.unwrap();
        }
    }
    assert_eq!(sinks.each_ref().map(SmtpSink::connections), [2, 2]);
}

#[test]
fn a_notifier_may_outlive_its_runtime_and_be_dropped_without_one() {
    let notifier = notifier();
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let sink = SmtpSink::start().await;
            let mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
            notifier.send(&mail).await.unwrap();
        });
    }
    drop(notifier);
}

#[tokio::test]
async fn a_tenants_words_are_sent_and_broken_ones_replaced() {
    let sink = SmtpSink::start().await;
    let notifier = notifier();
    let own = |text: &str| MailTemplate {
        text: text.to_owned(),
        ..MailTemplate::default()
    };
    for (text, expected) in [
        ("Own words for {{ ticket.number }}", "Own words for TKT-17"),
        ("{{ nope }}", "This is a test."),
    ] {
        let mut mail = outgoing(&route(sink.port()), &["ann@example.com"], full(LetterKind::Test));
        mail.templates = Arc::new([("test".to_owned(), own(text))].into());
        notifier.send(&mail).await.unwrap();
        let arrived = sink.mails().pop().unwrap();
        assert!(arrived.text().unwrap().starts_with(expected));
        assert!(arrived.html().unwrap().contains("This is a test."));
    }
}
