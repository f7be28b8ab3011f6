//! Markdown as HTML that is safe on anybody's page.

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

/// What Markdown can say; nothing of it can act, look like the page around it, or load anything but
/// pictures.
const TAGS: [&str; 26] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];
/// How deep lists and quotations can stand in each other: browsers and readers give up long before.
const DEEPEST: usize = 32;

/// Renders Markdown (CommonMark with tables and strike-through). HTML in it is left out, and links
/// lead to web pages and mail addresses alone.
pub(crate) fn html_of(markdown: &str) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut depth = 0;
    let shown = parser.filter(|event| match event {
        Event::Html(_) | Event::InlineHtml(_) => false,
        Event::Start(tag) if nests(tag) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(tag) if ends_nesting(*tag) => {
            depth -= 1;
            depth < DEEPEST
        }
        _ => true,
    });
    let mut html = String::with_capacity(markdown.len() * 2);
    push_html(&mut html, shown);
    cleaner().clean(&html).to_string()
}

const fn nests(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::BlockQuote(_) | Tag::List(_) | Tag::Item)
}

const fn ends_nesting(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item)
}

/// The second wall: whatever the renderer lets through, only this gets out.
fn cleaner() -> Builder<'static> {
    let mut cleaner = Builder::empty();
    cleaner
        .add_tags(TAGS)
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("img", ["src", "alt", "title"])
        .add_tag_attributes("ol", ["start"])
        .add_clean_content_tags(["script", "style"])
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener nofollow"));
    cleaner
}

#[cfg(test)]
mod tests {
    use super::html_of;

    #[test]
    fn markdown_becomes_html() {
        for (markdown, html) in [
            ("", ""),
            (
                "# A & B\n\n*one* **two** ~~three~~",
                "<h1>A &amp; B</h1>\n<p><em>one</em> <strong>two</strong> <del>three</del></p>\n",
            ),
            ("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"),
            ("```html\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
            (
                "[site](https://example.com/?a=1&b=2 \"T\") <mail@example.com>",
                "<p><a href=\"https://example.com/?a=1&amp;b=2\" title=\"T\" rel=\"noopener nofollow\">site</a> \
                 <a href=\"mailto:mail@example.com\" rel=\"noopener nofollow\">mail@example.com</a></p>\n",
            ),
        ] {
            assert_eq!(html_of(markdown), html, "{markdown}");
        }
    }

    #[test]
    fn nothing_in_it_can_act() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <script>alert(1)</script> b",
            "<img src=x onerror=alert(1)>",
            "x <img src=x onerror=alert(1)> y",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](java\tscript:alert(1))",
            "[a](&#106;avascript:alert(1))",
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "[a](vbscript:x)",
            "![a](javascript:alert(1))",
            "![a\" onerror=\"alert(1)](https://example.com/x)",
            "[a](https://example.com \"\\\" onclick=alert(1)\")",
            "<javascript:alert(1)>",
            "<a href='https://example.com' onclick='alert(1)'>a</a>",
            "<iframe src=https://example.com></iframe>",
            "<svg/onload=alert(1)>",
            "<style>*{display:none}</style>",
            "[a]: javascript:alert(1)\n\n[a]",
            "|a|\n|:-:|\n|<svg onload=alert(1)>|",
        ] {
            let html = html_of(hostile).to_lowercase();
            for tag in html
                .split('<')
                .filter_map(|tag| tag.split_once('>'))
                .map(|(tag, _)| tag)
            {
                let signs = ["script", "iframe", "svg", "style", "data:", "vbscript:"];
                assert!(!signs.iter().any(|sign| tag.contains(sign)), "{hostile} became {html}");
                let names: String = tag.split('"').step_by(2).collect();
                assert!(!names.contains(" on"), "{hostile} became {html}");
            }
        }
    }

    #[test]
    fn what_is_meant_to_exhaust_is_rendered_all_the_same() {
        for piece in [
            "> ", "- ", "* a ", "[", "(", "![](", "*_", "`", "<", "1. ", "|", "\\", "&", "~~a ",
        ] {
            let hostile = piece.repeat(10_000 / piece.len());
            assert!(html_of(&hostile).len() < 200_000, "{piece}");
        }
    }
}
