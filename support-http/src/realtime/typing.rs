//! Typing lapses by itself: whoever says no more that they type has stopped.

use std::collections::{HashMap, VecDeque};

use support_core::{
    model::{AgentId, Side, TYPING_TIMEOUT, TenantId, TicketId},
    ports::{BusMessage, Signal},
};
use tokio::time::{Instant, sleep_until};

type Typist = (TenantId, TicketId, Side, Option<AgentId>);

/// Everybody who types, and until when.
#[derive(Debug, Default)]
pub(super) struct TypingWatch {
    typists: HashMap<Typist, (Instant, Signal)>,
    /// When to look after whom: in order, since everybody is given the same time.
    deadlines: VecDeque<(Instant, Typist)>,
}

impl TypingWatch {
    /// Somebody began, went on or stopped.
    pub(super) fn note(&mut self, tenant: TenantId, signal: &Signal) {
        let Signal::Typing {
            ticket,
            number,
            side,
            agent,
            ref name,
            assignee,
            department,
            is_typing,
        } = *signal
        else {
            return;
        };
        let typist = (tenant, ticket, side, agent);
        if !is_typing {
            self.typists.remove(&typist);
            return;
        }
        let stop = Signal::Typing {
            ticket,
            number,
            side,
            agent,
            name: name.clone(),
            assignee,
            department,
            is_typing: false,
        };
        let until = Instant::now() + TYPING_TIMEOUT;
        self.typists.insert(typist, (until, stop));
        self.deadlines.push_back((until, typist));
    }

    /// Waits until somebody has been silent for too long, and tells that they stopped.
    pub(super) async fn lapsed(&mut self) -> BusMessage {
        loop {
            let Some((until, typist)) = self.deadlines.front().copied() else {
                return std::future::pending().await;
            };
            let is_current = self.typists.get(&typist).is_some_and(|(last, _)| *last == until);
            if is_current {
                sleep_until(until).await;
            }
            self.deadlines.pop_front();
            if is_current && let Some((_, signal)) = self.typists.remove(&typist) {
                let tenant = typist.0;
                return BusMessage::Signal { tenant, signal };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::time::Duration;

    use support_core::{
        model::{Side, TYPING_TIMEOUT, TenantId, TicketId},
        ports::{BusMessage, Signal},
    };
    use uuid::Uuid;

    use super::TypingWatch;

    fn typing(is_typing: bool) -> Signal {
        Signal::Typing {
            ticket: TicketId::new(Uuid::nil()),
            number: 1,
            side: Side::Customer,
            agent: None,
            name: None,
            assignee: None,
            department: None,
            is_typing,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_silent_for_six_seconds_has_stopped() {
        let tenant = TenantId::new(Uuid::nil());
        let mut watch = TypingWatch::default();
        watch.note(tenant, &typing(true));
        tokio::time::sleep(Duration::from_secs(5)).await;
        watch.note(tenant, &typing(true));
        let begun = tokio::time::Instant::now();
        let lapsed = watch.lapsed().await;
        assert_eq!(begun.elapsed(), TYPING_TIMEOUT);
        let signal = typing(false);
        assert_eq!(lapsed, BusMessage::Signal { tenant, signal });
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_that_they_stopped_does_not_stop_again() {
        let tenant = TenantId::new(Uuid::nil());
        let mut watch = TypingWatch::default();
        watch.note(tenant, &typing(true));
        watch.note(tenant, &typing(false));
        let lapsed = tokio::time::timeout(Duration::from_secs(60), watch.lapsed()).await;
        lapsed.unwrap_err();
    }
}
