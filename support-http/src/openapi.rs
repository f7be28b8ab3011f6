//! What the calls look like, for programs and for people.

use axum::{Json, Router, extract::State, routing::get};
use utoipa::{
    OpenApi,
    openapi::{
        OpenApi as Specification, Server,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{error::ErrorBody, faces, health, realtime, state::SupportState};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Customer support",
        description = "Chats, requests for a human, and the people who answer."
    ),
    components(schemas(ErrorBody))
)]
struct Whole;

/// All calls as an OpenAPI 3.1 specification.
#[must_use]
pub fn document() -> Specification {
    let mut whole = Whole::openapi();
    for part in [
        faces::auth::Document::openapi(),
        faces::chat::Document::openapi(),
        faces::widget::Document::openapi(),
        faces::chat_visits::Document::openapi(),
        faces::handoff::Document::openapi(),
        faces::chat_desk::Document::openapi(),
        faces::presence::Document::openapi(),
        faces::agents::Document::openapi(),
        faces::available_agents::Document::openapi(),
        faces::analytics::Document::openapi(),
        faces::callback::Document::openapi(),
        faces::callbacks::Document::openapi(),
        faces::calls::Document::openapi(),
        faces::portal::Document::openapi(),
        faces::departments::Document::openapi(),
        faces::customers::Document::openapi(),
        faces::chatbots::Document::openapi(),
        faces::settings::Document::openapi(),
        faces::settings::templates::Document::openapi(),
        faces::webhooks::Document::openapi(),
        faces::deliveries::Document::openapi(),
        faces::api_keys::Document::openapi(),
        faces::events::Document::openapi(),
        faces::audit::Document::openapi(),
        faces::tenants::Document::openapi(),
        faces::tickets::Document::openapi(),
        faces::transcripts::Document::openapi(),
        faces::rating_links::Document::openapi(),
        faces::agent_desk::Document::openapi(),
        faces::canned_responses::Document::openapi(),
        faces::blocks::Document::openapi(),
        faces::dashboard::Document::openapi(),
        faces::files::Document::openapi(),
        faces::articles::Document::openapi(),
        faces::knowledge::Document::openapi(),
        faces::hooks::Document::openapi(),
        realtime::Document::openapi(),
        #[cfg(feature = "socketio")]
        realtime::SocketIoDocument::openapi(),
        health::Document::openapi(),
    ] {
        whole.merge(part);
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token from a login, or an API key (sk_…)"));
    whole
        .components
        .get_or_insert_default()
        .add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    whole
}

/// The calls as an OpenAPI specification, for programs.
pub fn documentation() -> Router<SupportState> {
    Router::new().route("/openapi.json", get(specification))
}

async fn specification(State(state): State<SupportState>) -> Json<Specification> {
    let mut whole = document();
    whole.servers = Some(vec![Server::new(state.settings().public_url.as_str())]);
    Json(whole)
}
