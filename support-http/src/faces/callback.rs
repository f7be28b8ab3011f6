//! Wishes to be phoned, as a widget's login form makes them. Refusals of this face are bare:
//! `{"error":"…"}`.

use axum::{Json as Answer, Router, body::Body, extract::State, http::header, response::Response, routing::post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support_core::{
    desk::NewCallback,
    model::{Actor, Input, check_contact_number},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    client_address::{Client, ClientAddress},
    error::{ApiError, camel_case, finish},
    extract::Fields,
    scope::PublicTenant,
    state::SupportState,
};

/// Where wishes come in.
pub(crate) const PATH: &str = "/api/chat/callback-request";
const NUMBER: &str = "contact_number";

/// What is documented of this call.
#[derive(OpenApi)]
#[openapi(paths(ask))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route(PATH, post(ask))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wish {
    #[schema(required, value_type = String)]
    contact_number: Option<Value>,
    /// What somebody who could not log in says they are known by.
    employee_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Heard {
    success: bool,
    request_id: String,
    /// Whether the team's mail server has taken it by now.
    email_sent: bool,
    /// Whether Telegram has taken it by now.
    telegram_sent: bool,
    message: &'static str,
}

/// A refusal of this face.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BareRefusal {
    error: String,
}

/// Asks to be phoned. The same number within ten minutes is the same wish.
#[utoipa::path(post, path = "/api/chat/callback-request", tag = "callbacks", request_body = Wish,
    params(("X-Widget-Domain" = Option<String>, Header, description = "The page's host")),
    responses((status = 200, body = Heard), (status = 400, body = BareRefusal), (status = 404, body = BareRefusal),
        (status = 413, body = BareRefusal), (status = 415, body = BareRefusal), (status = 429, body = BareRefusal),
        (status = 500, body = BareRefusal), (status = 503, body = BareRefusal)))]
async fn ask(
    State(state): State<SupportState>,
    tenant: PublicTenant,
    client: Client,
    Fields { body, mut found }: Fields<Wish>,
) -> Result<Answer<Heard>, ApiError> {
    state.limits().creation(ClientAddress(client.address))?;
    client.pass_challenge(&state).await?;
    let contact_number = check_number(&mut found, body.contact_number);
    finish(found)?;
    let new = NewCallback {
        contact_number,
        employee_id: body.employee_id,
        ..NewCallback::default()
    };
    let heard = state.desk().request_callback(&tenant.scope(Actor::Anyone), new).await?;
    Ok(Answer(Heard {
        success: true,
        request_id: heard.callback.id.to_string(),
        email_sent: heard.email.is_sent,
        telegram_sent: heard.telegram.is_sent,
        message: "Callback request submitted successfully",
    }))
}

fn check_number(input: &mut Input, number: Option<Value>) -> String {
    match number {
        None => check_contact_number(input, NUMBER, ""),
        Some(Value::String(number)) => check_contact_number(input, NUMBER, &number),
        Some(_) => {
            input.refuse(NUMBER, "Invalid contact number format");
            String::new()
        }
    }
}

/// Rewrites a refusal as this face words them, whoever refused.
pub(crate) fn in_bare_words(response: Response) -> Response {
    let Some(refusal) = response.extensions().get::<ApiError>() else {
        return response;
    };
    let body = json!(BareRefusal { error: words(refusal) }).to_string();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// What is wrong with the number is told before anything else, and in its own words.
fn words(refusal: &ApiError) -> String {
    let details = refusal.details();
    let about_number = details.iter().find(|detail| detail.field == NUMBER);
    match (about_number, details.first()) {
        (Some(detail), _) => detail.message.clone(),
        (None, Some(detail)) => format!("{}: {}", camel_case(&detail.field), detail.message),
        (None, None) => refusal.message().to_owned(),
    }
}
