//! Words of tenants' own.

use std::time::Duration;

use support_core::model::MailTemplate;
use support_core::ports::{LetterKind, MailTemplates as _, TemplateProblem};
use support_notify::Templates;
use tokio::time::Instant;

use crate::letters::{full, message};

fn text(source: &str) -> Result<String, Vec<TemplateProblem>> {
    let template = MailTemplate {
        text: source.to_owned(),
        ..MailTemplate::default()
    };
    Templates::new()
        .render(&template, &full(LetterKind::Test))
        .map(|mail| mail.text)
}

fn html(source: &str) -> Result<String, Vec<TemplateProblem>> {
    let template = MailTemplate {
        html: source.to_owned(),
        ..MailTemplate::default()
    };
    Templates::new()
        .render(&template, &full(LetterKind::Test))
        .map(|mail| mail.html)
}

fn only_problem(result: Result<String, Vec<TemplateProblem>>) -> TemplateProblem {
    let mut problems = result.unwrap_err();
    assert_eq!(problems.len(), 1);
    problems.remove(0)
}

#[test]
fn the_letter_is_there_by_its_fields() {
    let source = "{{ tenant.slug }} {{ ticket.number }} {{ callback.reference|upper }}{% for m in messages %} {{ m.sender }}{% endfor %}";
    assert_eq!(
        text(source).unwrap(),
        "acme TKT-17 [CALLBACK REQUEST: 00000000-0000-0000-0000-000000000009|TENANT: ACME] customer agent customer"
    );
}

#[test]
fn values_are_escaped_in_html_and_fill_the_common_look() {
    assert_eq!(
        html("<p>{{ ticket.department }}</p>").unwrap(),
        "<p>Billing &amp; Finance</p>"
    );
    let mail = html("{% extends 'layout.html' %}{% block intro %}<p>Own</p>{% endblock %}").unwrap();
    assert!(mail.contains("<p>Own</p>") && mail.contains("background-color:#0a7d55"));
}

#[test]
fn every_built_in_mail_can_be_taken_over_and_changed() {
    let templates = Templates::new();
    for kind in LetterKind::MAILS {
        let mut template = templates.builtin(*kind);
        template.subject.push_str(" (changed)");
        let mail = templates.render(&template, &full(*kind)).unwrap();
        assert!(mail.subject.ends_with(" (changed)"));
    }
}

#[test]
fn parts_left_empty_are_the_built_in_ones() {
    let templates = Templates::new();
    let letter = full(LetterKind::Test);
    let own = MailTemplate {
        subject: "Own".to_owned(),
        ..MailTemplate::default()
    };
    let mail = templates.render(&own, &letter).unwrap();
    let builtin = templates.render(&templates.builtin(LetterKind::Test), &letter).unwrap();
    assert_eq!(
        (mail.subject.as_str(), mail.text, mail.html),
        ("Own", builtin.text, builtin.html)
    );
}

#[test]
fn every_wrong_part_is_named_with_its_line() {
    let template = MailTemplate {
        subject: "{{ ticket.nmber }}".to_owned(),
        text: "fine\n{% if %}\n{% endif %}".to_owned(),
        html: "<p>\n\n{{ tenant.name|nope }}</p>".to_owned(),
    };
    let problems = Templates::new().render(&template, &full(LetterKind::Test)).unwrap_err();
    let places: Vec<_> = problems.iter().map(|problem| (problem.part, problem.line)).collect();
    assert_eq!(places, [("subject", Some(1)), ("text", Some(2)), ("html", Some(3))]);
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
}

#[test]
fn a_wrong_block_of_the_common_look_is_named_with_its_line() {
    let problem = only_problem(html(
        "{% extends 'layout.html' %}\n{% block intro %}\n{{ nope }}\n{% endblock %}",
    ));
    assert_eq!((problem.part, problem.line), ("html", Some(3)));
}

#[test]
fn names_that_do_not_exist_are_problems() {
    for source in [
        "{{ nope }}",
        "{{ tenant.nope }}",
        "{{ tenant.slug.__class__ }}",
        "{{ tenant.slug.__class__.__mro__ }}",
    ] {
        assert_eq!(only_problem(text(source)).line, Some(1), "{source}");
    }
    for source in [
        "{{ range(9) }}",
        "{{ debug() }}",
        "{{ tenant|attr('x') }}",
        "{{ tenant.name|safe }}",
        "{{ dict() }}",
    ] {
        assert!(text(source).is_err(), "{source}");
    }
}

#[test]
fn nothing_is_read_from_files() {
    for name in [
        "/etc/passwd",
        "../../../../etc/passwd",
        "layout.html/../../Cargo.toml",
        "file:///etc/passwd",
    ] {
        assert!(html(&format!("{{% include '{name}' %}}")).is_err());
        assert!(html(&format!("{{% import '{name}' as x %}}")).is_err());
        let problem = only_problem(html(&format!("{{% extends '{name}' %}}")));
        assert!(!problem.message.contains("root:"), "{}", problem.message);
    }
}

#[test]
fn what_never_ends_or_grows_without_end_is_a_problem_soon() {
    let began = Instant::now();
    let nested = "{% for a in messages %}".repeat(20) + "x" + &"{% endfor %}".repeat(20);
    assert_eq!(only_problem(text(&nested)).message, "it takes too many steps");
    assert!(text("{% extends 'layout.html' %}").is_ok_and(|text| text.contains("<html")));
    let much = format!(
        "{{% for a in messages %}}{{% for b in messages %}}{}{{% endfor %}}{{% endfor %}}",
        "x".repeat(60_000)
    );
    let mut letter = full(LetterKind::Test);
    letter.messages = vec![message("customer", "Ann", "x"); 10];
    let template = MailTemplate {
        text: much,
        ..MailTemplate::default()
    };
    let problems = Templates::new().render(&template, &letter).unwrap_err();
    assert_eq!(problems[0].message, "more than 1024 KiB come of it");
    let doubling = "{% for a in [tenant.name ~ tenant.name] %}".repeat(30);
    assert!(text(&doubling).is_err());
    assert!(text(&"x".repeat(65 * 1024)).is_err());
    assert!(text(&("{{ ".to_owned() + &"(".repeat(10_000) + ")}}")).is_err());
    assert!(text(&"{% if ticket %}".repeat(3_000)).is_err());
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_subject_is_one_line_of_two_hundred_characters() {
    let template = |subject: &str| MailTemplate {
        subject: subject.to_owned(),
        ..MailTemplate::default()
    };
    let letter = full(LetterKind::Test);
    let templates = Templates::new();
    assert_eq!(
        templates.render(&template("a\r\nBcc: b\n\n"), &letter).unwrap().subject,
        "a Bcc: b"
    );
    let subject = templates.render(&template(&"x".repeat(500)), &letter).unwrap().subject;
    assert_eq!(subject.chars().count(), 200);
    let problems = templates.render(&template(" \n "), &letter).unwrap_err();
    assert_eq!(problems[0].part, "subject");
}
