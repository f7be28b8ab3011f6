//! Mails put into words.

use std::error::Error as _;
use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, StringInput};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, filters, tests};
use support_core::model::MailTemplate;
use support_core::ports::{Letter, LetterKind, MailTemplates, TemplateProblem};

use super::{builtin, clean, language, view};

/// The longest template, in bytes.
pub(super) const MAX_TEMPLATE_BYTES: usize = 64 * 1024;

/// The longest part of a mail, in bytes.
const MAX_RENDERED_BYTES: usize = 1024 * 1024;

/// A digest of a hundred messages takes some thousand steps.
const MAX_STEPS: u64 = 10_000;

const LONGEST_SUBJECT: usize = 200;

/// What mail programs show beside a subject.
const LONGEST_BRIEF: usize = 140;

const LAYOUT: &str = "layout.html";

/// The words of mails: templates in [MiniJinja](https://docs.rs/minijinja), built in or a tenant's
/// own.
///
/// Templates see the fields of a [`Letter`] by their names, and `brand.color` and `brand.ink`. In
/// HTML every value is escaped. `{% extends "layout.html" %}` puts an HTML part into the common
/// look; the blocks it may fill are `preheader`, `heading`, `intro`, `facts`, `quotes`, `action`
/// (the button's words), `outro` and `footer`. The filter `breaks` keeps line ends in HTML, `brief`
/// shortens to one line.
///
/// A tenant's templates can't harm the installation: there are no files to include, names that do
/// not exist are problems, and steps and sizes are limited.
///
/// ```
/// use support_core::ports::{LetterKind, MailTemplates};
/// use support_notify::Templates;
///
/// let template = Templates::new().builtin(LetterKind::RequestConfirmed);
/// assert!(template.subject.contains("{{ ticket.number }}"));
/// ```
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl Templates {
    /// The built-in words, and the rules for others.
    #[must_use]
    pub fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        environment.set_formatter(write_value);
        environment.set_fuel(Some(MAX_STEPS));
        environment.set_debug(false);
        add_words(&mut environment);
        // Tags on lines of their own leave no empty lines in texts.
        if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
            environment.set_syntax(syntax);
        }
        // A broken layout would show in the test of every template.
        let _added = environment.add_template(LAYOUT, builtin::LAYOUT);
        Self { environment }
    }

    fn part(&self, part: &'static str, source: &str, context: &Value) -> Result<String, TemplateProblem> {
        if let Some(problem) = language::refusal(part, source) {
            return Err(problem);
        }
        let name = if part == "html" { "body.html" } else { part };
        let mut written = Bounded::default();
        let rendered = self
            .environment
            .template_from_named_str(name, source)
            .and_then(|template| template.render_captured_to(context.clone(), &mut written));
        if written.is_full {
            let message = format!("more than {} KiB come of it", MAX_RENDERED_BYTES / 1024);
            return Err(TemplateProblem {
                part,
                line: None,
                message,
            });
        }
        match rendered {
            Ok(_) => Ok(String::from_utf8_lossy(&written.bytes).into_owned()),
            Err(error) => Err(problem(part, name, &error)),
        }
    }

    fn subject(&self, source: &str, context: &Value) -> Result<String, TemplateProblem> {
        let subject = clean::one_line(&self.part("subject", source, context)?, LONGEST_SUBJECT);
        if subject.is_empty() {
            let message = "nothing comes of it".to_owned();
            return Err(TemplateProblem {
                part: "subject",
                line: None,
                message,
            });
        }
        Ok(subject)
    }
}

impl MailTemplates for Templates {
    fn builtin(&self, kind: LetterKind) -> MailTemplate {
        builtin::of(kind)
    }

    /// A part that is empty is the built-in one.
    fn render(&self, template: &MailTemplate, letter: &Letter) -> Result<MailTemplate, Vec<TemplateProblem>> {
        let own = builtin::of(letter.kind);
        let source = |given: &'_ String, own: &'_ String| if given.is_empty() { own.clone() } else { given.clone() };
        let context = Value::from(Serde(view::of(letter)));
        let subject = self.subject(&source(&template.subject, &own.subject), &context);
        let text = self.part("text", &source(&template.text, &own.text), &context);
        let html = self.part("html", &source(&template.html, &own.html), &context);
        match (subject, text, html) {
            (Ok(subject), Ok(text), Ok(html)) => Ok(MailTemplate { subject, text, html }),
            (subject, text, html) => Err([subject.err(), text.err(), html.err()].into_iter().flatten().collect()),
        }
    }
}

/// Filters and tests that never make much of little.
fn add_words(environment: &mut Environment<'static>) {
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", |text: StringInput<'_>| filters::trim(text, None));
    environment.add_filter("default", filters::default);
    environment.add_filter("length", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("breaks", breaks);
    environment.add_filter("brief", |text: &str| clean::one_line(text, LONGEST_BRIEF));
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("eq", tests::is_eq);
    environment.add_test("in", tests::is_in);
}

/// Escaped, with line ends as HTML shows them.
fn breaks(text: &str) -> Value {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#x27;"),
            '\n' => html.push_str("<br>\n"),
            other => html.push(other),
        }
    }
    Value::from_safe_string(html)
}

/// What isn't known is shown as nothing instead of the engine's word for it.
fn write_value(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Ok(());
    }
    minijinja::escape_formatter(output, state, value)
}

fn problem(part: &'static str, name: &str, error: &Error) -> TemplateProblem {
    // Where the layout calls a block, the innermost error knows what is wrong with it.
    let mut innermost = error;
    while let Some(cause) = innermost.source().and_then(|cause| cause.downcast_ref::<Error>()) {
        innermost = cause;
    }
    let line = [innermost, error]
        .into_iter()
        .find(|error| error.name() == Some(name))
        .and_then(Error::line)
        .and_then(|line| u32::try_from(line).ok());
    let message = match (innermost.kind(), innermost.detail()) {
        (ErrorKind::OutOfFuel, _) => "it takes too many steps".to_owned(),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    TemplateProblem {
        part,
        line,
        message: clean::one_line(&message, 300),
    }
}

/// Takes what is written up to a limit.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    is_full: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_RENDERED_BYTES {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
