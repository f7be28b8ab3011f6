//! How the built-in mails read.

use support_core::model::MailTemplate;
use support_core::ports::{Letter, LetterKind, MailTemplates as _};
use support_notify::Templates;

use crate::letters::{full, message, minimal};

pub(crate) fn rendered(letter: &Letter) -> MailTemplate {
    let templates = Templates::new();
    templates.render(&templates.builtin(letter.kind), letter).unwrap()
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn every_mail_says_something_with_little_and_with_much() {
    for kind in LetterKind::MAILS {
        for letter in [minimal(*kind), full(*kind)] {
            let mail = rendered(&letter);
            assert!(!mail.subject.contains('\n') && mail.subject.chars().count() <= 200);
            assert!(
                mail.text.contains("Acme Ltd") && mail.html.contains("Acme Ltd"),
                "{kind:?}"
            );
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(
                    !part.contains("none") || part.contains("display:none"),
                    "{kind:?}: {part}"
                );
                assert!(!part.contains("{{") && !part.contains("{%"), "{kind:?}");
            }
            assert!(!mail.text.contains("\n\n\n"), "{kind:?}: {}", mail.text);
            assert!(!mail.text.starts_with('\n'), "{kind:?}: {}", mail.text);
        }
    }
}

#[test]
fn what_never_goes_by_mail_has_no_words() {
    assert_eq!(
        Templates::new().builtin(LetterKind::MessageAlert),
        MailTemplate::default()
    );
}

#[test]
fn subjects_keep_a_ticket_together_for_its_requester() {
    assert_eq!(
        rendered(&full(LetterKind::RequestConfirmed)).subject,
        "[TKT-17] Rechnung für Oktober fehlt"
    );
    assert_eq!(
        rendered(&full(LetterKind::AgentReplied)).subject,
        "Re: [TKT-17] Rechnung für Oktober fehlt"
    );
    assert_eq!(
        rendered(&full(LetterKind::TicketOpened)).subject,
        "New request TKT-17: Rechnung für Oktober fehlt"
    );
    assert_eq!(
        rendered(&full(LetterKind::CallbackRequested)).subject,
        "Callback request: (030) 123-4567"
    );
}

#[test]
fn a_new_request_carries_its_facts_in_both_parts() {
    let mail = rendered(&full(LetterKind::TicketOpened));
    let expected = [
        "Zoë Ångström has sent a new request.",
        "",
        "Request:    TKT-17",
        "Subject:    Rechnung für Oktober fehlt",
        "From:       Zoë Ångström",
        "Email:      zoe@example.com",
        "Phone:      +49 30 1234567",
        "Department: Billing & Finance",
        "Priority:   high",
        "Status:     waiting",
        "Channel:    widget",
        "Opened:     2026-11-21 14:05 CET",
        "",
        "(4 earlier messages are not shown.)",
        "",
        "Zoë Ångström, 2026-11-21 14:05 CET:",
        "Hello,",
        "my invoice is missing.",
        "",
        "Thank you 🙏",
        "",
        "Mara, 2026-11-21 14:05 CET:",
        "Hi Zoë, I'll send it <today>.",
        "",
        "Zoë Ångström, 2026-11-21 14:05 CET:",
        "שלום, תודה רבה על העזרה",
        "",
        "Open the conversation:",
        "https://support.example.com/c/abc?x=1&y=2",
        "",
        "--",
        "You get this mail because you work with the support desk of Acme Ltd.",
    ];
    assert_eq!(lines(&mail.text), expected);
    let facts = [
        "TKT-17",
        "zoe@example.com",
        "+49 30 1234567",
        "Billing &amp; Finance",
        "high",
        "4 earlier messages are",
    ];
    for fact in facts {
        assert!(mail.html.contains(fact), "{fact}");
    }
    assert!(
        mail.html
            .contains("Hello,<br>\nmy invoice is missing.<br>\n<br>\nThank you 🙏")
    );
    assert!(mail.html.contains("I&#x27;ll send it &lt;today&gt;."));
    assert_eq!(mail.html.matches("<a href=").count(), 1);
}

#[test]
fn a_callback_carries_its_facts_in_both_parts() {
    let mail = rendered(&full(LetterKind::CallbackRequested));
    let expected = [
        "Somebody asks to be called back.",
        "",
        "Contact number: (030) 123-4567",
        "Employee id:    E-4711",
        "Name:           Zoë Ångström",
        "Company:        Acme Ltd",
        "Status:         pending",
        "Requested:      2026-11-21 14:05 CET",
        "Scheduled for:  2026-11-23 09:30 CET",
        "Assigned to:    Mara",
        "Notes:",
        "Please ring twice.",
        "Ask for Zoë.",
        "",
        "[Callback Request: 00000000-0000-0000-0000-000000000009|Tenant: acme]",
        "",
    ];
    assert_eq!(lines(&mail.text)[..expected.len()], expected);
    assert!(
        mail.html
            .contains("[Callback Request: 00000000-0000-0000-0000-000000000009|Tenant: acme]")
    );
    assert!(mail.html.contains("Please ring twice.<br>\nAsk for Zoë."));
    for fact in [
        "(030) 123-4567",
        "E-4711",
        "Acme Ltd",
        "pending",
        "2026-11-23 09:30 CET",
    ] {
        assert!(mail.html.contains(fact), "{fact}");
    }
}

#[test]
fn requesters_see_agents_by_name_only_and_nothing_of_the_team() {
    for kind in [LetterKind::RequestConfirmed, LetterKind::AgentReplied] {
        let mail = rendered(&full(kind));
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("Mara"));
            assert!(!part.contains("zoe@example.com") && !part.contains("Billing") && !part.contains("waiting"));
        }
    }
}

#[test]
fn a_password_is_reset_by_a_link_that_ends() {
    let mail = rendered(&full(LetterKind::PasswordReset));
    assert!(mail.text.contains("\nhttps://support.example.com/c/abc?x=1&y=2\n"));
    assert!(mail.text.contains("until 2026-11-21 15:05 CET"));
    assert!(mail.html.contains("href=\"https:&#x2f;&#x2f;support.example.com"));
}

#[test]
fn admins_are_told_what_the_trouble_is() {
    let mail = rendered(&full(LetterKind::ChannelPaused));
    assert_eq!(mail.subject, "Nothing goes out by telegram: Acme Ltd");
    assert!(mail.text.contains("401 Unauthorized") && mail.html.contains("401 Unauthorized"));
    assert!(
        rendered(&full(LetterKind::WebhookDisabled))
            .text
            .contains("401 Unauthorized")
    );
}

#[test]
fn the_look_is_the_tenants() {
    let mut letter = full(LetterKind::Test);
    letter.tenant.color = "#ffdd00".to_owned();
    let html = rendered(&letter).html;
    assert!(html.contains("background-color:#ffdd00;color:#111111"));
    letter.tenant.color = "#fff\"><script>".to_owned();
    let html = rendered(&letter).html;
    assert!(html.contains("background-color:#14665f;color:#ffffff") && !html.contains("<script"));
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    for kind in LetterKind::MAILS {
        let html = rendered(&full(*kind)).html.to_lowercase();
        for fetched in ["<img", "<link", "<script", "url(", "@import", "src="] {
            assert!(!html.contains(fetched), "{kind:?}: {fetched}");
        }
    }
}

#[test]
fn only_the_web_is_linked() {
    let mut letter = full(LetterKind::TicketOpened);
    letter.link = Some("javascript:alert(1)".to_owned());
    let mail = rendered(&letter);
    assert!(!mail.html.contains("<a ") && !mail.html.contains("javascript") && !mail.text.contains("javascript"));
}

#[test]
fn one_message_before_is_not_several() {
    let mut letter = full(LetterKind::OfflineDigest);
    letter.earlier_messages = 1;
    letter.messages = vec![message("customer", "Ann", "x")];
    assert!(rendered(&letter).text.contains("(1 earlier message is not shown.)"));
}
