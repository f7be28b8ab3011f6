//! What the customer says of how they were helped.

use axum::{Json as Answer, extract::State, http::StatusCode};
use serde::Deserialize;
use support_core::{
    desk::{DeskError, NewRating},
    model::{Input, LONGEST_RATING_COMMENT},
};
use utoipa::ToSchema;

use super::own_ticket;
use crate::{
    error::{ApiError, ErrorBody, both},
    extract::Fields,
    scope::CustomerScope,
    state::SupportState,
    wire::portal::Feedback,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedbackInput {
    /// One of their own tickets, by id or number, that is resolved or closed.
    #[schema(required)]
    ticket_id: Option<String>,
    /// One to five stars.
    #[schema(required)]
    rating: Option<i64>,
    /// In their own words.
    comment: Option<String>,
}

/// Rates the latest resolution of a ticket, once.
#[utoipa::path(post, path = "/api/customers/me/feedback", tag = "portal", security(("bearer" = [])),
    request_body = FeedbackInput,
    responses((status = 201, body = Feedback), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, description = "It is not resolved yet, or rated already", body = ErrorBody)))]
pub(super) async fn rate(
    State(state): State<SupportState>,
    CustomerScope { scope, .. }: CustomerScope,
    Fields { body, mut found }: Fields<FeedbackInput>,
) -> Result<(StatusCode, Answer<Feedback>), ApiError> {
    check(&body, &mut found);
    let named = body.ticket_id.filter(|named| !named.trim().is_empty());
    let (named, stars) = both(found, ("ticket_id", named), ("rating", body.rating))?;
    let ticket = own_ticket(&state, &scope, named.trim()).await?;
    let comment = body.comment;
    let rated = state
        .desk()
        .rate(&scope, ticket.id, NewRating { stars, comment })
        .await?;
    let rating = rated.rating.as_ref().ok_or(DeskError::NotFound)?;
    Ok((StatusCode::CREATED, Answer(Feedback::new(&rated, rating))))
}

/// What the desk would refuse too, but not together with the rest.
fn check(body: &FeedbackInput, input: &mut Input) {
    if body.rating.is_some_and(|stars| !(1..=5).contains(&stars)) {
        input.refuse("rating", "Must be a whole number from 1 to 5");
    }
    if let Some(comment) = &body.comment {
        input.text("comment", comment, 0..=LONGEST_RATING_COMMENT);
    }
}
