//! Taking out of photographs what tells where they were made.

use super::Dimensions;

/// Copies a JPEG as it comes in (ITU-T T.81 Annex B), but for what cameras and programs write
/// about it: Exif, XMP and IPTC. Which way is up stays. What follows the image is looked through
/// for further images, since phones put them there.
#[derive(Debug, Default)]
pub(super) struct JpegCleaner {
    pending: Vec<u8>,
    place: Place,
    dimensions: Option<Dimensions>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Where a marker is due.
    #[default]
    Marker,
    /// Among coded points.
    Scan,
    /// Behind the end, or among what makes no sense.
    Beyond,
}

const EXIF: u8 = 0xE1;
const EXTENSIONS: u8 = 0xE2;
const IPTC: u8 = 0xED;
const START_OF_IMAGE: [u8; 3] = [0xFF, 0xD8, 0xFF];

impl JpegCleaner {
    pub(super) fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.pending.extend_from_slice(bytes);
        let mut pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_slice();
        while let Some(used) = self.step(rest, out) {
            rest = rest.get(used..).unwrap_or_default();
        }
        let used = pending.len().saturating_sub(rest.len());
        pending.drain(..used);
        self.pending = pending;
    }

    /// What is left at the end; half of what would be taken out is taken out.
    pub(super) fn finish(self, out: &mut Vec<u8>) -> Option<Dimensions> {
        let is_taken_out = self.place == Place::Marker && matches!(self.pending.as_slice(), [0xFF, EXIF | IPTC, ..]);
        if !is_taken_out {
            out.extend_from_slice(&self.pending);
        }
        self.dimensions
    }

    pub(super) const fn dimensions(&self) -> Option<Dimensions> {
        self.dimensions
    }

    /// How many bytes were dealt with; nothing while there are too few.
    fn step(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        match self.place {
            Place::Marker => self.marker(rest, out),
            Place::Scan => self.scan(rest, out),
            Place::Beyond => self.beyond(rest, out),
        }
    }

    fn marker(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let [first, code, ..] = *rest else {
            return None;
        };
        match (first, code) {
            (0xFF, 0xFF) => {
                out.push(first);
                Some(1)
            }
            (0xFF, 0x01 | 0xD0..=0xD8) => {
                out.extend_from_slice(&[first, code]);
                Some(2)
            }
            (0xFF, 0xD9) => {
                out.extend_from_slice(&[first, code]);
                self.place = Place::Beyond;
                Some(2)
            }
            (0xFF, _) => self.segment(code, rest, out),
            _ => {
                self.place = Place::Beyond;
                Some(0)
            }
        }
    }

    fn segment(&mut self, code: u8, rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let length = usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
        if length < 2 {
            self.place = Place::Beyond;
            return Some(0);
        }
        let end = length.saturating_add(2);
        let segment = rest.get(..end)?;
        let said = segment.get(4..).unwrap_or_default();
        match code {
            EXIF => out.extend(
                said.strip_prefix(b"Exif\0\0")
                    .and_then(orientation)
                    .into_iter()
                    .flatten(),
            ),
            IPTC => {}
            // Where the further images lie, which moves.
            EXTENSIONS if said.starts_with(b"MPF\0") => {}
            _ => out.extend_from_slice(segment),
        }
        let is_frame = matches!(code, 0xC0..=0xCF) && !matches!(code, 0xC4 | 0xC8 | 0xCC);
        if let (true, None, [_, h1, h2, w1, w2, ..]) = (is_frame, self.dimensions, said) {
            self.dimensions = Some(Dimensions {
                width: u16::from_be_bytes([*w1, *w2]).into(),
                height: u16::from_be_bytes([*h1, *h2]).into(),
            });
        }
        if code == 0xDA {
            self.place = Place::Scan;
        }
        Some(end)
    }

    fn scan(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let ends = |pair: &[u8]| matches!(pair, [0xFF, code] if !matches!(code, 0x00 | 0xD0..=0xD7 | 0xFF));
        let place = rest.windows(2).position(ends);
        if place.is_some() {
            self.place = Place::Marker;
        }
        copied(rest, place, 1, out)
    }

    fn beyond(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let place = rest.windows(3).position(|three| three == START_OF_IMAGE);
        if place.is_some() {
            self.place = Place::Marker;
        }
        copied(rest, place, 2, out)
    }
}

/// Copies up to `place`; without one, all but the last `kept` bytes, with which it may begin.
fn copied(rest: &[u8], place: Option<usize>, kept: usize, out: &mut Vec<u8>) -> Option<usize> {
    let end = place.unwrap_or_else(|| rest.len().saturating_sub(kept));
    out.extend_from_slice(rest.get(..end).unwrap_or_default());
    (place.is_some() || end > 0).then_some(end)
}

/// A segment that says which way is up and nothing else, where the given one says that it is not
/// the usual way (Exif 2.32 §4.6.4, TIFF 6.0 §2).
fn orientation(tiff: &[u8]) -> Option<[u8; 36]> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let directory = if is_big {
        u32::from_be_bytes(four)
    } else {
        u32::from_le_bytes(four)
    };
    let directory = usize::try_from(directory).ok()?;
    let entries = usize::from(short(directory)?);
    let entry = (0..entries)
        .filter_map(|number| directory.checked_add(number.checked_mul(12)?.checked_add(2)?))
        .find(|at| short(*at) == Some(0x0112))?;
    let way = u8::try_from(short(entry.checked_add(8)?)?).ok()?;
    if !(2..=8).contains(&way) {
        return None;
    }
    let mut segment = *b"\xFF\xE1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    if let Some(byte) = segment.get_mut(29) {
        *byte = way;
    }
    Some(segment)
}
