//! How Messenger is set up for a test.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::courier::Courier;
use super::{MessengerApi, Shared};
use crate::http_server::listen;
use crate::journal::Journal;

const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How Messenger is to be.
#[derive(Debug)]
pub struct MessengerApiBuilder {
    shared: Shared,
}

impl MessengerApiBuilder {
    pub(super) fn new(app_secret: &str) -> Self {
        Self {
            shared: Shared {
                app_secret: app_secret.to_owned(),
                human_agent: false,
                echoes: true,
                state: Mutex::default(),
                calls: Journal::default(),
                sent: Journal::default(),
                courier: Courier::new(FIRST_PAUSE),
            },
        }
    }

    /// There is a page, and this is its token.
    #[must_use]
    pub fn page(self, page: &str, token: &str) -> Self {
        self.shared.state().add_page(page, token);
        self
    }

    /// The app may use the tag `HUMAN_AGENT` for seven days.
    #[must_use]
    pub fn human_agent(mut self) -> Self {
        self.shared.human_agent = true;
        self
    }

    /// The app did not subscribe to echoes.
    #[must_use]
    pub fn without_echoes(mut self) -> Self {
        self.shared.echoes = false;
        self
    }

    /// Posts again after this pause, which then doubles; one second if not said.
    #[must_use]
    pub fn first_pause(mut self, pause: Duration) -> Self {
        self.shared.courier = Courier::new(pause);
        self
    }

    /// Starts the server.
    pub async fn start(self) -> MessengerApi {
        let shared = Arc::new(self.shared);
        let for_requests = Arc::clone(&shared);
        let listening = listen(move |request| {
            let shared = Arc::clone(&for_requests);
            async move { shared.serve(request).await }
        })
        .await;
        MessengerApi { shared, listening }
    }
}
