//! One connection that publishes and listens.

use std::{convert::Infallible, sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, Msg, PushInfo, PushKind, RedisError, RedisResult,
    aio::MultiplexedConnection,
};
use support_core::ports::BusMessage;
use tokio::{sync::Notify, time::timeout};

use crate::envelope::{Ear, packed};

/// How long Redis may take for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// How long it may take until it is connected and listened to.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Where nodes meet, and who this one is.
#[derive(Debug, Clone)]
pub(crate) struct Meeting {
    pub client: Client,
    pub channel: String,
    pub ear: Ear,
}

/// A connection on which this node is listening. Clones share it.
#[derive(Clone)]
pub(crate) struct Connection {
    redis: MultiplexedConnection,
    lost: Arc<Notify>,
}

impl Connection {
    /// Connects and listens. It is there only when it can publish as well.
    ///
    /// # Errors
    /// Why not, for people.
    pub(crate) async fn open(meeting: &Meeting) -> Result<Self, String> {
        match timeout(CONNECT_LIMIT, Self::try_open(meeting)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(reason(&error)),
            Err(_) => Err(format!("it can't be reached within {CONNECT_LIMIT:?}")),
        }
    }

    async fn try_open(meeting: &Meeting) -> RedisResult<Self> {
        let lost = Arc::new(Notify::new());
        let (ear, ended) = (meeting.ear.clone(), Arc::clone(&lost));
        let take = move |pushed: PushInfo| {
            if pushed.kind == PushKind::Disconnection {
                ended.notify_one();
            } else if let Some(message) = Msg::from_push_info(pushed) {
                ear.hear(message.get_payload_bytes());
            }
            Ok::<_, Infallible>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            .set_response_timeout(Some(ANSWER_LIMIT))
            .set_push_sender(take);
        let redis = meeting
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut connection = Self { redis, lost };
        connection.redis.subscribe(&meeting.channel).await?;
        // An account may be allowed to listen and not to publish.
        connection.try_publish(meeting, &[]).await?;
        Ok(connection)
    }

    /// Tells other nodes.
    ///
    /// # Errors
    /// Why not, for people.
    pub(crate) async fn publish(&mut self, meeting: &Meeting, messages: &[BusMessage]) -> Result<(), String> {
        let published = self.try_publish(meeting, messages).await;
        published.map_err(|error| reason(&error))
    }

    async fn try_publish(&mut self, meeting: &Meeting, messages: &[BusMessage]) -> RedisResult<()> {
        let Ok(text) = packed(meeting.ear.node, messages) else {
            return Err((ErrorKind::Client, "a message that is no JSON").into());
        };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(&meeting.channel).arg(text);
        publish.exec_async(&mut self.redis).await
    }

    /// Asks whether Redis is there.
    ///
    /// # Errors
    /// Why it isn't, for people.
    pub(crate) async fn ping(&mut self) -> Result<(), String> {
        let answered = redis::cmd("PING").exec_async(&mut self.redis).await;
        answered.map_err(|error| reason(&error))
    }

    /// Waits until the connection has ended.
    pub(crate) async fn lost(&self) {
        self.lost.notified().await;
    }
}

/// An error without what Redis wrote into it: before version 6 it repeats a password there.
fn reason(error: &RedisError) -> String {
    match error.kind() {
        ErrorKind::Io => error.to_string(),
        ErrorKind::AuthenticationFailed => "it refuses the user name or password".to_owned(),
        ErrorKind::RESP3NotSupported => "it is older than version 6".to_owned(),
        _ => format!("it answers {}", error.code().unwrap_or(error.category())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_does_not_repeat_what_redis_repeats() {
        let told = "unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `sesame`".to_owned();
        for kind in [
            ErrorKind::AuthenticationFailed,
            ErrorKind::RESP3NotSupported,
            ErrorKind::Extension,
            ErrorKind::Client,
        ] {
            let error = RedisError::from((kind, "an error", told.clone()));
            assert!(error.to_string().contains("sesame"));
            assert!(!reason(&error).contains("sesame"), "{kind:?}");
        }
    }
}
