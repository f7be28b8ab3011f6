//! Taking out of PNG and WEBP what tells where an image was made.

use super::Dimensions;

/// Copies an image that is made of chunks as it comes in, but for what is written about it.
#[derive(Debug)]
pub(super) struct ChunkCleaner {
    format: Format,
    pending: Vec<u8>,
    has_begun: bool,
    left: u64,
    treatment: Treatment,
    is_over: bool,
    dimensions: Option<Dimensions>,
}

/// How chunks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Length, name, data, checksum (W3C PNG §5.3).
    Png,
    /// Name, length, data, and a byte where the length is odd (RFC 9649 §2.3).
    Webp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Copy,
    Drop,
    /// The file says its length at its beginning: what is taken out leaves as many zeros.
    Blank,
}

/// The bytes of a chunk that say how long it is and what it is.
const HEADER: usize = 8;
/// How much of a chunk's data says how large the image is.
const PEEKED: usize = 10;

impl ChunkCleaner {
    pub(super) const fn new(format: Format) -> Self {
        Self {
            format,
            pending: Vec::new(),
            has_begun: false,
            left: 0,
            treatment: Treatment::Copy,
            is_over: false,
            dimensions: None,
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let used = if self.is_over {
                out.extend_from_slice(rest);
                rest.len()
            } else if self.left > 0 {
                self.go_on(rest, out)
            } else {
                self.gather(rest, out)
            };
            rest = rest.get(used..).unwrap_or_default();
        }
    }

    pub(super) fn finish(self, out: &mut Vec<u8>) -> Option<Dimensions> {
        out.extend_from_slice(&self.pending);
        self.dimensions
    }

    pub(super) const fn dimensions(&self) -> Option<Dimensions> {
        self.dimensions
    }

    /// Within a chunk.
    fn go_on(&mut self, rest: &[u8], out: &mut Vec<u8>) -> usize {
        let used = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
        let data = rest.get(..used).unwrap_or_default();
        match self.treatment {
            Treatment::Copy => out.extend_from_slice(data),
            Treatment::Drop => {}
            Treatment::Blank => out.resize(out.len().saturating_add(used), 0),
        }
        self.left = self.left.saturating_sub(used as u64);
        used
    }

    /// Between chunks: gathers as much as it takes to know what comes.
    fn gather(&mut self, rest: &[u8], out: &mut Vec<u8>) -> usize {
        let missing = self.wanted().saturating_sub(self.pending.len());
        let used = missing.min(rest.len());
        self.pending.extend_from_slice(rest.get(..used).unwrap_or_default());
        if self.pending.len() >= self.wanted() {
            self.begin_chunk(out);
        }
        used
    }

    fn wanted(&self) -> usize {
        match (self.has_begun, self.format) {
            (false, Format::Png) => 8,
            (false, Format::Webp) => 12,
            (true, _) => match self.chunk() {
                Some((name, length)) if is_measured(name) => {
                    HEADER.saturating_add(usize::try_from(length).unwrap_or(usize::MAX).min(PEEKED))
                }
                _ => HEADER,
            },
        }
    }

    /// Name and length of the data of the chunk that is being gathered.
    fn chunk(&self) -> Option<([u8; 4], u32)> {
        let first: [u8; 4] = self.pending.get(..4)?.try_into().ok()?;
        let second: [u8; 4] = self.pending.get(4..HEADER)?.try_into().ok()?;
        Some(match self.format {
            Format::Png => (second, u32::from_be_bytes(first)),
            Format::Webp => (first, u32::from_le_bytes(second)),
        })
    }

    fn begin_chunk(&mut self, out: &mut Vec<u8>) {
        let mut gathered = std::mem::take(&mut self.pending);
        if !self.has_begun {
            self.has_begun = true;
            out.append(&mut gathered);
            return;
        }
        self.pending = gathered;
        let chunk = self.chunk();
        gathered = std::mem::take(&mut self.pending);
        let is_name = |name: &[u8; 4]| name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ');
        let Some((name, length)) = chunk.filter(|(name, _)| is_name(name)) else {
            self.is_over = true;
            out.append(&mut gathered);
            return;
        };
        let whole = match self.format {
            // The checksum.
            Format::Png => u64::from(length).saturating_add(4),
            Format::Webp => u64::from(length).saturating_add(u64::from(length % 2)),
        };
        let data = gathered.get(HEADER..).unwrap_or_default();
        self.dimensions = self.dimensions.or_else(|| measured(name, data));
        self.treatment = treatment(self.format, name);
        self.left = whole.saturating_sub(data.len() as u64);
        self.is_over = name == *b"IEND" && self.left == 0;
        match self.treatment {
            Treatment::Copy => {}
            Treatment::Drop => gathered.clear(),
            Treatment::Blank => gathered.splice(..4, *b"JUNK").for_each(drop),
        }
        // Says whether Exif and XMP follow.
        if let (b"VP8X", Some(flags)) = (&name, gathered.get_mut(HEADER)) {
            *flags &= !0x0C;
        }
        out.append(&mut gathered);
    }
}

fn treatment(format: Format, name: [u8; 4]) -> Treatment {
    match (format, &name) {
        (Format::Png, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt") => Treatment::Drop,
        (Format::Webp, b"EXIF" | b"XMP ") => Treatment::Blank,
        _ => Treatment::Copy,
    }
}

const fn is_measured(name: [u8; 4]) -> bool {
    matches!(&name, b"IHDR" | b"VP8X" | b"VP8 " | b"VP8L")
}

/// How large the image is, by the data of the chunk that says so.
fn measured(name: [u8; 4], data: &[u8]) -> Option<Dimensions> {
    let (width, height) = match (&name, data) {
        (b"IHDR", [w1, w2, w3, w4, h1, h2, h3, h4, ..]) => (
            u32::from_be_bytes([*w1, *w2, *w3, *w4]),
            u32::from_be_bytes([*h1, *h2, *h3, *h4]),
        ),
        (b"VP8X", [_, _, _, _, w1, w2, w3, h1, h2, h3]) => (
            u32::from_le_bytes([*w1, *w2, *w3, 0]).saturating_add(1),
            u32::from_le_bytes([*h1, *h2, *h3, 0]).saturating_add(1),
        ),
        (b"VP8 ", [_, _, _, 0x9D, 0x01, 0x2A, w1, w2, h1, h2]) => (
            u32::from(u16::from_le_bytes([*w1, *w2]) & 0x3FFF),
            u32::from(u16::from_le_bytes([*h1, *h2]) & 0x3FFF),
        ),
        (b"VP8L", [0x2F, b1, b2, b3, b4, ..]) => {
            let packed = u32::from_le_bytes([*b1, *b2, *b3, *b4]);
            (
                (packed & 0x3FFF).saturating_add(1),
                ((packed >> 14) & 0x3FFF).saturating_add(1),
            )
        }
        _ => return None,
    };
    Some(Dimensions { width, height })
}
