//! Headers as they arrive.

use support_core::ports::{Letter, LetterKind, Notifier as _};
use support_notify::mail::ComposedMail;
use support_peers::SmtpSink;
use support_peers::smtp::Mail;

use crate::letters::{full, minimal, outgoing, route, thread};
use crate::sending::notifier;

const ROOT: &str = "ticket.4fGq-unguessable_77@support.example.org";
const OWN: &str = "00000000-0000-0000-0000-00000000feed.mail@support.example.org";

async fn arrived(letter: Letter, recipients: &[&str]) -> Mail {
    let sink = SmtpSink::start().await;
    notifier()
        .send(&outgoing(&route(sink.port()), recipients, letter))
        .await
        .unwrap();
    sink.mails().remove(0)
}

#[tokio::test]
async fn names_and_subjects_of_all_scripts_decode_back() {
    let mail = arrived(full(LetterKind::RequestConfirmed), &["zoe@example.com"]).await;
    assert_eq!(
        mail.header("From").unwrap(),
        "Acme Ltd Supporť <desk@support.example.org>"
    );
    assert_eq!(mail.header("To").unwrap(), "Zoë Ångström <zoe@example.com>");
    assert_eq!(mail.header("Subject").unwrap(), "[TKT-17] Rechnung für Oktober fehlt");
    assert_eq!(mail.header("Date").unwrap(), "Sat, 21 Nov 2026 13:05:07 +0000");
    assert!(
        mail.header("Content-Type")
            .unwrap()
            .starts_with("multipart/alternative")
    );
    assert!(mail.text().unwrap().contains("Thank you 🙏"));
    assert!(mail.html().unwrap().contains("שלום, תודה רבה על העזרה"));
}

#[tokio::test]
async fn the_first_mail_of_a_thread_is_its_root_and_the_others_refer_to_it() {
    for is_root in [true, false] {
        let mut letter = full(LetterKind::AgentReplied);
        letter.thread = thread(is_root);
        let mail = arrived(letter, &["zoe@example.com"]).await;
        let reference = (!is_root).then(|| format!("<{ROOT}>"));
        assert_eq!(mail.message_id().as_deref(), Some(if is_root { ROOT } else { OWN }));
        assert_eq!(mail.header("In-Reply-To"), reference);
        assert_eq!(mail.header("References"), reference);
    }
    let mail = arrived(full(LetterKind::PasswordReset), &["zoe@example.com"]).await;
    assert_eq!(mail.message_id().as_deref(), Some(OWN));
    assert_eq!(mail.header("References"), None);
}

#[tokio::test]
async fn automatic_mail_says_so_and_a_persons_words_do_not() {
    let cases = [
        (LetterKind::RequestConfirmed, Some("auto-replied"), ""),
        (
            LetterKind::TicketOpened,
            Some("auto-generated"),
            "desk@support.example.org",
        ),
        (
            LetterKind::OfflineDigest,
            Some("auto-generated"),
            "desk@support.example.org",
        ),
        (LetterKind::AgentReplied, None, "desk@support.example.org"),
    ];
    for (kind, automatic, sender) in cases {
        let mail = arrived(full(kind), &["ann@example.com"]).await;
        assert_eq!(mail.header("Auto-Submitted").as_deref(), automatic);
        assert_eq!(mail.header("X-Auto-Response-Suppress").is_some(), automatic.is_some());
        assert_eq!(mail.envelope_from, sender, "{kind:?}");
    }
}

#[tokio::test]
async fn digests_can_be_unsubscribed_by_one_click() {
    let mail = arrived(full(LetterKind::OfflineDigest), &["ann@example.com"]).await;
    let link = "https://support.example.com/unsubscribe/abc";
    assert_eq!(mail.header("List-Unsubscribe").unwrap(), format!("<{link}>"));
    assert_eq!(
        mail.header("List-Unsubscribe-Post").unwrap(),
        "List-Unsubscribe=One-Click"
    );
    assert!(mail.html().unwrap().contains("Send me no more of these"));
    assert!(mail.text().unwrap().contains(link));

    let mail = arrived(minimal(LetterKind::OfflineDigest), &["ann@example.com"]).await;
    assert_eq!(mail.header("List-Unsubscribe"), None);
    assert_eq!(mail.header("List-Unsubscribe-Post"), None);
}

#[tokio::test]
async fn copies_are_told_apart() {
    let mut letter = full(LetterKind::CallbackRequested);
    letter.copies = vec!["boss@example.com".to_owned()];
    let all = [
        "ann@example.com",
        "boss@example.com",
        "bob@example.com",
        "ann@example.com",
    ];
    let mail = arrived(letter.clone(), &all).await;
    assert_eq!(
        mail.recipients,
        ["ann@example.com", "boss@example.com", "bob@example.com"]
    );
    assert_eq!(mail.header("To").unwrap(), "ann@example.com, bob@example.com");
    assert_eq!(mail.header("Cc").unwrap(), "boss@example.com");

    let mail = arrived(letter, &["boss@example.com"]).await;
    assert_eq!(mail.headers("To").len(), 1);
    assert_eq!(mail.header("Cc"), None);
}

#[tokio::test]
async fn domains_of_all_scripts_are_reached() {
    let mail = arrived(full(LetterKind::Test), &["ann@bücher.example"]).await;
    assert_eq!(mail.recipients, ["ann@xn--bcher-kva.example"]);
}

#[test]
fn a_mail_is_the_same_on_every_attempt() {
    let mail = || {
        let outgoing = outgoing(&route(25), &["ann@example.com"], full(LetterKind::Test));
        let words = support_core::model::MailTemplate {
            subject: "Subject".to_owned(),
            text: ".\r\n=_feed\n".to_owned(),
            html: "<p>ä</p>".to_owned(),
        };
        ComposedMail::new(&outgoing, &route(25), &words).unwrap()
    };
    assert_eq!(mail(), mail());
    let mail = mail();
    assert!(mail.bytes().is_ascii());
    assert_eq!(
        (mail.message_id(), mail.envelope_from()),
        (OWN, Some("desk@support.example.org"))
    );
}
