//! What a file declares, in order: the part of it that a reader compares with its twin.

use crate::Source;

/// The functions, types and `impl` blocks of a file, in order; methods stand behind the `impl` they belong to.
/// Private constants and macros are left out: how an adapter words its SQL is its own business.
pub fn outline(source: &Source) -> Vec<String> {
    let mut reader = Reader {
        source,
        place: 0,
        blocks: vec![Block::Items(String::new())],
        public: false,
        found: Vec::new(),
    };
    while reader.place < source.tokens.len() {
        reader.step();
    }
    reader.found
}

enum Block {
    /// Holds items; those of an `impl` or a trait carry its name.
    Items(String),
    /// Holds statements, fields or variants.
    Body,
}

struct Reader<'a> {
    source: &'a Source,
    place: usize,
    blocks: Vec<Block>,
    public: bool,
    found: Vec<String>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let token = self.source.at(self.place);
        self.place += 1;
        match token {
            "}" => self.close(),
            "{" => self.open(Block::Body),
            _ if matches!(self.blocks.last(), Some(Block::Body)) => {}
            "(" | "[" => self.skip_group(),
            "use" | "=" => self.skip_statement(),
            ";" => self.public = false,
            "pub" => self.public = true,
            "fn" => self.function(),
            "impl" => self.implementation(),
            "struct" | "enum" | "union" => self.named(token, true),
            "const" | "static" | "type" => self.named(token, self.public),
            "trait" => self.container(token, self.source.at(self.place).to_owned()),
            "mod" => self.container(token, String::new()),
            _ => {}
        }
    }

    fn open(&mut self, block: Block) {
        self.blocks.push(block);
        self.public = false;
    }

    fn close(&mut self) {
        if self.blocks.len() > 1 {
            self.blocks.pop();
        }
        self.public = false;
    }

    fn function(&mut self) {
        self.named("fn", true);
        // A return type may say `impl`, so the signature is passed over whole.
        while !matches!(self.source.at(self.place), "{" | ";" | "") {
            self.place += 1;
            if matches!(self.source.at(self.place - 1), "(" | "[") {
                self.skip_group();
            }
        }
    }

    fn implementation(&mut self) {
        let start = self.place;
        while !matches!(self.source.at(self.place), "{" | "") {
            self.place += 1;
        }
        let header = self.source.tokens.iter().take(self.place).skip(start);
        let header = header.map(String::as_str).collect::<Vec<_>>().join(" ");
        self.found.push(format!("impl {header}"));
        self.place += 1;
        self.open(Block::Items(header));
    }

    fn container(&mut self, keyword: &str, name: String) {
        self.named(keyword, self.public || keyword == "trait");
        while !matches!(self.source.at(self.place), "{" | ";" | "") {
            self.place += 1;
        }
        if self.source.at(self.place) == "{" {
            self.place += 1;
            self.open(Block::Items(name));
        }
    }

    fn named(&mut self, keyword: &str, wanted: bool) {
        let name = self.source.at(self.place);
        // `const fn` is a function, and `const {}` or `const _` names nothing.
        if matches!(name, "fn" | "_" | "{" | "unsafe" | "async" | "extern") {
            return;
        }
        self.place += 1;
        if !wanted {
            return;
        }
        match self.blocks.last() {
            Some(Block::Items(owner)) if !owner.is_empty() => {
                self.found.push(format!("{owner} :: {keyword} {name}"));
            }
            _ => self.found.push(format!("{keyword} {name}")),
        }
    }

    /// Passes over the rest of a bracket group whose opening sign was just read.
    fn skip_group(&mut self) {
        let mut depth = 1;
        while depth > 0 && self.place < self.source.tokens.len() {
            match self.source.at(self.place) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
            self.place += 1;
        }
    }

    fn skip_statement(&mut self) {
        while !matches!(self.source.at(self.place), ";" | "") {
            self.place += 1;
            if matches!(self.source.at(self.place - 1), "(" | "[" | "{") {
                self.skip_group();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        outline(&Source::parse(text))
    }

    #[test]
    fn items_are_listed_in_order_and_methods_behind_their_impl() {
        let text = "
            use a::{b, c};
            const SQL: &str = { \"x\" };
            pub const LIMIT: [u8; 2] = [1, 2];
            pub(crate) struct Store { fn_pointer: fn(u8) -> u8 }
            struct Pair(u8, u8);
            impl Store { const fn new() -> Self { fn inner() {} Self {} } }
            impl<'a> From<&'a Store> for Pair { fn from(s: &'a Store) -> Pair { if a { b } else { c } } }
            pub async fn open(x: impl Fn() -> u8) -> impl Sized where u8: Copy { 1 }
            macro_rules! row { ($x:ident) => { fn hidden() {} } }
            row! { fn hidden_too() {} }
            pub trait Reads { fn one(&self); }
            mod inside { pub fn deep() {} }
        ";
        assert_eq!(
            lines(text),
            [
                "const LIMIT",
                "struct Store",
                "struct Pair",
                "impl Store",
                "Store :: fn new",
                "impl < > From < & Store > for Pair",
                "< > From < & Store > for Pair :: fn from",
                "fn open",
                "trait Reads",
                "Reads :: fn one",
                "fn deep",
            ]
        );
    }
}
