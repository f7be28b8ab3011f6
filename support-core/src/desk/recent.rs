//! What was read a moment ago, so that a message costs no more reads than it has to.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Values by key, the most recently used ones, for a while. What falls out is read again.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    kept_for: Duration,
    capacity: usize,
    generations: Mutex<Generations<K, V>>,
}

/// Two generations stand for an order of use: what is used moves to the young one; when that is
/// full it becomes the old one, and what was still in the old one is gone.
#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, Remembered<V>>,
    old: HashMap<K, Remembered<V>>,
}

#[derive(Debug)]
struct Remembered<V> {
    value: V,
    read_at: Instant,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    /// Room for `capacity` values twice, each kept for at most `kept_for`.
    pub(super) fn new(capacity: usize, kept_for: Duration) -> Self {
        let generations = Mutex::new(Generations {
            young: HashMap::new(),
            old: HashMap::new(),
        });
        Self {
            kept_for,
            capacity,
            generations,
        }
    }

    pub(super) fn recall(&self, key: &K) -> Option<V> {
        let mut generations = self.lock();
        if let Some(remembered) = generations.old.remove(key) {
            self.keep(&mut generations, key.clone(), remembered);
        }
        let remembered = generations.young.get(key)?;
        (remembered.read_at.elapsed() < self.kept_for).then(|| remembered.value.clone())
    }

    pub(super) fn remember(&self, key: K, value: V) {
        let remembered = Remembered {
            value,
            read_at: Instant::now(),
        };
        let mut generations = self.lock();
        generations.old.remove(&key);
        self.keep(&mut generations, key, remembered);
    }

    pub(super) fn forget(&self, key: &K) {
        let mut generations = self.lock();
        generations.young.remove(key);
        generations.old.remove(key);
    }

    pub(super) fn forget_all(&self) {
        let mut generations = self.lock();
        generations.young.clear();
        generations.old.clear();
    }

    fn keep(&self, generations: &mut Generations<K, V>, key: K, remembered: Remembered<V>) {
        if generations.young.len() >= self.capacity {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, remembered);
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn what_is_too_old_is_read_again() {
        let recent = Recent::new(2, Duration::from_secs(1));
        recent.remember("a", 1);
        assert_eq!(recent.recall(&"a"), Some(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(recent.recall(&"a"), None);
    }

    #[tokio::test]
    async fn what_is_used_stays_and_what_is_not_makes_room() {
        let recent = Recent::new(2, Duration::from_secs(60));
        for (key, other) in [(1, 2), (3, 4), (5, 6), (7, 8)] {
            recent.remember("used", 0);
            recent.remember(&*format!("{key}").leak(), key);
            recent.remember(&*format!("{other}").leak(), other);
            assert_eq!(recent.recall(&"used"), Some(0));
        }
        assert_eq!(recent.recall(&"1"), None);
        recent.forget_all();
        assert_eq!(recent.recall(&"used"), None);
    }
}
