//! Texts that must not say more than they show.

/// On one line, without anything that ends a header's line, that reorders what is read, or that a
/// reader would decode (RFC 2047), and at most `most` characters long.
pub(super) fn one_line(text: &str, most: usize) -> String {
    // Only so much of an enormous text is looked at.
    let cleaned: String = text
        .chars()
        .take(most.saturating_mul(4))
        .filter_map(of_one_line)
        .collect();
    let words: Vec<&str> = cleaned.split_whitespace().collect();
    let line = words.join(" ").replace("=?", "= ?");
    cut(&line, most)
}

/// With line feeds as the only line ends, without other control characters, and at most `most`
/// characters long.
pub(super) fn lines(text: &str, most: usize) -> String {
    let kept: String = text.chars().take(most.saturating_add(1)).collect();
    let lines = kept
        .replace("\r\n", "\n")
        .replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    let shown: String = lines.chars().filter(|character| !is_hidden(*character)).collect();
    cut(&shown, most)
}

/// The first `most` characters, with a sign that there was more.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.push('…');
    kept
}

fn of_one_line(character: char) -> Option<char> {
    match character {
        '\u{2028}' | '\u{2029}' => Some(' '),
        _ if character.is_control() => Some(' '),
        _ if reorders(character) => None,
        _ => Some(character),
    }
}

fn is_hidden(character: char) -> bool {
    character.is_control() && character != '\n' && character != '\t'
}

/// The explicit embeddings, overrides and isolates of the Unicode bidirectional algorithm: in a
/// name they show another one than is there. Letters of right-to-left scripts need none of them.
fn reorders(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{cut, lines, one_line};

    #[test]
    fn a_header_line_stays_one_line() {
        for end in [
            "\r\n", "\r", "\n", "\0", "\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}",
        ] {
            assert_eq!(
                one_line(&format!("Ann{end}Bcc: eve@example.com"), 200),
                "Ann Bcc: eve@example.com"
            );
        }
    }

    #[test]
    fn encoded_words_of_others_are_not_decoded() {
        assert_eq!(one_line("=?utf-8?Q?=0D=0ABcc:?=", 200), "= ?utf-8?Q?=0D=0ABcc:?=");
    }

    #[test]
    fn names_are_not_shown_backwards() {
        assert_eq!(one_line("Ann \u{202e}moc.elpmaxe", 200), "Ann moc.elpmaxe");
        assert_eq!(one_line("שלום עולם", 200), "שלום עולם");
    }

    #[test]
    fn enormous_texts_are_cut() {
        assert_eq!(one_line(&"x".repeat(1_000_000), 5), "xxxx…");
        assert_eq!(lines(&"x\n".repeat(1_000_000), 5), "x\nx\n…");
        assert_eq!(cut("👩‍🚀", 3), "👩‍🚀");
    }

    #[test]
    fn line_ends_of_all_kinds_are_kept_as_one_kind() {
        assert_eq!(lines("a\r\nb\rc\nd\u{2028}e\tf\0", 200), "a\nb\nc\nd\ne\tf");
    }
}
