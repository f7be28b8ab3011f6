//! A consumer of Standard Webhooks.

mod answer;
mod received;

use std::panic::Location;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Response;

pub use self::answer::Answer;
pub use self::received::Received;

use self::answer::Answers;
use crate::http_server::{Payload, Whole, listen};
use crate::journal::Journal;
use crate::listening::Listening;

/// A receiver of webhooks that verifies every request with the library consumers use.
///
/// It answers 200, or as scripted; 401 to what none of its secrets verifies, once it has any.
///
/// ```no_run
/// # async fn example() {
/// use std::time::Duration;
/// use support_peers::webhook::{Answer, WebhookReceiver};
///
/// let receiver = WebhookReceiver::start().await;
/// receiver.answer_once(Answer::status(503).header("retry-after", "1"));
/// // … register receiver.url(), get the secret, let something happen:
/// receiver.secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
///
/// let second = receiver
///     .wait_for(|received| received.answered == Some(200), Duration::from_secs(5))
///     .await;
/// assert_eq!(second.verified, Some(true));
/// # }
/// ```
#[derive(Debug)]
pub struct WebhookReceiver {
    shared: Arc<Shared>,
    listening: Listening,
}

#[derive(Debug, Default)]
struct Shared {
    secrets: Mutex<Vec<String>>,
    answers: Answers,
    received: Journal<Received>,
}

impl WebhookReceiver {
    /// Starts a receiver that knows no secret yet.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let for_requests = Arc::clone(&shared);
        let listening = listen(move |request| {
            let shared = Arc::clone(&for_requests);
            async move { shared.receive(request).await }
        })
        .await;
        Self { shared, listening }
    }

    /// Where to send webhooks. Paths below it are taken too.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.listening.address())
    }

    /// Verifies requests with this secret too, from now on.
    pub fn secret(&self, secret: &str) {
        self.shared.secrets.lock().unwrap().push(secret.to_owned());
    }

    /// Forgets all secrets: nothing is verified on arrival.
    pub fn forget_secrets(&self) {
        self.shared.secrets.lock().unwrap().clear();
    }

    /// Answers this to the next request; several calls queue up.
    pub fn answer_once(&self, answer: Answer) {
        self.shared.answers.once(answer);
    }

    /// Answers this whenever nothing else is queued.
    pub fn answer_always(&self, answer: Answer) {
        self.shared.answers.always(answer);
    }

    /// Forgets what is scripted.
    pub fn clear_script(&self) {
        self.shared.answers.clear();
    }

    /// What arrived, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.all()
    }

    /// The first request that fits, now or within the limit.
    ///
    /// # Panics
    /// When there is none; the message names the line that waited.
    #[track_caller]
    pub fn wait_for(&self, fits: impl Fn(&Received) -> bool, limit: Duration) -> impl Future<Output = Received> {
        let caller = Location::caller();
        self.shared.received.wait_for(fits, limit, "webhook", caller)
    }

    /// Forgets what arrived.
    pub fn clear(&self) {
        self.shared.received.clear();
    }
}

impl Shared {
    async fn receive(&self, request: Whole) -> Option<Response<Payload>> {
        let mut received = Received {
            method: request.method.to_string(),
            path: request.uri.to_string(),
            headers: request.headers,
            body: request.body,
            verified: None,
            answered: None,
        };
        received.verified = self.verified(&received);
        let truth = if received.verified == Some(false) { 401 } else { 200 };
        let answer = self.answers.next().unwrap_or_else(|| Answer::status(truth));
        received.answered = answer.shown_status();
        self.received.push(received);
        answer.give().await
    }

    fn verified(&self, received: &Received) -> Option<bool> {
        let secrets = self.secrets.lock().unwrap();
        let any = secrets.iter().any(|secret| received.verify(secret).is_ok());
        (!secrets.is_empty()).then_some(any)
    }
}
