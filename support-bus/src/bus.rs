//! The bus of several nodes.

use std::fmt;

use async_trait::async_trait;
use support_core::ports::{BusError, BusMessage, EventBus, Ids, RandomIds};
use tokio::{
    sync::{broadcast, mpsc, watch},
    task::JoinHandle,
};

use crate::{
    connection::Meeting,
    envelope::Ear,
    link::{Link, State},
    url::{InvalidRedisUrl, RedisUrl},
};

/// Messages that a reader may be behind before it misses some; a feed then reads the journal.
const READERS_BACKLOG: usize = 1_024;
/// Messages that may wait to be sent before more are dropped.
const SENDERS_BACKLOG: usize = 1_024;

/// How nodes find each other in Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisBusSettings {
    /// What the names of channels begin with. Installations that share a Redis each need
    /// another one, whatever number their database has: channels belong to none.
    pub channel_prefix: String,
}

impl Default for RedisBusSettings {
    fn default() -> Self {
        Self {
            channel_prefix: "support:".to_owned(),
        }
    }
}

/// Carries hints and signals to every node over Redis (6 or newer, or Valkey).
///
/// This node's own subscribers get them at once and in any case. While Redis is away, other
/// nodes don't; it is tried again by itself, at most two seconds apart. Nothing waits for Redis:
/// what can't be sent now is dropped.
pub struct RedisBus {
    subscribers: broadcast::Sender<BusMessage>,
    outgoing: mpsc::Sender<BusMessage>,
    state: watch::Receiver<State>,
    link: JoinHandle<()>,
}

impl RedisBus {
    /// A bus over the Redis behind this URL, which need not be there yet.
    ///
    /// # Errors
    /// [`InvalidRedisUrl`] when that is none.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn connect(url: &str) -> Result<Self, InvalidRedisUrl> {
        Ok(Self::connect_with(&url.parse()?, &RedisBusSettings::default()))
    }

    /// A bus with other settings.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn connect_with(url: &RedisUrl, settings: &RedisBusSettings) -> Self {
        let subscribers = broadcast::Sender::new(READERS_BACKLOG);
        let (outgoing, to_send) = mpsc::channel(SENDERS_BACKLOG);
        let (state, states) = watch::channel(State::Away("it is being connected to".to_owned()));
        let meeting = Meeting {
            client: url.client().clone(),
            channel: format!("{}bus", settings.channel_prefix),
            ear: Ear {
                node: RandomIds.uuid(),
                subscribers: subscribers.clone(),
            },
        };
        let link = Link {
            meeting,
            outgoing: to_send,
            state,
        };
        Self {
            subscribers,
            outgoing,
            state: states,
            link: tokio::spawn(link.keep()),
        }
    }
}

impl fmt::Debug for RedisBus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisBus").finish_non_exhaustive()
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.link.abort();
    }
}

#[async_trait]
impl EventBus for RedisBus {
    async fn publish(&self, message: BusMessage) -> Result<(), BusError> {
        // Fails only when nobody listens, which is nobody's loss.
        drop(self.subscribers.send(message.clone()));
        self.state.borrow().connection()?;
        self.outgoing
            .try_send(message)
            .map_err(|_| BusError("too much waits to be sent".to_owned()))
    }

    fn subscribe(&self) -> broadcast::Receiver<BusMessage> {
        self.subscribers.subscribe()
    }

    async fn ping(&self) -> Result<(), BusError> {
        let mut connection = self.state.borrow().connection()?.clone();
        connection.ping().await.map_err(BusError)
    }
}
