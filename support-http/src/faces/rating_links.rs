//! Rating by a link from a mail. The link's token comes in a header, so that it is in no log.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};
use support_core::{desk::NewRating, model::Rating};
use utoipa::{OpenApi, ToSchema};

use super::chat::answer;
use crate::{
    client_address::ClientAddress,
    error::{ApiError, ErrorBody, finish},
    extract::Fields,
    state::SupportState,
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(show, rate))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/rate", get(show).post(rate))
}

/// What somebody is asked to rate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AskedRatingRow {
    subject: String,
    /// `TKT-1`.
    ticket_id: String,
    /// Who helped.
    agent: Option<String>,
    /// What was said of it already.
    rating: Option<GivenRating>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GivenRating {
    /// One to five stars.
    rating: u8,
    comment: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RatingIn {
    /// One to five stars.
    #[schema(required)]
    rating: Option<i64>,
    /// In their own words.
    comment: Option<String>,
}

impl From<Rating> for GivenRating {
    fn from(rating: Rating) -> Self {
        Self {
            rating: rating.stars,
            comment: rating.comment,
        }
    }
}

fn token(headers: &HeaderMap) -> &str {
    let token = headers.get("x-rate-token").and_then(|token| token.to_str().ok());
    token.unwrap_or_default()
}

/// What a mailed link asks to rate.
#[utoipa::path(
    get, path = "/api/v1/rate", tag = "chat", params(("X-Rate-Token" = String, Header, description = "From the link")),
    responses((status = 200, body = AskedRatingRow), (status = 404, body = ErrorBody)),
)]
async fn show(State(state): State<SupportState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let asked = state.desk().asked_rating(token(&headers)).await?;
    let row = AskedRatingRow {
        subject: asked.subject,
        ticket_id: asked.number,
        agent: asked.agent,
        rating: asked.rating.map(Into::into),
    };
    Ok(answer(StatusCode::OK, &row))
}

/// Rates the resolution that a mailed link is about, once.
#[utoipa::path(
    post, path = "/api/v1/rate", tag = "chat", params(("X-Rate-Token" = String, Header, description = "From the link")),
    request_body = RatingIn,
    responses((status = 201, body = GivenRating), (status = 400, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 409, body = ErrorBody), (status = 429, body = ErrorBody)),
)]
async fn rate(
    State(state): State<SupportState>,
    address: ClientAddress,
    headers: HeaderMap,
    Fields { body, mut found }: Fields<RatingIn>,
) -> Result<Response, ApiError> {
    state.limits().creation(address)?;
    if body.rating.is_none() {
        found.refuse("rating", "This field is required");
    }
    finish(found)?;
    let rating = NewRating {
        stars: body.rating.unwrap_or_default(),
        comment: body.comment,
    };
    let ClientAddress(address) = address;
    let rated = state
        .desk()
        .rate_by_link(token(&headers), rating, Some(address))
        .await?;
    Ok(answer(StatusCode::CREATED, &GivenRating::from(rated)))
}
