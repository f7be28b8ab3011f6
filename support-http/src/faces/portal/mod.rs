//! The customer portal: what customers see and do of their own, in bare objects.

mod export;
mod feedback;
mod messages;
mod notifications;
mod profile;
mod tickets;

use axum::{
    Router,
    http::HeaderName,
    routing::{get, patch, post},
};
use support_core::{
    desk::{Scope, TicketRef},
    model::Ticket,
};
use utoipa::OpenApi;

use crate::{error::ApiError, state::SupportState};

/// How many a list has in all.
pub(crate) const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
/// What to send as `cursor` for the next part of a list.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(
    profile::show,
    profile::update,
    tickets::list,
    tickets::create,
    tickets::show,
    tickets::close,
    tickets::reopen,
    messages::read,
    messages::post_message,
    messages::mark_read,
    notifications::list,
    notifications::mark_read,
    notifications::mark_all_read,
    feedback::rate,
    export::export,
))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/customers/me", get(profile::show).patch(profile::update))
        .route("/api/customers/me/tickets", get(tickets::list).post(tickets::create))
        .route("/api/customers/me/tickets/{ticketId}", get(tickets::show))
        .route("/api/customers/me/tickets/{ticketId}/close", post(tickets::close))
        .route("/api/customers/me/tickets/{ticketId}/reopen", post(tickets::reopen))
        .route("/api/customers/me/tickets/{ticketId}/read", post(messages::mark_read))
        .route(
            "/api/customers/me/tickets/{ticketId}/messages",
            get(messages::read).post(messages::post_message),
        )
        .route("/api/customers/me/notifications", get(notifications::list))
        .route(
            "/api/customers/me/notifications/read-all",
            post(notifications::mark_all_read),
        )
        .route(
            "/api/customers/me/notifications/{notificationId}/read",
            patch(notifications::mark_read),
        )
        .route("/api/customers/me/feedback", post(feedback::rate))
        .route("/api/customers/me/export", get(export::export))
}

/// A customer's own ticket, by id or number.
async fn own_ticket(state: &SupportState, scope: &Scope, named: &str) -> Result<Ticket, ApiError> {
    Ok(state.desk().ticket(scope, named.parse::<TicketRef>()?).await?)
}
