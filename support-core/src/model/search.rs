//! Texts as words that are searched for. One rule for all stores, so that every store finds the
//! same: they keep the words they are given and compare them as they are.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{LONGEST_MESSAGE, Message, MessageKind, SenderKind, Ticket, TicketId, human_number, parse_human_number};

/// How many different words of one text are searched for; those after them are not found.
pub const MOST_WORDS: usize = 1_000;
/// How many words of a query count; those after them are passed over.
pub const MOST_QUERY_WORDS: usize = 8;
/// How much of a word counts, in characters.
pub const LONGEST_WORD: usize = 40;
/// How much of a query is read, in characters.
const LONGEST_QUERY: usize = 400;
/// How much of a text is read, in characters.
const LONGEST_TEXT: usize = 4 * LONGEST_MESSAGE;
/// How long a snippet is about, in characters, and how much of it comes before what was found.
const SNIPPET: usize = 160;
const BEFORE: usize = 40;

/// What is searched for: every word must stand in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordQuery {
    words: Vec<QueryWord>,
}

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueryWord {
    /// As [`words_of`] gives words.
    pub text: String,
    /// Whether words that begin with it will do.
    pub is_prefix: bool,
}

/// A piece of a text around what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    /// The piece, as it was written.
    pub text: String,
    /// Where in the piece what was found stands, in bytes, in order.
    pub found: Vec<Range<usize>>,
}

impl Snippet {
    /// The beginning of a text.
    #[must_use]
    pub fn beginning(text: &str) -> Self {
        let end = text.char_indices().nth(SNIPPET).map_or(text.len(), |(at, _)| at);
        Self {
            text: text.get(..end).unwrap_or_default().to_owned(),
            found: Vec::new(),
        }
    }
}

impl WordQuery {
    /// Reads what somebody typed. The last word is taken for the beginning of one,
    /// but for a ticket's number. None when there
    /// is no word in it, as in `"%"`: nothing is found then.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut words: Vec<QueryWord> = Vec::new();
        for piece in pieces(text, LONGEST_QUERY) {
            for (text, is_prefix) in piece.asked() {
                let word = QueryWord { text, is_prefix };
                if words.iter().all(|known| known.text != word.text) && words.len() < MOST_QUERY_WORDS {
                    words.push(word);
                }
            }
        }
        // Who names a number means that one.
        words.last_mut()?.is_prefix |= parse_human_number(text.trim()).is_none();
        Some(Self { words })
    }

    /// A query for words as they are; none when there are none.
    pub(super) fn of_words(words: Vec<QueryWord>) -> Option<Self> {
        (!words.is_empty()).then_some(Self { words })
    }

    /// The words, in the order in which they were typed; at least one.
    #[must_use]
    pub fn words(&self) -> &[QueryWord] {
        &self.words
    }

    /// Whether every word of the query is among `words`.
    #[must_use]
    pub fn is_answered_by(&self, words: &BTreeSet<String>) -> bool {
        self.words.iter().all(|wanted| wanted.is_among(words))
    }

    /// The piece of `text` around the first word that was searched for; its beginning when there
    /// is none.
    #[must_use]
    pub fn snippet(&self, text: &str) -> Snippet {
        let is_wanted = |word: &String| self.words.iter().any(|wanted| wanted.is(word));
        let found = pieces(text, LONGEST_TEXT).filter(|piece| piece.told().iter().any(is_wanted));
        let places: Vec<_> = found.map(|piece| piece.place).collect();
        let first = places.first().map_or(0, |place| place.start);
        let start = text.get(..first).unwrap_or_default().char_indices().rev();
        let start = start.take(BEFORE).last().map_or(first, |(at, _)| at);
        let piece = text.get(start..).unwrap_or_default();
        let end = piece.char_indices().nth(SNIPPET).map_or(piece.len(), |(at, _)| at);
        let within = places.into_iter().filter(|place| place.end <= start + end);
        Snippet {
            text: piece.get(..end).unwrap_or_default().to_owned(),
            found: within.map(|place| place.start - start..place.end - start).collect(),
        }
    }
}

impl QueryWord {
    pub(super) fn is(&self, word: &str) -> bool {
        word == self.text || (self.is_prefix && word.starts_with(&self.text))
    }

    /// Whether it is one of `words`.
    pub(super) fn is_among(&self, words: &BTreeSet<String>) -> bool {
        let mut from = words.range(self.text.clone()..);
        from.next().is_some_and(|word| self.is(word))
    }
}

/// The words of the first `most` characters of a text, as often as they stand there.
pub(super) fn words_in_order(text: &str, most: usize) -> impl Iterator<Item = String> + '_ {
    pieces(text, most).flat_map(|piece| piece.told())
}

/// Each of `words` that has at least `least` characters, and each of writing without spaces.
pub(super) fn words_of_length(words: &[String], least: usize) -> Vec<QueryWord> {
    let mut kept: Vec<QueryWord> = Vec::new();
    for word in words {
        let is_solid = || word.chars().next().is_some_and(|first| Kind::of(first) == Kind::Solid);
        let is_long = word.chars().count() >= least || is_solid();
        if is_long && kept.iter().all(|known| known.text != *word) {
            kept.push(QueryWord {
                text: word.clone(),
                is_prefix: false,
            });
        }
    }
    kept
}

/// The words of a text: lower-cased, without diacritics, without signs. Writing that puts no
/// spaces between words, as Chinese, Japanese, Korean or Thai, is taken by pairs of characters.
///
/// ```
/// use support_core::model::words_of;
/// let words = words_of("Où est MON colis n° 42?");
/// assert_eq!(words.into_iter().collect::<Vec<_>>(), ["42", "colis", "est", "mon", "n", "ou"]);
/// ```
#[must_use]
pub fn words_of(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    add_words(&mut words, text);
    words
}

/// The words under which a ticket's head is found: subject, number, and who asks.
#[must_use]
pub fn words_of_head(ticket: &Ticket, number: u64) -> BTreeSet<String> {
    let mut words = words_of(&human_number(number));
    add_words(&mut words, &ticket.subject);
    let contact = &ticket.contact;
    for text in [&contact.name, &contact.email, &contact.phone].into_iter().flatten() {
        add_words(&mut words, text);
    }
    if let Some(phone) = &contact.phone {
        // Whoever searches for a number need not know how it was typed.
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        add_words(&mut words, &digits);
    }
    words
}

/// The words under which a message is found: what it says and who says it. What the software
/// tells is not searched.
#[must_use]
pub fn words_of_message(message: &Message) -> BTreeSet<String> {
    if message.sender.kind() == SenderKind::System || message.kind == MessageKind::SystemNotification {
        return BTreeSet::new();
    }
    let mut words = words_of(&message.content);
    add_words(&mut words, &message.sender_name);
    words
}

fn add_words(words: &mut BTreeSet<String>, text: &str) {
    for word in pieces(text, LONGEST_TEXT).flat_map(|piece| piece.told()) {
        if words.len() >= MOST_WORDS {
            return;
        }
        words.insert(word);
    }
}

/// A run of a text without a sign in it.
struct Piece<'t> {
    text: &'t str,
    /// Where it stands in the whole text.
    place: Range<usize>,
    /// What follows in the same run of writing without spaces.
    next: Option<char>,
    is_before: bool,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Neither letter nor digit.
    Sign,
    /// Of a word.
    Letter,
    /// Of writing without spaces: each character is a piece.
    Solid,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            // Thai to Myanmar, Khmer.
            '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Self::of_solid(character),
            // Kana, bopomofo, Han and its compatibility forms, Hangul, half-width kana.
            '\u{3005}'..='\u{30ff}'
            | '\u{3105}'..='\u{31bf}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9d}'
            | '\u{20000}'..='\u{3ffff}' => Self::of_solid(character),
            _ if character.is_alphanumeric() || is_combining_mark(character) => Self::Letter,
            _ => Self::Sign,
        }
    }

    fn of_solid(character: char) -> Self {
        if character.is_numeric() {
            Self::Letter
        } else if character.is_alphabetic() || is_combining_mark(character) {
            Self::Solid
        } else {
            Self::Sign
        }
    }
}

impl Piece<'_> {
    /// What it is found under: of writing without spaces the pair that it begins, and by itself
    /// where the run ends.
    fn told(&self) -> Vec<String> {
        match (self.kind, self.next) {
            (Kind::Solid, Some(next)) => vec![folded(&format!("{}{next}", self.text))],
            (Kind::Solid, None) => vec![folded(self.text)],
            _ => folded(self.text)
                .split(|character| Kind::of(character) == Kind::Sign)
                .filter(|word| !word.is_empty())
                .map(|word| word.chars().take(LONGEST_WORD).collect())
                .collect(),
        }
    }

    /// What it asks for: the last character of a run is in the last pair already; one that stands
    /// by itself begins a pair or is one's end.
    fn asked(&self) -> Vec<(String, bool)> {
        match (self.kind, self.next, self.is_before) {
            (Kind::Solid, None, true) => Vec::new(),
            (kind, next, _) => {
                let is_prefix = kind == Kind::Solid && next.is_none();
                let words = self.told().into_iter();
                words.map(|word| (word, is_prefix)).collect()
            }
        }
    }
}

/// The first `most` characters of a text as pieces.
fn pieces(text: &str, most: usize) -> impl Iterator<Item = Piece<'_>> {
    let end = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let text = text.get(..end).unwrap_or(text);
    let mut at = 0;
    let mut last = Kind::Sign;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let first = rest.chars().next()?;
            let kind = Kind::of(first);
            let length = match kind {
                Kind::Sign | Kind::Solid => first.len_utf8(),
                Kind::Letter => rest.find(|other| Kind::of(other) != Kind::Letter).unwrap_or(rest.len()),
            };
            let place = at..at + length;
            at = place.end;
            let is_before = last == Kind::Solid;
            last = kind;
            if kind != Kind::Sign {
                let next = text.get(at..)?.chars().next();
                return Some(Piece {
                    text: text.get(place.clone())?,
                    place,
                    next: next.filter(|next| kind == Kind::Solid && Kind::of(*next) == Kind::Solid),
                    is_before: is_before && kind == Kind::Solid,
                    kind,
                });
            }
        }
    })
}

/// A text as it is compared: compatibility forms (NFKD) in lower case without what is set above
/// and below letters.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let bare = text
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|character| !is_ornament(*character));
    let mut folded = String::with_capacity(text.len());
    for character in bare.nfc() {
        match character {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded
}

/// Diacritics of European scripts, Hebrew points, Arabic vowel signs and lengthening. Signs of
/// other scripts are letters of their own.
const fn is_ornament(character: char) -> bool {
    matches!(
        character,
        '\u{0300}'..='\u{036f}' | '\u{0591}'..='\u{05c7}' | '\u{0610}'..='\u{061a}' | '\u{0640}'
            | '\u{064b}'..='\u{065f}' | '\u{0670}' | '\u{200c}' | '\u{200d}'
    )
}

/// Where a search found all its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoundPlace {
    /// The ticket.
    pub ticket: TicketId,
    /// The message's place in the thread; 0 for the ticket's head.
    pub seq: u64,
}

/// A ticket that a search found, and how well it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// The best place in it: its head, else its newest message with the words.
    pub place: FoundPlace,
    /// The higher, the better.
    pub score: u32,
}

/// What it counts that a ticket has the number that was searched for.
const NUMBER_COUNTS: u32 = 1_000;
/// What it counts that the words stand in a ticket's head rather than in what was said.
const HEAD_COUNTS: u32 = 100;
/// How many of a ticket's messages count, so that long talks don't always win.
const MESSAGES_COUNT: u32 = 20;

/// Puts what a search found in order: the ticket with the number first, then those with the words
/// in their heads, then by how many messages have them, and among equals the newest. `places` come
/// newest first.
#[must_use]
pub fn rank(number: Option<TicketId>, places: &[FoundPlace]) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = Vec::new();
    let mut known: HashMap<TicketId, usize> = HashMap::new();
    let heads = number.into_iter().map(|ticket| FoundPlace { ticket, seq: 0 });
    for place in heads.chain(places.iter().copied()) {
        let at = *known.entry(place.ticket).or_insert_with(|| {
            ranked.push(Ranked { place, score: 0 });
            ranked.len() - 1
        });
        if let Some(one) = ranked.get_mut(at) {
            if place.seq == 0 {
                one.place = place;
                one.score += HEAD_COUNTS;
            } else if one.score % HEAD_COUNTS < MESSAGES_COUNT {
                one.score += 1;
            }
        }
    }
    for one in ranked.iter_mut().filter(|one| Some(one.place.ticket) == number) {
        one.score += NUMBER_COUNTS;
    }
    ranked.sort_by_key(|one| std::cmp::Reverse(one.score));
    ranked
}
