//! How long to wait before trying again.

use std::time::Duration;

use uuid::Uuid;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);

/// Longer after each failure, and not the same on every node, so that a Redis that comes back
/// isn't met by all of them at once.
#[derive(Debug)]
pub(crate) struct Pause {
    next: Duration,
    spread: f64,
}

impl Pause {
    pub(crate) fn of_node(node: Uuid) -> Self {
        Self {
            next: FIRST,
            spread: 0.75 + f64::from(node.as_bytes().last().copied().unwrap_or_default()) / 1024.0,
        }
    }

    /// How long to wait this time.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = LONGEST.min(pause * 2);
        pause.mul_f64(self.spread)
    }

    /// Begins anew when what was reached held for a while; what fails again at once waits longer.
    pub(crate) fn held(&mut self, time: Duration) {
        if time > LONGEST {
            self.next = FIRST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit_until_something_held() {
        let mut pause = Pause::of_node(Uuid::max());
        let pauses: Vec<_> = (0..8).map(|_| pause.next()).collect();
        assert!(
            pauses.is_sorted() && pauses.iter().all(|pause| *pause <= LONGEST),
            "{pauses:?}"
        );
        pause.held(FIRST);
        assert!(pause.next() > FIRST * 10);
        pause.held(LONGEST * 2);
        assert!(pause.next() <= FIRST);
    }
}
