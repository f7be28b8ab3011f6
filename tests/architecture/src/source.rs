//! Rust source as a list of words and signs, without what merely looks like code.

#![expect(clippy::panic, reason = "no rule can be judged without the sources")]

use std::path::{Path, PathBuf};

/// One file, cut into tokens. Comments, texts, lifetimes and everything under `#[cfg(test)]` are left out.
#[derive(Debug)]
pub struct Source {
    /// Words (identifiers, keywords, numbers) and single signs, in order.
    pub tokens: Vec<String>,
}

impl Source {
    /// Reads and cuts a file.
    ///
    /// # Panics
    /// When the file cannot be read.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(&text)
    }

    /// Cuts a text.
    pub fn parse(text: &str) -> Self {
        Self {
            tokens: without_tests(&Cutter::new(text).cut()),
        }
    }

    /// The token at a place, or nothing behind the end.
    pub fn at(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", String::as_str)
    }
}

/// All `.rs` files below a folder, sorted; none when the folder is missing.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

struct Cutter {
    text: Vec<char>,
    place: usize,
    tokens: Vec<String>,
}

impl Cutter {
    fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            place: 0,
            tokens: Vec::new(),
        }
    }

    fn cut(mut self) -> Vec<String> {
        while let Some(sign) = self.peek(0) {
            match sign {
                '/' if self.peek(1) == Some('/') => self.skip_line(),
                '/' if self.peek(1) == Some('*') => self.skip_block_comment(),
                '"' => self.skip_text(),
                '\'' => self.skip_char_or_lifetime(),
                _ if sign.is_whitespace() => self.place += 1,
                _ if is_word(sign) => self.take_word(),
                _ => {
                    self.tokens.push(sign.to_string());
                    self.place += 1;
                }
            }
        }
        self.tokens
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.place + ahead).copied()
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|sign| sign != '\n') {
            self.place += 1;
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while let Some(sign) = self.peek(0) {
            match (sign, self.peek(1)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => {
                    self.place += 1;
                    continue;
                }
            }
            self.place += 2;
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_text(&mut self) {
        self.place += 1;
        while let Some(sign) = self.peek(0) {
            self.place += if sign == '\\' { 2 } else { 1 };
            if sign == '"' {
                return;
            }
        }
    }

    fn skip_raw_text(&mut self) {
        let mut hashes = 0;
        while self.peek(0) == Some('#') {
            hashes += 1;
            self.place += 1;
        }
        self.place += 1;
        while let Some(sign) = self.peek(0) {
            self.place += 1;
            if sign == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                self.place += hashes;
                return;
            }
        }
    }

    fn skip_char_or_lifetime(&mut self) {
        let escaped = self.peek(1) == Some('\\');
        if !escaped && self.peek(2) != Some('\'') {
            self.place += 1;
            while self.peek(0).is_some_and(is_word) {
                self.place += 1;
            }
            return;
        }
        self.place += if escaped { 3 } else { 2 };
        while self.peek(0).is_some_and(|sign| sign != '\'') {
            self.place += 1;
        }
        self.place += 1;
    }

    fn take_word(&mut self) {
        let start = self.place;
        while self.peek(0).is_some_and(is_word) {
            self.place += 1;
        }
        let word: String = self.text.iter().take(self.place).skip(start).collect();
        if matches!(word.as_str(), "r" | "br" | "cr") && self.opens_raw_text() {
            self.skip_raw_text();
            return;
        }
        self.tokens.push(word);
    }

    fn opens_raw_text(&self) -> bool {
        let hashes = self
            .text
            .iter()
            .skip(self.place)
            .take_while(|sign| **sign == '#')
            .count();
        self.peek(hashes) == Some('"')
    }
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

fn without_tests(tokens: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        if rest.len() >= MARK.len() && rest.iter().zip(MARK).all(|(token, mark)| token == mark) {
            rest = after_item(rest.get(MARK.len()..).unwrap_or_default());
        } else {
            kept.push(first.clone());
            rest = after;
        }
    }
    kept
}

/// An item ends with the brace that closes its body, or with a semicolon outside all brackets.
fn after_item(tokens: &[String]) -> &[String] {
    let mut depth = 0;
    for (place, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        let goes_on = tokens.get(place + 1).is_some_and(|next| next == ";");
        if depth == 0 && matches!(token.as_str(), "}" | ";") && !goes_on {
            return tokens.get(place + 1..).unwrap_or_default();
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> String {
        Source::parse(text).tokens.join(" ")
    }

    #[test]
    fn comments_and_texts_are_no_code() {
        let text = r##"a // b
            /* c /* d */ e */ f "g \" h" i r#"j " k"# l"##;
        assert_eq!(tokens(text), "a f i l");
    }

    #[test]
    fn lifetimes_are_told_from_characters() {
        assert_eq!(tokens(r"x: &'static str, '\'' 'y' '{' <'a>"), "x : & str , < >");
    }

    #[test]
    fn what_is_only_for_tests_is_left_out() {
        let text = "fn a() {} #[cfg(test)] mod tests { fn b() { {} } } fn c() {} #[cfg(test)] use x::{y}; fn d() {}";
        assert_eq!(tokens(text), "fn a ( ) { } fn c ( ) { } fn d ( ) { }");
    }
}
