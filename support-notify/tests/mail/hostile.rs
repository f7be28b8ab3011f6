//! Mails made of what nobody should type.

use support_core::ports::{Letter, LetterKind, Notifier as _};
use support_peers::SmtpSink;
use support_peers::smtp::Mail;

use crate::letters::{full, message, outgoing, route, thread};
use crate::reading::rendered;
use crate::sending::notifier;

const INJECTIONS: [&str; 9] = [
    "x\r\nBcc: eve@example.com",
    "x\nBcc: eve@example.com",
    "x\rBcc: eve@example.com",
    "x\0\u{b}\u{c}\u{85}Bcc: eve@example.com",
    "x\u{2028}Bcc: eve@example.com\u{2029}Bcc: eve@example.com",
    "=?utf-8?Q?x=0D=0ABcc:_eve=40example.com?=",
    "x=0D=0ABcc: eve@example.com",
    "x\r\n\r\n<script>alert(1)</script>\r\n.\r\nMAIL FROM:<eve@example.com>\r\n",
    "\"x\" <eve@example.com>, eve@example.com; \\",
];

/// The letter with this in every field that somebody could choose.
fn filled(kind: LetterKind, text: &str) -> Letter {
    let text = || text.to_owned();
    let mut letter = full(kind);
    letter.recipient_name = Some(text());
    letter.tenant.name = text();
    letter.tenant.slug = text();
    letter.tenant.color = text();
    letter.channel = Some(text());
    letter.problem = Some(text());
    letter.expires_at = Some(text());
    letter.link = Some(text());
    letter.unsubscribe = Some(text());
    let ticket = letter.ticket.as_mut().unwrap();
    ticket.number = text();
    ticket.subject = text();
    ticket.requester_name = text();
    ticket.requester_email = Some(text());
    ticket.requester_phone = Some(text());
    ticket.department = Some(text());
    for message in &mut letter.messages {
        message.sender_name = text();
        message.content = text();
    }
    let callback = letter.callback.as_mut().unwrap();
    callback.contact_number = text();
    callback.employee_id = text();
    callback.customer_name = Some(text());
    callback.notes = Some(text());
    callback.reference = text();
    if let Some(thread) = letter.thread.as_mut() {
        thread.root = text();
    }
    letter
}

async fn arrived(letter: Letter, from_name: &str) -> Mail {
    let sink = SmtpSink::start().await;
    let mut route = route(sink.port());
    route.from_name = from_name.to_owned();
    notifier()
        .send(&outgoing(&route, &["ann@example.com"], letter))
        .await
        .unwrap();
    assert_eq!(sink.accepted(), 1);
    sink.mails().remove(0)
}

#[tokio::test]
async fn no_text_becomes_a_header_a_recipient_or_markup() {
    for kind in LetterKind::MAILS {
        for injection in INJECTIONS {
            let mut letter = filled(*kind, injection);
            letter.thread = thread(false);
            letter.thread.as_mut().unwrap().root = injection.to_owned();
            let mail = arrived(letter, injection).await;
            assert_eq!(mail.headers("Bcc"), Vec::<String>::new(), "{kind:?} {injection:?}");
            assert_eq!(mail.recipients, ["ann@example.com"]);
            assert!(mail.header("From").unwrap().ends_with("<desk@support.example.org>"));
            assert!(mail.header("To").unwrap().ends_with("<ann@example.com>"));
            assert!(
                mail.header("Subject")
                    .unwrap()
                    .chars()
                    .all(|character| !character.is_control())
            );
            assert_eq!(mail.header("List-Unsubscribe"), None);
            let html = mail.html().unwrap();
            assert!(
                !html.contains("<script") && !html.contains("<eve"),
                "{kind:?} {injection:?}"
            );
        }
    }
}

#[test]
fn markup_is_shown_and_not_obeyed() {
    let attempts = [
        "<img src=x onerror=alert(1)>",
        "</td></table><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "' style='display:block",
        "{{ 7*7 }}{% include 'x' %}",
        "&lt;b&gt;",
        "<!--[if nobody]>",
        "javascript:alert(1)",
    ];
    for kind in LetterKind::MAILS {
        let expected = rendered(&full(*kind)).html;
        for attempt in attempts {
            let html = rendered(&filled(*kind, attempt)).html;
            assert!(
                !html.contains(attempt) || attempt == "javascript:alert(1)" || attempt.starts_with("{{"),
                "{kind:?} {attempt}"
            );
            assert!(!html.contains("href=\"javascript"), "{kind:?}");
            assert!(
                html.matches('<').count() <= expected.matches('<').count() + 20,
                "{kind:?} {attempt}"
            );
            assert!(
                !html.contains("<script") && !html.contains("<img") && !html.contains("49"),
                "{kind:?} {attempt}"
            );
        }
    }
}

#[tokio::test]
async fn enormous_texts_are_cut() {
    let enormous = "Ä".repeat(1_000_000);
    for kind in LetterKind::MAILS {
        let mail = arrived(filled(*kind, &enormous), &enormous).await;
        assert!(mail.raw.len() < 1_000_000, "{kind:?}: {}", mail.raw.len());
        assert!(mail.header("Subject").unwrap().chars().count() <= 200);
        assert!(mail.header("From").unwrap().chars().count() <= 150);
    }
}

#[test]
fn very_many_and_very_long_messages_still_make_a_mail() {
    for (count, length) in [(50, 5_000), (1_000, 10), (1_000, 100_000)] {
        let content = "'".repeat(length);
        for kind in LetterKind::MAILS {
            let mut letter = filled(*kind, &"\"".repeat(1_000));
            letter.messages = vec![message("customer", &"'".repeat(1_000), &content); count];
            letter.messages.push(message("customer", "Ann", "the last one"));
            let mail = rendered(&letter);
            assert!(mail.html.len() <= 1024 * 1024);
            if *kind == LetterKind::OfflineDigest {
                assert!(mail.html.contains("the last one") && mail.text.contains("the last one"));
                let earlier = 4 + (count + 1).saturating_sub(100);
                assert!(
                    mail.text
                        .contains(&format!("({earlier} earlier messages are not shown.)"))
                );
            }
        }
    }
}

#[tokio::test]
async fn all_scripts_and_signs_arrive() {
    for text in [
        "👩‍🚀 🏳️‍🌈 🇪🇺",
        "שלום עולם",
        "مرحبا بالعالم",
        "日本語のお問い合わせ",
        "Ünïcödé",
        ".",
        "..",
        "a\u{301}",
    ] {
        let mut letter = full(LetterKind::AgentReplied);
        letter.ticket.as_mut().unwrap().subject = text.to_owned();
        letter.messages.truncate(1);
        letter.messages[0].content = format!("{text}\n.\n{text}");
        let mail = arrived(letter, text).await;
        assert_eq!(mail.header("Subject").unwrap(), format!("Re: [TKT-17] {text}"));
        assert!(
            mail.text().unwrap().contains(&format!("{text}\r\n.\r\n{text}")),
            "{text}"
        );
        assert!(mail.html().unwrap().contains(&format!("{text}<br>")), "{text}");
        assert!(mail.header("From").unwrap().contains(text), "{text}");
    }
}

#[test]
fn texts_of_people_choose_their_own_direction() {
    let html = rendered(&full(LetterKind::AgentReplied)).html;
    let quote = html.find("שלום").unwrap();
    let cell = html[..quote].rfind("<td").unwrap();
    assert!(html[cell..quote].contains("dir=\"auto\""));
}
