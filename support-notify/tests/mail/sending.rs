//! What servers do with mails, against a real one.

use std::sync::Arc;
use std::time::Duration;

use support_core::ports::{LetterKind, Notifier as _};
use support_notify::{SmtpNotifier, Templates};
use support_peers::SmtpSink;

use crate::letters::{full, outgoing, route, thread};

const SOON: Duration = Duration::from_secs(10);

fn notifier() -> SmtpNotifier {
    SmtpNotifier::new(Arc::new(Templates::new()))
}

#[tokio::test]
async fn every_kind_of_mail_is_taken_by_a_strict_server() {
    let sink = SmtpSink::start().await;
    let notifier = notifier();
    for kind in LetterKind::MAILS {
        let sent = notifier
            .send(&outgoing(&route(sink.port()), &["ann@example.com"], full(*kind)))
            .await
            .unwrap();
        assert_eq!(sent.response.as_deref(), Some("250 2.0.0 mail taken"), "{kind:?}");
    }
    assert_eq!(sink.accepted(), 12);
    assert_eq!(sink.connections(), 1);
}

#[tokio::test]
async fn headers_arrive_as_they_were_meant() {
    let sink = SmtpSink::start().await;
    let mut letter = full(LetterKind::OfflineDigest);
    letter.thread = thread(false);
    let sent = notifier()
        .send(&outgoing(&route(sink.port()), &["ann@example.com"], letter))
        .await
        .unwrap();
    let mail = sink.wait_for_mail(|_| true, SOON).await;
    assert_eq!(
        mail.header("From").unwrap(),
        "Acme Ltd Supporť <desk@support.example.org>"
    );
    assert_eq!(sent.provider_id, mail.message_id());
}
