//! Credentials and encryption.

use std::sync::Arc;

use support_core::model::{Secret, TlsMode};
use support_core::ports::{LetterKind, Notifier as _, NotifyError, SmtpRoute};
use support_notify::{SmtpNotifier, Templates};
use support_peers::SmtpSink;
use support_peers::smtp::{Act, Stage};

use crate::letters::{full, outgoing, route};
use crate::sending::{notifier, reason};

const PASSWORD: &str = "correct-horse";

fn signing_in(port: u16, tls: TlsMode) -> SmtpRoute {
    SmtpRoute {
        user: Some("desk".to_owned()),
        password: Some(Secret::presented(PASSWORD)),
        tls,
        host: "localhost".to_owned(),
        ..route(port)
    }
}

async fn refusal(notifier: &SmtpNotifier, route: &SmtpRoute) -> String {
    match notifier
        .send(&outgoing(route, &["ann@example.com"], full(LetterKind::Test)))
        .await
    {
        Err(error @ NotifyError::Refused { .. }) => reason(&error),
        other => format!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn credentials_are_used_and_refused_ones_told() {
    let sink = SmtpSink::builder().credentials("desk", PASSWORD).start().await;
    let mut route = signing_in(sink.port(), TlsMode::None);
    notifier()
        .send(&outgoing(&route, &["ann@example.com"], full(LetterKind::Test)))
        .await
        .unwrap();
    assert_eq!(sink.mails()[0].user.as_deref(), Some("desk"));

    route.password = Some(Secret::presented("wrong-horse"));
    assert!(refusal(&notifier(), &route).await.starts_with("535 5.7.8"));
    route.user = None;
    assert!(refusal(&notifier(), &route).await.starts_with("530 "));
}

#[tokio::test]
async fn a_password_that_a_server_repeats_is_not_told() {
    let sink = SmtpSink::builder().credentials("desk", PASSWORD).start().await;
    sink.answer_once(Stage::Auth, Act::Answer(format!("535 5.7.8 {PASSWORD} is not it")));
    let told = refusal(&notifier(), &signing_in(sink.port(), TlsMode::None)).await;
    assert_eq!(told, "535 5.7.8 … is not it");
}

#[tokio::test]
async fn a_server_busy_with_credentials_is_tried_again() {
    let sink = SmtpSink::builder().credentials("desk", PASSWORD).start().await;
    sink.answer_once(Stage::Auth, Act::Answer("454 4.7.0 temporary failure".to_owned()));
    let mail = outgoing(
        &signing_in(sink.port(), TlsMode::None),
        &["ann@example.com"],
        full(LetterKind::Test),
    );
    assert!(matches!(
        notifier().send(&mail).await,
        Err(NotifyError::Temporary { .. })
    ));
}

#[tokio::test]
async fn a_password_never_crosses_a_network_in_clear() {
    let mut route = signing_in(25, TlsMode::None);
    route.host = "mail.example.com".to_owned();
    assert_eq!(
        refusal(&notifier(), &route).await,
        "a password is not sent over a connection without encryption"
    );
}

#[tokio::test]
async fn nothing_is_said_where_starttls_is_not_offered() {
    let sink = SmtpSink::builder().credentials("desk", PASSWORD).start().await;
    let told = refusal(&notifier(), &signing_in(sink.port(), TlsMode::StartTls)).await;
    assert_eq!(told, "STARTTLS is not supported on this server");
    assert_eq!(sink.accepted(), 0);
    assert_eq!(sink.refusals(), []);
}

#[tokio::test]
async fn encrypted_connections_carry_mail_and_are_kept() {
    let builders = [
        (SmtpSink::builder().start_tls(), TlsMode::StartTls),
        (SmtpSink::builder().implicit_tls(), TlsMode::Tls),
    ];
    for (builder, tls) in builders {
        let sink = builder.credentials("desk", PASSWORD).start().await;
        let notifier = SmtpNotifier::new(Arc::new(Templates::new()))
            .trusting(sink.authority_pem())
            .unwrap();
        let mail = outgoing(
            &signing_in(sink.port(), tls),
            &["ann@example.com"],
            full(LetterKind::Test),
        );
        for _ in 0..2 {
            notifier.send(&mail).await.unwrap();
        }
        assert!(
            sink.mails()
                .iter()
                .all(|mail| mail.encrypted && mail.user.as_deref() == Some("desk"))
        );
        assert_eq!((sink.accepted(), sink.connections()), (2, 1));
    }
}

#[tokio::test]
async fn certificates_of_other_hosts_are_refused() {
    let sink = SmtpSink::builder().start_tls().host("mail.example.com").start().await;
    let notifier = SmtpNotifier::new(Arc::new(Templates::new()))
        .trusting(sink.authority_pem())
        .unwrap();
    let told = refusal(&notifier, &signing_in(sink.port(), TlsMode::StartTls)).await;
    assert!(told.contains("not valid for name \"localhost\""), "{told}");
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_refused() {
    let sink = SmtpSink::start().await;
    let told = refusal(&notifier(), &signing_in(sink.port(), TlsMode::Tls)).await;
    assert!(!told.starts_with("not refused"), "{told}");
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test]
async fn certificates_of_strangers_are_refused() {
    let builders = [
        (SmtpSink::builder().start_tls(), TlsMode::StartTls),
        (SmtpSink::builder().implicit_tls(), TlsMode::Tls),
    ];
    for (builder, tls) in builders {
        let sink = builder.start().await;
        let told = refusal(&notifier(), &signing_in(sink.port(), tls)).await;
        assert!(told.contains("certificate"), "{told}");
        assert_eq!(sink.accepted(), 0);
    }
    assert!(notifier().trusting("no certificate").is_err());
}
