//! Cutting long texts into messages that a chat takes.

/// How far back a cut may move to keep what is one sign to people together: more than any emoji
/// has, less than what a hostile pile of accents could cost.
const LONGEST_SIGN: usize = 32;

/// How many UTF-16 units a text has, which is how chats count.
pub(crate) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text in parts of at most `most` UTF-16 units, cut at the end of a paragraph, else of a
/// line, else of a word, else between two signs. White space around a cut is dropped; there are
/// no empty parts.
pub(crate) fn parts(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while let Some(place) = overflow(rest, most) {
        let (part, after) = rest.split_at(cut(rest, place));
        parts.push(part.trim_end());
        rest = after.trim_start();
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The text, or its beginning and an ellipsis, in at most `most` UTF-16 units.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if overflow(text, most).is_none() {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(1) else {
        return String::new();
    };
    let place = overflow(text, room).unwrap_or(text.len());
    let (beginning, _) = text.split_at(between_signs(text, place));
    format!("{}…", beginning.trim_end())
}

/// Where the text goes over `most` units; none when it fits.
fn overflow(text: &str, most: usize) -> Option<usize> {
    let mut units = 0;
    for (place, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units > most {
            return Some(place);
        }
    }
    None
}

/// The best place to cut at or before `place`: a nicer one is only taken in the second half, so
/// that parts don't get tiny.
fn cut(text: &str, place: usize) -> usize {
    let (fitting, _) = text.split_at(place);
    let is_far = |found: &usize| *found >= place / 2;
    if let Some(found) = fitting.rfind("\n\n").filter(is_far) {
        return found;
    }
    let next = text.get(place..).and_then(|rest| rest.chars().next());
    if next == Some('\n') {
        return place;
    }
    if let Some(found) = fitting.rfind('\n').filter(is_far) {
        return found;
    }
    if next.is_some_and(char::is_whitespace) {
        return place;
    }
    let word = fitting.rfind(char::is_whitespace).filter(is_far);
    word.unwrap_or_else(|| between_signs(text, place))
}

/// The nearest place at or before `place` where one sign ends and another one begins.
fn between_signs(text: &str, place: usize) -> usize {
    let mut at = place;
    for _ in 0..LONGEST_SIGN {
        let (before, after) = text.split_at(at);
        let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
            return place;
        };
        if !belong_together(before, last, next) {
            return at;
        }
        at -= last.len_utf8();
    }
    place
}

/// A simple reading of Unicode's UAX #29: joiners, variations, skin tones, accents, flags, and
/// the two halves of a line's end.
fn belong_together(before: &str, last: char, next: char) -> bool {
    const JOINER: char = '\u{200d}';
    let extends = matches!(next, JOINER | '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}');
    let is_flag_half = |letter: char| matches!(letter, '\u{1f1e6}'..='\u{1f1ff}');
    if extends || last == JOINER || (last == '\r' && next == '\n') {
        return true;
    }
    if !is_flag_half(next) {
        return false;
    }
    let halves = before
        .chars()
        .rev()
        .take(1_024)
        .take_while(|letter| is_flag_half(*letter));
    halves.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_stays_whole() {
        assert_eq!(parts("short", 5), ["short"]);
        assert_eq!(parts("  \n\t ", 5), Vec::<&str>::new());
        assert_eq!(parts("", 5), Vec::<&str>::new());
    }

    #[test]
    fn cuts_are_at_paragraphs_then_lines_then_words() {
        assert_eq!(parts("one two\n\nthree\nfour", 15), ["one two", "three\nfour"]);
        assert_eq!(parts("one two\nthree", 11), ["one two", "three"]);
        assert_eq!(parts("one two three", 9), ["one two", "three"]);
        assert_eq!(parts("one two three", 7), ["one two", "three"]);
        assert_eq!(parts("onetwothree", 4), ["onet", "woth", "ree"]);
    }

    #[test]
    fn no_sign_is_cut_in_two() {
        assert_eq!(parts("😀😀😀", 3), ["😀", "😀", "😀"]);
        assert_eq!(parts("ab👩‍👩‍👧cd", 9), ["ab", "👩‍👩‍👧c", "d"]);
        assert_eq!(parts("a👍🏽b", 4), ["a", "👍🏽", "b"]);
        assert_eq!(parts("🇩🇪🇫🇷", 6), ["🇩🇪", "🇫🇷"]);
        assert_eq!(parts("xe\u{301}", 2), ["x", "e\u{301}"]);
    }

    #[test]
    fn nothing_is_lost_and_no_part_is_too_long() {
        let hostile = "e\u{301}".repeat(5_000) + &"\u{301}".repeat(9_000) + &"مرحبا👨‍👩‍👧‍👦".repeat(3_000);
        let found = parts(&hostile, 4_096);
        assert!(found.iter().all(|part| units(part) <= 4_096));
        assert_eq!(found.concat(), hostile);
    }

    #[test]
    fn what_is_shortened_ends_with_an_ellipsis() {
        assert_eq!(shortened("hello", 5), "hello");
        assert_eq!(shortened("hello!", 5), "hell…");
        assert_eq!(shortened("😀😀😀", 5), "😀😀…");
        assert_eq!(shortened("hello", 0), "");
    }
}
