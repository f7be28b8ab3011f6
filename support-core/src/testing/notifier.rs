//! A way out that leads nowhere.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use crate::{
    model::{Channel, Secret},
    ports::{Notifier, NotifyError, Outgoing, Route, Sent},
};

/// Keeps what it is given to send, and answers as it was told. Cheap to clone: clones share
/// everything.
///
/// ```
/// use std::sync::Arc;
/// use support_core::{desk::Desk, memory::MemoryStore, model::Channel, testing::RecordingNotifier};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mails = RecordingNotifier::new(Channel::Email);
/// let desk = Desk::builder(MemoryStore::new()).notifier(Arc::new(mails.clone())).build();
/// assert!(mails.sent().is_empty());
/// # drop(desk);
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct RecordingNotifier {
    channel: Channel,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Outgoing>,
    tried: Vec<Outgoing>,
    answers: VecDeque<Result<Sent, NotifyError>>,
    failing: Option<NotifyError>,
    hanging: HashSet<String>,
}

impl RecordingNotifier {
    /// Takes everything.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self {
            channel,
            state: Arc::default(),
        }
    }

    /// Answers the next attempt so; told again, the one after it too. Then it takes everything.
    pub fn answer(&self, answer: Result<Sent, NotifyError>) {
        self.lock().answers.push_back(answer);
    }

    /// Fails every attempt so from now on that is not told otherwise; none for taking everything.
    pub fn fail(&self, error: Option<NotifyError>) {
        self.lock().failing = error;
    }

    /// Never answers attempts over a route to this host, token or URL.
    pub fn hang(&self, route: &str) {
        self.lock().hanging.insert(route.to_owned());
    }

    /// What it took, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Outgoing> {
        self.lock().sent.clone()
    }

    /// Every attempt, taken or not, in order.
    #[must_use]
    pub fn tried(&self) -> Vec<Outgoing> {
        self.lock().tried.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named(route: &Route) -> &str {
    match route {
        Route::Smtp(route) => &route.host,
        Route::Telegram(route) => route.token.reveal(),
        Route::Messenger(route) => route.token.reveal(),
        Route::Webhook(route) => &route.url,
        Route::Sms(route) => &route.url,
    }
}

#[async_trait]
impl Notifier for RecordingNotifier {
    fn channel(&self) -> Channel {
        self.channel
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Sent, NotifyError> {
        let (hangs, answer) = {
            let mut state = self.lock();
            state.tried.push(outgoing.clone());
            let hangs = state.hanging.contains(named(&outgoing.route));
            let usual = state.failing.clone().map_or_else(|| Ok(Sent::default()), Err);
            (hangs, state.answers.pop_front().unwrap_or(usual))
        };
        if hangs {
            std::future::pending::<()>().await;
        }
        let sent = answer?;
        self.lock().sent.push(outgoing.clone());
        Ok(sent)
    }

    async fn register(&self, _: &Route, _: &str, _: &Secret) -> Result<Sent, NotifyError> {
        Ok(Sent::default())
    }
}
