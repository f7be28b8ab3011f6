//! Time and randomness, which decisions never reach for by themselves.

use std::fmt::Debug;

use uuid::Uuid;

use crate::model::{Secret, Timestamp};

/// Tells the time.
pub trait Clock: Send + Sync + Debug {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's own implementation")]
    fn now(&self) -> Timestamp {
        Timestamp::from(chrono::Utc::now())
    }
}

/// Gives out ids and secrets.
pub trait Ids: Send + Sync + Debug {
    /// A new id; later ones sort after earlier ones (UUIDv7, RFC 9562 §5.7).
    fn uuid(&self) -> Uuid;

    /// A new unguessable secret after `prefix`.
    fn secret(&self, prefix: &str) -> Secret;
}

/// Ids from the machine's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "this is the port's own implementation")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the port's own implementation")]
    fn secret(&self, prefix: &str) -> Secret {
        Secret::from_random(prefix, rand::random())
    }
}
