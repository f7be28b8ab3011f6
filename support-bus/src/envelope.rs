//! What nodes send each other through Redis.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use support_core::ports::BusMessage;
use tokio::sync::broadcast;
use uuid::Uuid;

/// Messages sent together, at most.
pub(crate) const MOST_TOGETHER: usize = 128;
/// What is longer was sent by no node, and isn't looked into, in bytes.
const LONGEST: usize = 256 * 1024;

#[derive(Serialize)]
struct Sent<'a> {
    node: Uuid,
    messages: &'a [BusMessage],
}

#[derive(Deserialize)]
struct Received {
    node: Uuid,
    // Each is understood by itself: a newer node may say what this one doesn't know.
    messages: Vec<Value>,
}

/// Messages as one text.
pub(crate) fn packed(node: Uuid, messages: &[BusMessage]) -> serde_json::Result<String> {
    serde_json::to_string(&Sent { node, messages })
}

/// The same messages with one hint for each tenant: the furthest says what the others did.
pub(crate) fn condensed(messages: impl IntoIterator<Item = BusMessage>) -> Vec<BusMessage> {
    let mut ends = HashMap::new();
    let mut condensed = Vec::new();
    for message in messages {
        match message {
            BusMessage::Journal { tenant, seq } => {
                let end: &mut u64 = ends.entry(tenant).or_default();
                *end = seq.max(*end);
            }
            signal @ BusMessage::Signal { .. } => condensed.push(signal),
        }
    }
    condensed.extend(
        ends.into_iter()
            .map(|(tenant, seq)| BusMessage::Journal { tenant, seq }),
    );
    condensed
}

/// Tells this node's subscribers what other nodes sent.
#[derive(Debug, Clone)]
pub(crate) struct Ear {
    pub node: Uuid,
    pub subscribers: broadcast::Sender<BusMessage>,
}

impl Ear {
    /// Takes in whatever came through the channel.
    pub(crate) fn hear(&self, text: &[u8]) {
        if text.len() > LONGEST {
            tracing::debug!(bytes = text.len(), "something far too long came through Redis");
            return;
        }
        let Ok(Received { node, messages }) = serde_json::from_slice(text) else {
            tracing::debug!(bytes = text.len(), "something that no node says came through Redis");
            return;
        };
        if node == self.node {
            return;
        }
        for message in messages {
            match BusMessage::deserialize(message) {
                // Fails only when nobody listens, which is nobody's loss.
                Ok(message) => drop(self.subscribers.send(message)),
                Err(_) => tracing::debug!(%node, "another node said what this version does not understand"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use support_core::{
        model::{AgentId, DepartmentId, Side, TenantId, TicketId},
        ports::Signal,
    };
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;

    const HERE: Uuid = Uuid::from_u128(1);
    const THERE: Uuid = Uuid::from_u128(2);

    fn hint(seq: u64) -> BusMessage {
        let tenant = TenantId::from(Uuid::max());
        BusMessage::Journal { tenant, seq }
    }

    fn typing() -> BusMessage {
        BusMessage::Signal {
            tenant: TenantId::from(Uuid::max()),
            signal: Signal::Typing {
                ticket: TicketId::from(Uuid::max()),
                number: u64::MAX,
                side: Side::Customer,
                agent: Some(AgentId::from(Uuid::max())),
                name: Some("\u{10fffe}".repeat(200)),
                assignee: Some(AgentId::from(Uuid::max())),
                department: Some(DepartmentId::from(Uuid::max())),
                is_typing: false,
            },
        }
    }

    fn ear() -> (Ear, broadcast::Receiver<BusMessage>) {
        let (subscribers, heard) = broadcast::channel(16);
        (
            Ear {
                node: HERE,
                subscribers,
            },
            heard,
        )
    }

    #[test]
    fn what_another_node_says_is_heard_and_an_echo_is_not() {
        let (ear, mut heard) = ear();
        ear.hear(packed(HERE, &[hint(1)]).unwrap().as_bytes());
        ear.hear(packed(THERE, &[typing(), hint(2)]).unwrap().as_bytes());
        assert_eq!(heard.try_recv(), Ok(typing()));
        assert_eq!(heard.try_recv(), Ok(hint(2)));
        assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn a_message_of_a_newer_node_does_not_hide_those_beside_it() {
        let (ear, mut heard) = ear();
        let text = packed(THERE, &[hint(1), hint(2)]).unwrap();
        ear.hear(text.replacen("\"journal\"", "\"of_a_later_version\"", 1).as_bytes());
        assert_eq!(heard.try_recv(), Ok(hint(2)));
    }

    #[test]
    fn what_is_too_long_is_not_heard_though_it_could_be_understood() {
        let (ear, mut heard) = ear();
        let text = packed(THERE, &[hint(1)]).unwrap() + &" ".repeat(LONGEST);
        ear.hear(text.as_bytes());
        assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn the_longest_that_is_sent_is_heard() {
        let all = vec![typing(); MOST_TOGETHER];
        assert!(packed(THERE, &all).unwrap().len() < LONGEST);
    }

    #[test]
    fn of_several_hints_the_furthest_remains() {
        assert_eq!(condensed([hint(2), typing(), hint(3), hint(1)]), [typing(), hint(3)]);
    }
}
