//! What providers of channels call when somebody wrote there: Messenger, Telegram.
//!
//! Nothing is answered well before it is stored, so that nothing is lost that a provider counts as
//! taken: what can't be stored now is refused, and sent again. No limit counts these calls, since
//! a provider makes all of them from a few addresses; it is the signature that keeps others out.

mod messenger;
mod messenger_event;
mod telegram;
mod telegram_update;

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    extract::{FromRequest, Request},
    routing::{get, post},
};
use support_core::{desk::DeskError, model::Timestamp};
use utoipa::OpenApi;

use crate::{error::ApiError, extract::body_refusal, state::SupportState};

/// How long something is asked for again that fails for reasons of ours. Behind that it is given
/// up: providers that are refused for long stop calling at all.
const ASKED_FOR_AGAIN: Duration = Duration::from_secs(3_600);
/// When a provider is to try again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(messenger::handshake, messenger::events, telegram::update))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/webhooks/messenger", get(messenger::handshake).post(messenger::events))
        .route("/webhooks/telegram/{inbox_id}", post(telegram::update))
}

/// A body as it came, byte for byte: that is what is signed.
struct Raw(Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(body_refusal)
    }
}

/// What became of something that a provider told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It is stored, or of no use here.
    Done,
    /// The provider is to tell it again.
    Again,
}

impl Taken {
    /// What becomes of something that happened at a moment. What can never be taken is passed
    /// over, so that it holds up nothing else.
    fn by<T>(done: Result<T, DeskError>, happened_at: Timestamp, now: Timestamp) -> Self {
        let Err(error) = done else {
            return Self::Done;
        };
        let taken = match &error {
            DeskError::Unavailable { .. } | DeskError::Conflict(_) | DeskError::RateLimited { .. } => Self::Again,
            DeskError::Internal(_) if now < happened_at.plus(ASKED_FOR_AGAIN) => Self::Again,
            _ => Self::Done,
        };
        match (taken, &error) {
            // A conversation that is over or gone takes nothing more in, and that is no fault.
            (_, DeskError::NotFound | DeskError::Refused(_)) => {
                tracing::debug!(%error, "something from a channel had no place to go");
            }
            (Self::Again, _) => tracing::warn!(%error, "something from a channel can't be taken in now"),
            (Self::Done, _) => tracing::error!(%error, "something from a channel was passed over"),
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(error: DeskError, age: Duration) -> Taken {
        let happened_at = Timestamp::from_millis(1_700_000_000_000);
        Taken::by::<()>(Err(error), happened_at, happened_at.plus(age))
    }

    #[test]
    fn only_what_may_go_well_another_time_is_asked_for_again() {
        let young = Duration::from_secs(60);
        let (old, retry_after) = (Duration::from_secs(4_000), Duration::ZERO);
        assert_eq!(taken(DeskError::Unavailable { retry_after }, old), Taken::Again);
        assert_eq!(taken(DeskError::Conflict(String::new()), old), Taken::Again);
        assert_eq!(taken(DeskError::Internal(String::new()), young), Taken::Again);
        assert_eq!(taken(DeskError::Internal(String::new()), old), Taken::Done);
        assert_eq!(taken(DeskError::NotFound, young), Taken::Done);
        assert_eq!(taken(DeskError::Invalid(Vec::new()), young), Taken::Done);
    }
}
