//! What tenants may say in templates of their own.
//!
//! The engine limits how many steps a template takes, but not how much memory a step needs: a few
//! dozen steps that each double a text are enough to bring a server down. So templates of tenants
//! may show values, choose, and go through lists, but neither put texts together nor capture them.
//!
//! Nor does the engine limit what its stack has to bear: it calls itself for much of what is nested
//! or chained, and a stack that overflows ends the whole process. So nothing long or deep gets to it.

use support_core::ports::TemplateProblem;

use super::templates::MAX_TEMPLATE_BYTES;

/// What a tag may begin with.
const STATEMENTS: [&str; 9] = [
    "if", "elif", "else", "endif", "for", "endfor", "extends", "block", "endblock",
];

/// Words that make an expression run a part of a template and keep what it wrote.
const CAPTURING: [&str; 3] = ["self", "super", "recursive"];

/// Words that are operators, or part of a tag as those are.
const OPERATORS: [&str; 7] = ["and", "or", "not", "if", "else", "is", "in"];

/// Deeper nesting has no use, and each level needs the engine's stack. To the engine, each `elif` is
/// an `if` within the one before.
const DEEPEST: usize = 32;

/// The longest inner part of a tag, in bytes.
const LONGEST_TAG: usize = 300;

/// The most signs and words that are operators in one tag: filters, attributes, calls and
/// parentheses among them. Each can be a level of the engine's stack.
const MOST_OPERATORS: usize = 30;

/// The most tags in one part of a template.
const MOST_TAGS: usize = 1_000;

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
    let (mut at, mut tags, mut open) = (0, 0_usize, Vec::new());
    while let Some((start, opening)) = next_opening(source, at) {
        tags += 1;
        if tags > MOST_TAGS {
            return Some((start, format!("more than {MOST_TAGS} tags")));
        }
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
        let checked = match opening {
            "{{" => expression(inner),
            "{%" => expression(inner).and_then(|()| statement(inner, &mut open)),
            _ => Ok(()),
        };
        if let Err(message) = checked {
            return Some((start, message));
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

/// Checks what a tag begins with, and keeps the tags that are open after it.
fn statement<'source>(inner: &'source str, open: &mut Vec<&'source str>) -> Result<(), String> {
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
        "if" | "elif" | "for" | "block" if open.len() >= DEEPEST => {
            return Err(format!(
                "nested deeper than {DEEPEST} tags, each elif being one within another"
            ));
        }
        "if" | "elif" | "for" | "block" => open.push(word),
        "endif" | "endfor" | "endblock" => close(open, word),
        _ => {}
    }
    Ok(())
}

/// Takes out what a tag ends. One that ends nothing is for the engine to refuse.
fn close(open: &mut Vec<&str>, end: &str) {
    while end == "endif" && open.last() == Some(&"elif") {
        open.pop();
    }
    if open.last().copied() == end.strip_prefix("end") {
        open.pop();
    }
}

fn expression(inner: &str) -> Result<(), String> {
    if inner.len() > LONGEST_TAG {
        return Err(format!("a tag is at most {LONGEST_TAG} bytes long"));
    }
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let inner = inner.strip_suffix(['-', '+']).unwrap_or(inner);
    let code = without_strings(inner)?;
    if let Some(sign) = code.chars().find(|character| "~*+{}[]".contains(*character)) {
        return Err(format!("`{sign}` can't be used in a tag"));
    }
    let words = || code.split(|character: char| !is_of_word(character));
    if let Some(word) = words().find(|word| CAPTURING.contains(word)) {
        return Err(format!("`{word}` can't be used in a tag"));
    }
    // The engine reads `1and` as two words.
    if let Some(word) = words().find(|word| is_number_with_letters(word)) {
        return Err(format!("`{word}` is neither a name nor a number"));
    }
    let signs = code.chars().filter(|character| is_of_operator(*character)).count();
    if signs + words().filter(|word| OPERATORS.contains(word)).count() > MOST_OPERATORS {
        return Err(format!("more than {MOST_OPERATORS} operators in a tag"));
    }
    // Within parentheses the engine would read on after the end of the tag.
    if code.matches('(').count() != code.matches(')').count() {
        return Err("parentheses that don't match in a tag".to_owned());
    }
    Ok(())
}

fn is_number_with_letters(word: &str) -> bool {
    word.starts_with(char::is_numeric) && !word.chars().all(|character| character.is_ascii_digit())
}

fn is_of_operator(character: char) -> bool {
    !is_of_word(character) && !character.is_whitespace() && !matches!(character, ',' | ')')
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
        assert!(is_allowed(&"{{ a }}".repeat(1_000)));
        assert!(!is_allowed(&"{{ a }}".repeat(1_001)));
        assert!(!is_allowed(&"{# a #}".repeat(1_001)));
    }

    #[test]
    fn each_elif_is_a_level_until_its_if_ends() {
        let chain = |alternatives: usize| format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(alternatives));
        assert!(is_allowed(&chain(31).repeat(3)));
        assert!(!is_allowed(&chain(32)));
        assert!(!is_allowed(&format!("{{% for a in b %}}{}{{% endfor %}}", chain(31))));
        assert!(!is_allowed(&"{% if a %}{% endfor %}".repeat(33)));
    }

    #[test]
    fn tags_are_bounded() {
        assert!(is_allowed(&format!("{{{{ {} }}}}", "a".repeat(298))));
        assert!(!is_allowed(&format!("{{{{ {} }}}}", "a".repeat(299))));
        assert!(!is_allowed(&format!("{{{{ a|default('{}') }}}}", "a".repeat(300))));
        assert!(is_allowed(&format!("{{# {} #}}", "a".repeat(1_000))));
        assert!(is_allowed(&format!("{{{{ a{} }}}}", ".b".repeat(30))));
        assert!(is_allowed(&format!(
            "{{{{ a|default('{}') }}}}",
            "...and not".repeat(20)
        )));
        for (before, repeated, after) in [
            ("a", ".b", ""),
            ("a", "|b", ""),
            ("a", "()", ""),
            ("", "-", "1"),
            ("", "not ", "1"),
            ("", "1 and ", "1"),
            ("", "1 or\n", "1"),
            ("", "1 if 1 else ", "1"),
            ("1", " is defined", ""),
            ("1", " in a", ""),
            ("1", "==1", ""),
            ("1", "!=1", ""),
            ("1", "/1", ""),
            ("", "'not' and ", "1"),
        ] {
            let source = format!("{{{{ {before}{}{after} }}}}", repeated.repeat(31));
            assert!(!is_allowed(&source), "{source}");
        }
        for source in [
            "{{ 1and 1 }}",
            "{{ 0xfor 1 }}",
            "{{ (a }}",
            "{{ a) }}",
            "{{ a] }}",
            "{{ a }} }}{{ } }}",
        ] {
            assert!(!is_allowed(source), "{source}");
        }
    }
}
