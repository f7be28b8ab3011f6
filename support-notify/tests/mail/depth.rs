//! Templates that would have the engine call itself until its stack ends, and the process with it.

use std::thread;

use support_core::model::MailTemplate;
use support_core::ports::{LetterKind, MailTemplates as _, TemplateProblem};
use support_notify::Templates;

use crate::letters::full;

/// What the threads have that templates are rendered in.
const STACK: usize = 2 * 1024 * 1024;

/// The template as the text and as the HTML of a mail, rendered with no more stack than a server
/// has.
fn rendered(source: &str) -> Result<MailTemplate, Vec<TemplateProblem>> {
    let template = MailTemplate {
        subject: String::new(),
        text: source.to_owned(),
        html: source.to_owned(),
    };
    let render = move || Templates::new().render(&template, &full(LetterKind::TicketOpened));
    let thread = thread::Builder::new().stack_size(STACK).spawn(render);
    thread.unwrap().join().unwrap()
}

#[track_caller]
fn refused(source: &str, line: u32) {
    let start: String = source.chars().take(40).collect();
    let problems = rendered(source).err().unwrap_or_default();
    let parts: Vec<&str> = problems.iter().map(|problem| problem.part).collect();
    assert_eq!(parts, ["text", "html"], "{start}");
    assert!(
        problems.iter().all(|problem| problem.line == Some(line)),
        "{start}: {problems:?}"
    );
}

#[test]
fn no_chain_in_a_tag_reaches_the_end_of_the_stack() {
    let chains = [
        ("", "not ", 3_000, "1"),
        ("", "-", 3_000, "1"),
        ("", "- ", 3_000, "1"),
        ("", "(", 3_000, "1"),
        ("", "[", 3_000, "1"),
        ("", "{1:", 3_000, "1"),
        ("", "a(", 3_000, "1"),
        ("", "a[", 3_000, "1"),
        ("", "1|default(", 3_000, "1"),
        ("", "1 is eq ", 3_000, "1"),
        ("", "1 and ", 9_000, "1"),
        ("", "1 or ", 9_000, "1"),
        ("", "1and ", 9_000, "1"),
        ("", "1 if 1 else ", 4_500, "1"),
        ("", "1if 1else ", 4_500, "1"),
        ("1", " if 1", 9_000, ""),
        ("1", " is defined", 5_000, ""),
        ("1", " is not defined", 4_000, ""),
        ("a", ".b", 20_000, ""),
        ("a", ".0", 20_000, ""),
        ("x", "|upper", 9_000, ""),
        ("a", "()", 20_000, ""),
        ("a", "[0]", 20_000, ""),
        ("1", "==1", 20_000, ""),
        ("1", "!=1", 20_000, ""),
        ("1", " in a", 9_000, ""),
        ("1", "/1", 20_000, ""),
        ("1", "-1", 20_000, ""),
        ("1", "%1", 20_000, ""),
        ("1", "**1", 20_000, ""),
        ("1", "~1", 20_000, ""),
        ("a", "a", 60_000, ""),
        ("'", "\\'", 30_000, "'"),
        ("", "'a' ", 15_000, ""),
    ];
    for (before, repeated, times, after) in chains {
        let chain = format!("{before}{}{after}", repeated.repeat(times));
        refused(&format!("\n{{{{ {chain} }}}}"), 2);
        refused(&format!("\n\n{{{{- {chain} -}}}}"), 3);
        refused(&format!("{{% if {chain} %}}{{% endif %}}"), 1);
        refused(&format!("{{% for a in {chain} %}}{{% endfor %}}"), 1);
    }
    refused(
        &format!("{{% for {}a{} in b %}}", "(".repeat(9_000), ")".repeat(9_000)),
        1,
    );
    refused(&format!("{{% block {} %}}{{% endblock %}}", "a".repeat(60_000)), 1);
    refused(&format!("{{% extends {}'x' %}}", "-".repeat(9_000)), 1);
}

#[test]
fn no_tags_within_tags_reach_the_end_of_the_stack() {
    let nested = [
        ("{% if 1 %}\n", "{% elif 1 %}\n", 4_500),
        ("", "{% if 1 %}\n", 5_000),
        ("", "{% if 1 %}{% else %}\n", 3_000),
        ("", "{% if 1 %}{% elif 1 %}\n", 2_500),
        ("", "{% for a in b %}\n", 3_500),
        ("", "{% for a in b %}{% else %}\n", 2_300),
    ];
    for (before, repeated, times) in nested {
        let source = format!("{before}{}", repeated.repeat(times));
        let levels = repeated.matches("if 1").count() + repeated.matches("for").count();
        refused(&source, u32::try_from(32 / levels + 1).unwrap());
    }
    let blocks: String = (0..3_000).map(|place| format!("{{% block b{place} %}}\n")).collect();
    refused(&blocks, 33);
    refused(&"{{ 1 }}\n".repeat(8_000), 1_001);
    refused(&"{# 1 #}\n".repeat(8_000), 1_001);
    refused(&"{% extends 'layout.html' %}\n".repeat(2_000), 1_001);
    refused(&"{% raw %}\n".repeat(5_000), 1);
}

#[test]
fn what_is_as_deep_as_allowed_is_rendered() {
    let expressions = [
        format!("{}1", "not ".repeat(28)),
        format!("{}1", "- ".repeat(28)),
        format!("{}1{}", "(".repeat(28), ")".repeat(28)),
        format!("{}1{}", "(not ".repeat(14), ")".repeat(14)),
        format!("1{}", " and 1".repeat(28)),
        format!("{}1", "1 if 1 else ".repeat(14)),
        format!("1{}", " is defined".repeat(24)),
        format!("'x'{}", "|upper".repeat(28)),
        format!("{}1{}", "1|default(".repeat(14), ")".repeat(14)),
    ];
    for expression in expressions {
        let shown = format!("{{{{ {expression} }}}}");
        let chosen = format!("{{% if ({expression}) %}}");
        let ifs = format!("{}{shown}{}", chosen.repeat(32), "{% endif %}".repeat(32));
        rendered(&ifs).unwrap();
        let alternatives = format!("{{% elif ({expression}) %}}").repeat(31);
        rendered(&format!("{{% if 0 %}}{alternatives}{shown}{{% endif %}}")).unwrap();
        let loops = "{% for a in (1,) %}".repeat(32);
        rendered(&format!("{loops}{shown}{}", "{% endfor %}".repeat(32))).unwrap();
        let blocks: String = (0..32).map(|place| format!("{{% block b{place} %}}")).collect();
        rendered(&format!("{blocks}{shown}{}", "{% endblock %}".repeat(32))).unwrap();
    }
}

/// Numbers that look like chance and are the same each time.
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed % 1_000_003).unwrap()
}

#[test]
fn whatever_tags_are_thrown_together_the_process_goes_on() {
    let pieces = [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{-",
        "-}}",
        "{%-",
        "-%}",
        "if ",
        "elif ",
        "else ",
        "endif ",
        "for ",
        "endfor ",
        "in ",
        "block b ",
        "endblock ",
        "extends ",
        "'layout.html' ",
        "raw ",
        "endraw ",
        "a",
        "1",
        "1.5",
        " ",
        "\n",
        ".b",
        "|upper",
        "()",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "-",
        "+",
        "~",
        "==",
        "!=",
        "'",
        "\"",
        "\\",
        "not ",
        "and ",
        "or ",
        "is defined ",
        "1and ",
        ",",
        "self",
        "é",
        "{{ 1 }}",
        "{% if 1 %}",
        "{% elif 1 %}",
        "{% endif %}",
        "{% for a in messages %}",
        "{% endfor %}",
    ];
    let mut seed = 0x5eed_u64;
    for _ in 0..300 {
        let mut soup = String::new();
        while soup.len() < 20_000 && !next(&mut seed).is_multiple_of(200) {
            let piece = pieces[next(&mut seed) % pieces.len()];
            let times = if next(&mut seed).is_multiple_of(20) { 1_000 } else { 1 };
            soup.push_str(&piece.repeat(times));
        }
        // Whether it reads as a mail is all the same: it must come back.
        let _answer = rendered(&soup);
    }
}
