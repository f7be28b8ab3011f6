//! The one task that keeps a node connected and sends what it has to say.

use std::time::Duration;

use support_core::ports::{BusError, BusMessage};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use crate::{
    connection::{Connection, Meeting},
    envelope::{MOST_TOGETHER, condensed},
    pause::Pause,
};

/// After how long a silence Redis is asked whether it is still there: a machine that vanishes
/// closes no connection.
const SILENCE: Duration = Duration::from_secs(5);

/// How it stands between this node and Redis.
#[derive(Clone)]
pub(crate) enum State {
    /// Connected and listening.
    Up(Connection),
    /// Not, for this reason.
    Away(String),
}

impl State {
    /// The connection, if there is one.
    pub(crate) fn connection(&self) -> Result<&Connection, BusError> {
        match self {
            Self::Up(connection) => Ok(connection),
            Self::Away(reason) => Err(BusError(reason.clone())),
        }
    }
}

/// What the task works with.
pub(crate) struct Link {
    pub meeting: Meeting,
    pub outgoing: mpsc::Receiver<BusMessage>,
    pub state: watch::Sender<State>,
}

impl Link {
    /// Connects again and again, until there is no bus any more.
    pub(crate) async fn keep(mut self) {
        let mut pause = Pause::of_node(self.meeting.ear.node);
        let mut told = None;
        loop {
            let reason = match Connection::open(&self.meeting).await {
                Err(reason) => reason,
                Ok(connection) => {
                    tracing::info!("other nodes are heard through Redis");
                    told = None;
                    let since = Instant::now();
                    let Some(reason) = self.carry(connection).await else {
                        return;
                    };
                    pause.held(since.elapsed());
                    reason
                }
            };
            if told.as_ref() != Some(&reason) {
                tracing::warn!("Redis is away, so other nodes are heard later: {reason}");
                told = Some(reason.clone());
            }
            self.state.send_replace(State::Away(reason));
            sleep(pause.next()).await;
        }
    }

    /// Sends until the connection ends, and gives the reason; none when there is no bus any more.
    async fn carry(&mut self, mut connection: Connection) -> Option<String> {
        // What was meant for a moment that has passed is no news.
        while self.outgoing.try_recv().is_ok() {}
        self.state.send_replace(State::Up(connection.clone()));
        let mut waiting = Vec::with_capacity(MOST_TOGETHER);
        loop {
            let done = tokio::select! {
                () = connection.lost() => Err("the connection ended".to_owned()),
                taken = self.outgoing.recv_many(&mut waiting, MOST_TOGETHER) => {
                    if taken == 0 {
                        return None;
                    }
                    connection.clone().publish(&self.meeting, &condensed(waiting.drain(..))).await
                }
                () = sleep(SILENCE) => connection.ping().await,
            };
            if let Err(reason) = done {
                return Some(reason);
            }
        }
    }
}
