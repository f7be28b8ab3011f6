//! What Markdown says, without its signs.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The Markdown that articles are written in: CommonMark with tables and strike-through.
fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// The words of a text in Markdown, blocks on lines of their own. HTML in it is left out, and so are
/// addresses of links and images.
///
/// ```
/// use support_core::model::text_of_markdown;
/// let text = text_of_markdown("# Refunds\n\nWithin *14 days*, see [here](https://example.com).");
/// assert_eq!(text, "Refunds\nWithin 14 days, see here.");
/// ```
#[must_use]
pub fn text_of_markdown(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new_ext(markdown, options()) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak | Event::Rule => end_line(&mut text),
            Event::Start(tag) if begins_line(&tag) => end_line(&mut text),
            Event::End(TagEnd::TableCell) => text.push(' '),
            Event::End(tag) if ends_line(tag) => end_line(&mut text),
            _ => {}
        }
    }
    text.truncate(text.trim_end().len());
    text
}

fn begins_line(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::CodeBlock(_) | Tag::TableHead | Tag::TableRow
    )
}

const fn ends_line(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::CodeBlock
            | TagEnd::TableHead
            | TagEnd::TableRow
    )
}

fn end_line(text: &mut String) {
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::text_of_markdown;

    #[test]
    fn what_is_left_is_what_people_read() {
        for (markdown, text) in [
            ("", ""),
            ("plain", "plain"),
            ("one\ntwo  \nthree", "one two\nthree"),
            ("- first\n- **second**\n", "first\nsecond"),
            ("`code` and\n\n```sh\nls -l\n```\n", "code and\nls -l"),
            ("<script>alert(1)</script>", ""),
            ("a <b>bold</b> word", "a bold word"),
            ("![a cat](https://example.com/cat.png)", "a cat"),
            ("| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"),
            ("1 < 2 &amp; 3", "1 < 2 & 3"),
        ] {
            assert_eq!(text_of_markdown(markdown), text, "{markdown}");
        }
    }
}
