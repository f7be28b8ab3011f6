//! Chance that can be had again: the same seed tells the same story on every machine.

use support_core::model::Timestamp;
use uuid::{Builder, Uuid};

/// Random numbers by SplitMix64 (Steele, Lea, Flood 2014). Good enough for stories; nothing that
/// must not be guessed comes from here.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        let width = most.saturating_sub(least).saturating_add(1).max(1);
        least + self.roll() % width
    }

    /// As it happens so many times in a thousand.
    pub(crate) fn happens(&mut self, per_mille: u64) -> bool {
        self.roll() % 1_000 < per_mille
    }

    /// One of a list's places.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.roll() % length).unwrap_or(0)
    }

    /// One of some words.
    pub(crate) fn word(&mut self, words: &[&'static str]) -> &'static str {
        words.get(self.place(words.len())).copied().unwrap_or_default()
    }

    /// One of some values, each as often as it weighs.
    pub(crate) fn weighed<T: Copy>(&mut self, values: &[(u64, T)], otherwise: T) -> T {
        let all: u64 = values.iter().map(|(weight, _)| weight).sum();
        let mut left = self.roll() % all.max(1);
        for (weight, value) in values {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        otherwise
    }

    /// A number that is half as likely as the one before it.
    pub(crate) fn rare(&mut self) -> usize {
        usize::try_from(self.roll().trailing_zeros()).unwrap_or(0)
    }

    /// An id as it would have been given out at that time (UUIDv7, RFC 9562 §5.7).
    pub(crate) fn id(&mut self, at: Timestamp) -> Uuid {
        let mut random = [0; 10];
        let rolled = [self.roll().to_le_bytes(), self.roll().to_le_bytes()].concat();
        random.iter_mut().zip(rolled).for_each(|(byte, rolled)| *byte = rolled);
        Builder::from_unix_timestamp_millis(u64::try_from(at.millis()).unwrap_or(0), &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_tells_the_same_story() {
        let story = |seed| {
            let mut dice = Dice::seeded(seed);
            (0..20).map(|_| dice.between(1, 6)).collect::<Vec<_>>()
        };
        assert_eq!(story(7), story(7));
        assert_ne!(story(7), story(8));
        assert!(story(7).iter().all(|eyes| (1..=6).contains(eyes)));
    }

    #[test]
    fn ids_sort_by_time() {
        let mut dice = Dice::seeded(1);
        let mut id = |millis| dice.id(Timestamp::from_millis(millis));
        let (first, second) = (id(1_700_000_000_000), id(1_700_000_000_001));
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
    }
}
