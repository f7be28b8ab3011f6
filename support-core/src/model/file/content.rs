//! What a file is, by its bytes as they come in.

use super::{
    Dimensions, FileKind,
    jpeg::JpegCleaner,
    metadata::{ChunkCleaner, Format},
    name::{extension, with_extension},
};

/// How many bytes it takes to know what a file may be.
const HEAD: usize = 16;
/// How much is kept of the bytes before, in which what is looked for may begin.
const KEPT: usize = 64;

/// What a file may be, as its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Jpeg,
    Png,
    Gif,
    Webp,
    Pdf,
    /// Microsoft's compound files (MS-CFB §2.2).
    Compound,
    Zip,
    Other,
}

impl Family {
    fn of(head: &[u8]) -> Self {
        match head {
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => Self::Compound,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ => Self::Other,
        }
    }

    const fn kinds(self) -> &'static [FileKind] {
        match self {
            Self::Jpeg => &[FileKind::Jpeg],
            Self::Png => &[FileKind::Png],
            Self::Gif => &[FileKind::Gif],
            Self::Webp => &[FileKind::Webp],
            Self::Pdf => &[FileKind::Pdf],
            Self::Compound => &[FileKind::Doc],
            Self::Zip => &[FileKind::Zip, FileKind::Docx, FileKind::Xlsx, FileKind::Pptx],
            Self::Other => &[FileKind::Txt, FileKind::Csv, FileKind::Svg, FileKind::Html],
        }
    }
}

#[derive(Debug)]
enum Cleaner {
    Jpeg(JpegCleaner),
    Chunks(ChunkCleaner),
    AsItIs,
}

/// What the bytes have told so far that their beginning does not.
#[derive(Debug, Default)]
struct Told {
    is_text: bool,
    half_character: Vec<u8>,
    before: Vec<u8>,
    holds: Vec<FileKind>,
    is_foreign: bool,
}

/// Looks at a file as it comes in, and gives back what is to be stored of it: images lose what
/// tells where they were made. Needs a few kilobytes at a time, however large the file.
#[derive(Debug)]
pub struct Inspection {
    head: Vec<u8>,
    family: Option<Family>,
    cleaner: Cleaner,
    told: Told,
    dimensions: Option<Dimensions>,
    size: u64,
}

/// What was found once all of a file has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inspected {
    /// How many bytes are to be stored.
    pub size: u64,
    /// How large it is, if it is an image that says so.
    pub dimensions: Option<Dimensions>,
    /// Whether it is of the kind that its first bytes and its name spoke of.
    pub is_what_it_seemed: bool,
}

impl Default for Inspection {
    fn default() -> Self {
        Self::new()
    }
}

impl Inspection {
    /// Nothing seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            head: Vec::new(),
            family: None,
            cleaner: Cleaner::AsItIs,
            told: Told {
                is_text: true,
                ..Told::default()
            },
            dimensions: None,
            size: 0,
        }
    }

    /// Looks at the next bytes, and gives those to be stored.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        match self.family {
            Some(family) => self.look(family, bytes, &mut out),
            None => {
                self.head.extend_from_slice(bytes);
                if self.head.len() >= HEAD {
                    self.begin(&mut out);
                }
            }
        }
        self.size = self.size.saturating_add(out.len() as u64);
        out
    }

    /// Whether enough has been seen to ask for the [kind](Self::kind_named).
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.family.is_some()
    }

    /// No more bytes will come: what was too short to know more of is looked at as it is. To be
    /// called before the [kind](Self::kind_named) of such a file is asked for.
    pub fn end(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.family.is_none() {
            self.begin(&mut out);
        }
        self.size = self.size.saturating_add(out.len() as u64);
        out
    }

    /// What the file is and is called, if its first bytes and its name agree. A name without an
    /// ending gets one.
    #[must_use]
    pub fn kind_named(&self, name: &str) -> Option<(FileKind, String)> {
        let kinds = self.family?.kinds();
        let kind = match extension(name) {
            Some(extension) => FileKind::of_extension(extension).filter(|kind| kinds.contains(kind))?,
            None => *kinds.first()?,
        };
        Some((kind, with_extension(name.to_owned(), kind)))
    }

    /// How large the image is, as far as is known by now.
    #[must_use]
    pub fn dimensions(&self) -> Option<Dimensions> {
        match &self.cleaner {
            Cleaner::Jpeg(cleaner) => cleaner.dimensions(),
            Cleaner::Chunks(cleaner) => cleaner.dimensions(),
            Cleaner::AsItIs => self.dimensions,
        }
    }

    /// What is still to be stored, and what was found for a file that seemed to be of `kind`.
    #[must_use]
    pub fn finish(self, kind: FileKind) -> (Vec<u8>, Inspected) {
        let mut out = Vec::new();
        let dimensions = match self.cleaner {
            Cleaner::Jpeg(cleaner) => cleaner.finish(&mut out),
            Cleaner::Chunks(cleaner) => cleaner.finish(&mut out),
            Cleaner::AsItIs => self.dimensions,
        };
        let inspected = Inspected {
            size: self.size.saturating_add(out.len() as u64),
            dimensions,
            is_what_it_seemed: self.told.bears_out(kind),
        };
        (out, inspected)
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        let head = std::mem::take(&mut self.head);
        let family = Family::of(&head);
        self.family = Some(family);
        self.cleaner = match family {
            Family::Jpeg => Cleaner::Jpeg(JpegCleaner::default()),
            Family::Png => Cleaner::Chunks(ChunkCleaner::new(Format::Png)),
            Family::Webp => Cleaner::Chunks(ChunkCleaner::new(Format::Webp)),
            _ => Cleaner::AsItIs,
        };
        if let (Family::Gif, [_, _, _, _, _, _, w1, w2, h1, h2, ..]) = (family, head.as_slice()) {
            self.dimensions = Some(Dimensions {
                width: u16::from_le_bytes([*w1, *w2]).into(),
                height: u16::from_le_bytes([*h1, *h2]).into(),
            });
        }
        self.look(family, &head, out);
    }

    fn look(&mut self, family: Family, bytes: &[u8], out: &mut Vec<u8>) {
        match family {
            Family::Zip => self.told.look_for_parts(bytes),
            Family::Compound => self.told.look_for_streams(bytes),
            Family::Other => self.told.look_for_text(bytes),
            Family::Jpeg | Family::Png | Family::Gif | Family::Webp | Family::Pdf => {}
        }
        match &mut self.cleaner {
            Cleaner::Jpeg(cleaner) => cleaner.take(bytes, out),
            Cleaner::Chunks(cleaner) => cleaner.take(bytes, out),
            Cleaner::AsItIs => out.extend_from_slice(bytes),
        }
    }
}

impl Told {
    fn bears_out(&self, kind: FileKind) -> bool {
        match kind {
            FileKind::Docx | FileKind::Xlsx | FileKind::Pptx => self.holds.contains(&kind),
            FileKind::Doc => !self.is_foreign || self.holds.contains(&kind),
            FileKind::Txt | FileKind::Csv | FileKind::Svg | FileKind::Html => {
                self.is_text && self.half_character.is_empty()
            }
            FileKind::Jpeg | FileKind::Png | FileKind::Gif | FileKind::Webp | FileKind::Pdf | FileKind::Zip => true,
        }
    }

    /// The bytes with the last ones before them.
    fn with_before(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut joined = std::mem::take(&mut self.before);
        joined.extend_from_slice(bytes);
        self.before = joined
            .get(joined.len().saturating_sub(KEPT)..)
            .unwrap_or_default()
            .to_vec();
        joined
    }

    /// Where Office keeps the main part of each kind (ECMA-376 part 2), by the names in the
    /// archive's headers (PKWARE APPNOTE §4.3.7, §4.3.12).
    fn look_for_parts(&mut self, bytes: &[u8]) {
        let joined = self.with_before(bytes);
        for (place, header) in joined.windows(4).enumerate() {
            let name = match header {
                [b'P', b'K', 3, 4] => place.saturating_add(30),
                [b'P', b'K', 1, 2] => place.saturating_add(46),
                _ => continue,
            };
            let name = joined.get(name..).unwrap_or_default();
            let kind = match name {
                name if name.starts_with(b"word/") => FileKind::Docx,
                name if name.starts_with(b"xl/") => FileKind::Xlsx,
                name if name.starts_with(b"ppt/") => FileKind::Pptx,
                _ => continue,
            };
            if !self.holds.contains(&kind) {
                self.holds.push(kind);
            }
        }
    }

    /// The streams by which Office tells its kinds apart (MS-DOC §2.1.1, MS-XLS §2.1.2,
    /// MS-PPT §2.1.1); their names are in UTF-16.
    fn look_for_streams(&mut self, bytes: &[u8]) {
        let joined = self.with_before(bytes);
        let has = |name: &str| {
            let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            joined.windows(wanted.len()).any(|window| window == wanted)
        };
        if has("WordDocument") && !self.holds.contains(&FileKind::Doc) {
            self.holds.push(FileKind::Doc);
        }
        self.is_foreign = self.is_foreign || has("Workbook") || has("PowerPoint Document");
    }

    /// UTF-8 without control characters but tabs and line breaks.
    fn look_for_text(&mut self, bytes: &[u8]) {
        if !self.is_text {
            return;
        }
        let mut joined = std::mem::take(&mut self.half_character);
        joined.extend_from_slice(bytes);
        let text = match std::str::from_utf8(&joined) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                let (text, half) = joined.split_at(error.valid_up_to());
                self.half_character = half.to_vec();
                std::str::from_utf8(text).unwrap_or_default()
            }
            Err(_) => {
                self.is_text = false;
                return;
            }
        };
        let is_refused = |character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{C}');
        self.is_text = !text.chars().any(is_refused);
    }
}
