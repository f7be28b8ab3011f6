//! What servers answer, and what comes of it.

use std::time::Duration;

use support_core::ports::{LetterKind, Notifier as _, NotifyError, Sent};
use support_peers::SmtpSink;
use support_peers::smtp::{Act, Stage};
use tokio::net::TcpListener;

use crate::letters::{full, outgoing, route};
use crate::sending::{notifier, reason};

async fn send(sink: &SmtpSink, recipients: &[&str]) -> Result<Sent, NotifyError> {
    let mail = outgoing(&route(sink.port()), recipients, full(LetterKind::CallbackRequested));
    notifier().send(&mail).await
}

fn kind(error: &NotifyError) -> &'static str {
    match error {
        NotifyError::Temporary { .. } => "temporary",
        NotifyError::Permanent { .. } => "permanent",
        NotifyError::Refused { .. } => "refused",
        _ => "other",
    }
}

#[tokio::test]
async fn codes_mean_what_the_standards_say_at_every_stage() {
    let sink = SmtpSink::start().await;
    let cases = [
        ("421 4.3.2 shutting down", "temporary"),
        ("450 4.2.0 greylisted", "temporary"),
        ("451 4.3.0 local error", "temporary"),
        ("452 4.2.2 full", "temporary"),
        ("454 4.7.0 not now", "temporary"),
        ("550 5.1.1 no such user", "permanent"),
        ("552 5.2.2 mailbox full", "permanent"),
        ("554 5.7.1 spam", "permanent"),
        ("501 5.1.3 syntax", "permanent"),
        ("530 5.7.0 authentication required", "refused"),
        ("534 5.7.9 mechanism too weak", "refused"),
        ("535 5.7.8 bad credentials", "refused"),
        ("538 5.7.11 encryption required", "refused"),
    ];
    for (answer, expected) in cases {
        for stage in [Stage::Mail, Stage::Recipient, Stage::Content] {
            sink.answer_once(stage, Act::Answer(answer.to_owned()));
            let error = send(&sink, &["ann@example.com"]).await.unwrap_err();
            assert_eq!(kind(&error), expected, "{answer} at {stage:?}");
            assert_eq!(reason(&error), answer);
        }
    }
    assert_eq!(sink.accepted(), 0);
    sink.answer_once(Stage::Greeting, Act::Answer("421 4.3.2 too busy".to_owned()));
    assert_eq!(kind(&send(&sink, &["ann@example.com"]).await.unwrap_err()), "temporary");
}

#[tokio::test]
async fn recipients_have_answers_of_their_own() {
    let sink = SmtpSink::start().await;
    let all = ["ann@example.com", "later@example.com", "gone@example.com"];

    let sent = send(&sink, &all).await.unwrap();
    assert_eq!(sent.remark, None);
    assert_eq!(sink.mails().pop().unwrap().recipients, all);
    assert_eq!(sink.accepted(), 1, "one transaction for all");

    sink.refuse_recipient("gone@example.com", "550 5.1.1 no such user");
    let sent = send(&sink, &all).await.unwrap();
    assert_eq!(
        sent.remark.as_deref(),
        Some("1 of 3 recipients: 550 5.1.1 no such user")
    );
    assert_eq!(sink.mails().pop().unwrap().recipients, all[..2]);

    sink.refuse_recipient("later@example.com", "450 4.2.0 greylisted");
    let error = send(&sink, &all).await.unwrap_err();
    let expected = NotifyError::Partly {
        reason: "2 of 3 recipients: 450 4.2.0 greylisted; 550 5.1.1 no such user".to_owned(),
        remaining: vec!["later@example.com".to_owned()],
    };
    assert_eq!(error, expected);
    assert_eq!(sink.mails().pop().unwrap().recipients, all[..1]);

    sink.refuse_recipient("ann@example.com", "450 4.2.0 greylisted");
    let error = send(&sink, &all).await.unwrap_err();
    assert!(matches!(error, NotifyError::Partly { remaining, .. } if remaining == all[..2]));
    assert_eq!(kind(&send(&sink, &all[..2]).await.unwrap_err()), "temporary");

    for address in all {
        sink.refuse_recipient(address, "550 5.1.1 no such user");
    }
    let error = send(&sink, &all).await.unwrap_err();
    assert_eq!(kind(&error), "permanent");
    assert_eq!(reason(&error), "3 of 3 recipients: 550 5.1.1 no such user");
    assert_eq!(sink.accepted(), 3);
}

#[tokio::test]
async fn too_many_recipients_at_once_are_tried_again() {
    let sink = SmtpSink::start().await;
    sink.refuse_recipient("bob@example.com", "552 5.5.3 too many recipients");
    let error = send(&sink, &["ann@example.com", "bob@example.com"]).await.unwrap_err();
    assert!(matches!(error, NotifyError::Partly { remaining, .. } if remaining == ["bob@example.com"]));
    assert_eq!(kind(&send(&sink, &["bob@example.com"]).await.unwrap_err()), "permanent");
}

#[tokio::test]
async fn all_get_it_later_when_the_content_is_not_taken_now() {
    let sink = SmtpSink::start().await;
    sink.refuse_recipient("gone@example.com", "550 5.1.1 no such user");
    sink.answer_data_once("451 4.3.0 try later");
    let error = send(&sink, &["ann@example.com", "gone@example.com", "bob@example.com"])
        .await
        .unwrap_err();
    assert!(
        matches!(error, NotifyError::Partly { remaining, .. } if remaining == ["ann@example.com", "bob@example.com"])
    );
}

#[tokio::test]
async fn greylisted_mail_is_taken_the_next_time() {
    let sink = SmtpSink::start().await;
    sink.answer_once(
        Stage::Recipient,
        Act::Answer("451 4.7.1 greylisted, try again in 300 s".to_owned()),
    );
    assert_eq!(kind(&send(&sink, &["ann@example.com"]).await.unwrap_err()), "temporary");
    send(&sink, &["ann@example.com"]).await.unwrap();
}

#[tokio::test]
async fn a_mail_whose_fate_is_unknown_goes_again_under_the_same_id() {
    let sink = SmtpSink::start().await;
    sink.close_before_answer(1);
    assert_eq!(kind(&send(&sink, &["ann@example.com"]).await.unwrap_err()), "temporary");
    send(&sink, &["ann@example.com"]).await.unwrap();
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].raw, mails[1].raw);
}

#[tokio::test]
async fn a_connection_lost_amid_the_content_is_tried_again() {
    let sink = SmtpSink::start().await;
    sink.drop_in_content(1);
    let error = send(&sink, &["ann@example.com"]).await.unwrap_err();
    assert_eq!(kind(&error), "temporary");
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut nowhere = route(port);
    let error = notifier()
        .send(&outgoing(&nowhere, &["ann@example.com"], full(LetterKind::Test)))
        .await
        .unwrap_err();
    assert_eq!(kind(&error), "temporary");
    nowhere.host = "mail.invalid".to_owned();
    let unknown = notifier();
    let mail = outgoing(&nowhere, &["ann@example.com"], full(LetterKind::Test));
    let error = tokio::time::timeout(Duration::from_secs(45), unknown.send(&mail))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(kind(&error), "temporary");
}

#[tokio::test]
async fn the_servers_name_for_a_mail_is_kept_else_its_id() {
    let sink = SmtpSink::start().await;
    let sent = send(&sink, &["ann@example.com"]).await.unwrap();
    assert_eq!(sent.provider_id, sink.mails()[0].message_id());
}

#[tokio::test]
async fn relays_that_want_a_sender_get_one() {
    let sink = SmtpSink::start().await;
    let mail = outgoing(
        &route(sink.port()),
        &["ann@example.com"],
        full(LetterKind::RequestConfirmed),
    );
    notifier().send(&mail).await.unwrap();
    sink.answer_once(Stage::Mail, Act::Answer("501 5.1.7 sender address required".to_owned()));
    notifier().send(&mail).await.unwrap();
    let senders: Vec<_> = sink.mails().into_iter().map(|mail| mail.envelope_from).collect();
    assert_eq!(senders, ["", "desk@support.example.org"]);
}

#[tokio::test]
async fn addresses_that_are_none_are_given_up() {
    let sink = SmtpSink::start().await;
    let wrong = [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@exa mple.com",
        "ann@example.com\r\nRCPT TO:<eve@example.com>",
    ];
    for wrong in wrong {
        let error = send(&sink, &[wrong]).await.unwrap_err();
        assert_eq!(kind(&error), "permanent", "{wrong:?}");
        let sent = send(&sink, &[wrong, "ann@example.com"]).await.unwrap();
        assert_eq!(sent.remark.as_deref(), Some("1 of 2 recipients: not a valid address"));
    }
    assert!(sink.mails().iter().all(|mail| mail.recipients == ["ann@example.com"]));
    let mut nobody = route(sink.port());
    nobody.from_email = "desk".to_owned();
    let error = notifier()
        .send(&outgoing(&nobody, &["ann@example.com"], full(LetterKind::Test)))
        .await
        .unwrap_err();
    assert_eq!(kind(&error), "refused");
}
