//! How often somebody may do something.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock};
use support_core::{
    desk::Scope,
    model::{ActorRef, TenantId, TicketId},
};

use crate::{client_address::ClientAddress, error::ApiError};

/// So many in so long; 0 is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which they are counted.
    pub window: Duration,
    /// How many.
    pub max_requests: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(15 * 60),
            max_requests: 100,
        }
    }
}

/// Whom a limit is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// Everybody at an address.
    Address(IpAddr),
    /// Somebody known.
    Principal(TenantId, ActorRef),
}

impl From<ClientAddress> for Who {
    fn from(ClientAddress(address): ClientAddress) -> Self {
        Self::Address(match address {
            // Providers give whole /64 networks to one customer.
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            address => address,
        })
    }
}

impl From<&Scope> for Who {
    fn from(scope: &Scope) -> Self {
        Self::Principal(scope.tenant(), scope.actor_ref())
    }
}

/// After how many checks those who have long been quiet are forgotten.
const CHECKS_BETWEEN_CLEANUPS: u32 = 1_024;

struct Limiter<K: Clone + Eq + std::hash::Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Clone + Eq + std::hash::Hash> Limiter<K> {
    fn new(limit: RateLimit) -> Option<Self> {
        let most = NonZeroU32::new(limit.max_requests)?;
        let quota = Quota::with_period(limit.window / limit.max_requests)?.allow_burst(most);
        Some(Self {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            checks: AtomicU32::new(0),
        })
    }

    fn check(&self, key: &K) -> Result<(), ApiError> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_BETWEEN_CLEANUPS == CHECKS_BETWEEN_CLEANUPS - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|not_until| {
            let now = governor::clock::DefaultClock::default().now();
            ApiError::rate_limited(not_until.wait_time_from(now))
        })
    }
}

/// All limits of an installation.
pub(crate) struct Limits {
    creation: Option<Limiter<Who>>,
    messages: Option<Limiter<TicketId>>,
    steps: Option<Limiter<TicketId>>,
    suggestions: Option<Limiter<Who>>,
}

impl fmt::Debug for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Limits").finish_non_exhaustive()
    }
}

impl Limits {
    /// With the limit on creating switched off, messages are not limited either.
    pub(crate) fn new(creation: RateLimit, messages_per_minute: u32) -> Self {
        let creation = Limiter::new(creation);
        let a_minute = RateLimit {
            window: Duration::from_secs(60),
            max_requests: messages_per_minute,
        };
        let messages = creation.as_ref().and_then(|_| Limiter::new(a_minute));
        let steps = creation.as_ref().and_then(|_| Limiter::new(a_minute));
        let suggestions = creation.as_ref().and_then(|_| Limiter::new(a_minute));
        Self {
            creation,
            messages,
            steps,
            suggestions,
        }
    }

    /// Counts a call that creates something, or a login.
    ///
    /// # Errors
    /// [`ApiError`] 429 for one too many.
    pub(crate) fn creation(&self, who: impl Into<Who>) -> Result<(), ApiError> {
        self.creation
            .as_ref()
            .map_or(Ok(()), |limiter| limiter.check(&who.into()))
    }

    /// Counts a look for what may answer a message: as many as messages.
    ///
    /// # Errors
    /// [`ApiError`] 429 for one too many.
    pub(crate) fn suggestion(&self, who: impl Into<Who>) -> Result<(), ApiError> {
        self.suggestions
            .as_ref()
            .map_or(Ok(()), |limiter| limiter.check(&who.into()))
    }

    /// Counts a message of a conversation's own customer or visitor.
    ///
    /// # Errors
    /// [`ApiError`] 429 for one too many.
    pub(crate) fn message(&self, conversation: TicketId) -> Result<(), ApiError> {
        self.messages
            .as_ref()
            .map_or(Ok(()), |limiter| limiter.check(&conversation))
    }

    /// Counts a step of a conversation's visitor to another page: as many as messages.
    ///
    /// # Errors
    /// [`ApiError`] 429 for one too many.
    pub(crate) fn step(&self, conversation: TicketId) -> Result<(), ApiError> {
        self.steps
            .as_ref()
            .map_or(Ok(()), |limiter| limiter.check(&conversation))
    }
}
