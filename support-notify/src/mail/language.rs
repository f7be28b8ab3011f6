//! What tenants may say in templates of their own.
//!
//! The engine limits how many steps a template takes, but not how much memory a step needs: a few
//! dozen steps that each double a text are enough to bring a server down. So templates of tenants
//! may show values, choose, and go through lists, but neither put texts together nor capture them.

use support_core::ports::TemplateProblem;

use super::templates::MAX_TEMPLATE_BYTES;

/// What a tag may begin with.
const STATEMENTS: [&str; 9] = [
    "if", "elif", "else", "endif", "for", "endfor", "extends", "block", "endblock",
];

/// Words that make an expression run a part of a template and keep what it wrote.
const CAPTURING: [&str; 3] = ["self", "super", "recursive"];

/// Deeper nesting has no use, and each level needs the engine's stack.
const DEEPEST: usize = 32;

/// The first thing that is not allowed in this part.
pub(super) fn refusal(part: &'static str, source: &str) -> Option<TemplateProblem> {
    if source.len() > MAX_TEMPLATE_BYTES {
        let message = format!("a template is at most {} KiB long", MAX_TEMPLATE_BYTES / 1024);
        return Some(TemplateProblem {
            part,
            line: None,
            message,
        });
    }
    let (at, message) = first_wrong_tag(source)?;
    Some(TemplateProblem {
        part,
        line: Some(line_at(source, at)),
        message,
    })
}

/// The line, from 1, of a place in a text.
fn line_at(source: &str, at: usize) -> u32 {
    let before = source.as_bytes().get(..at).unwrap_or_default();
    let ends = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(ends).unwrap_or(u32::MAX).saturating_add(1)
}

fn first_wrong_tag(source: &str) -> Option<(usize, String)> {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some((start, opening)) = next_opening(source, at) {
        let closing = match opening {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let inner_start = start + opening.len();
        let Some((inner, _)) = source.get(inner_start..).and_then(|rest| rest.split_once(closing)) else {
            return Some((start, format!("{opening} without {closing}")));
        };
        at = inner_start + inner.len() + closing.len();
        if opening == "{#" {
            continue;
        }
        if let Err(message) = expression(inner) {
            return Some((start, message));
        }
        if opening == "{%" {
            match statement(inner, depth) {
                Ok(deeper) => depth = deeper,
                Err(message) => return Some((start, message)),
            }
        }
    }
    None
}

fn next_opening(source: &str, from: usize) -> Option<(usize, &'static str)> {
    let rest = source.get(from..)?;
    let found = ["{{", "{%", "{#"]
        .into_iter()
        .filter_map(|opening| Some((rest.find(opening)?, opening)));
    found.min().map(|(place, opening)| (from + place, opening))
}

/// How deep the template is nested after this tag.
fn statement(inner: &str, depth: usize) -> Result<usize, String> {
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).trim_start();
    let word = inner
        .split(|character: char| !is_of_word(character))
        .next()
        .unwrap_or_default();
    if !STATEMENTS.contains(&word) {
        return Err(format!(
            "{{% {word} %}} can't be used here; use {}",
            STATEMENTS.join(", ")
        ));
    }
    match word {
        "if" | "for" | "block" if depth >= DEEPEST => Err(format!("nested deeper than {DEEPEST} tags")),
        "if" | "for" | "block" => Ok(depth + 1),
        "endif" | "endfor" | "endblock" => Ok(depth.saturating_sub(1)),
        _ => Ok(depth),
    }
}

fn expression(inner: &str) -> Result<(), String> {
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner);
    let code = without_strings(inner)?;
    if let Some(sign) = code.chars().find(|character| "~*+{[".contains(*character)) {
        return Err(format!("`{sign}` can't be used in a tag"));
    }
    let mut words = code.split(|character: char| !is_of_word(character));
    match words.find(|word| CAPTURING.contains(word)) {
        Some(word) => Err(format!("`{word}` can't be used in a tag")),
        None => Ok(()),
    }
}

/// What is left without quoted strings. A tag must not end within one: the engine would read on.
fn without_strings(inner: &str) -> Result<String, String> {
    let mut code = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '"' && character != '\'' {
            code.push(character);
            continue;
        }
        loop {
            match characters.next() {
                Some('\\') => drop(characters.next()),
                Some(end) if end == character => break,
                Some(_) => {}
                None => return Err("a quoted text without an end, or with the end of a tag in it".to_owned()),
            }
        }
    }
    Ok(code)
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::refusal;

    fn is_allowed(source: &str) -> bool {
        refusal("text", source).is_none()
    }

    #[test]
    fn showing_choosing_and_going_through_lists_is_allowed() {
        assert!(is_allowed(
            "Hi {{ recipient_name|default('there', true) }}, 2 * 2 + ~ {"
        ));
        assert!(is_allowed(
            "{%- if ticket and ticket.number != \"TKT-1 + 2\" -%} x {%+ else %} y {% endif +%}"
        ));
        assert!(is_allowed(
            "{% for m in messages %}{{ loop.index }} {{ m.content }}{% endfor %}{# ~ a * #}"
        ));
        assert!(is_allowed(
            "{% extends \"layout.html\" %}{% block heading %}Hi{% endblock %}"
        ));
    }

    #[test]
    fn nothing_that_puts_texts_together_is_allowed() {
        let attempts = [
            "{{ a ~ a }}",
            "{{ 'x' * 100000000 }}",
            "{% for a in [a, a] %}{% endfor %}",
            "{% set a = 'x' %}",
            "{% set a %}{{ b }}{{ b }}{% endset %}",
            "{% macro m(a) %}{% endmacro %}",
            "{% include 'x' %}",
            "{% import 'x' as x %}",
            "{% filter upper %}{% endfilter %}",
            "{% raw %}{{ a }}{% endraw %}",
            "{{ self.heading() }}",
            "{{ super() }}",
            "{% for a in b recursive %}{{ loop(a) }}{% endfor %}",
            "{{ '}}' ~ a }}",
            "{{ {'a': {'b': 1}} ~ a }}",
            "{{ \"\\\" }}\" ~ a }}",
            "{% if '%}' ~ a %}",
            "{%- \n set a = 1 %}",
            "{{ a",
        ];
        for attempt in attempts {
            assert!(!is_allowed(attempt), "{attempt}");
        }
    }

    #[test]
    fn the_line_of_what_is_wrong_is_told() {
        let problem = refusal("html", "<p>\n{{ a }}\n{# \n #}{% set b = 1 %}");
        assert_eq!(problem.and_then(|problem| problem.line), Some(4));
    }

    #[test]
    fn templates_are_bounded() {
        assert!(!is_allowed(&"x".repeat(64 * 1024 + 1)));
        assert!(!is_allowed(&"{% if a %}".repeat(33)));
        assert!(is_allowed(&"{% if a %}{% endif %}".repeat(100)));
    }
}
