//! The webhooks of Telegram bots (Telegram Bot API, `setWebhook`).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;
use support_core::{
    desk::{Desk, DeskError, InboundMessage},
    model::{Inbox, InboxId, Secret, Tenant, TicketChannel, Timestamp},
};

use super::{
    RETRY_AFTER, Raw, Taken,
    telegram_update::{Written, written},
};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    state::SupportState,
};

/// Takes in what happened to a bot. The answer has no body: Telegram would do what one says.
#[utoipa::path(post, path = "/webhooks/telegram/{inbox_id}", tag = "hooks", request_body = Value,
    params(("inbox_id" = String, Path), ("X-Telegram-Bot-Api-Secret-Token" = String, Header)),
    responses((status = 200, description = "It is stored"), (status = 400, body = ErrorBody),
    (status = 401, body = ErrorBody, description = "The secret is wrong or missing"), (status = 404, body = ErrorBody),
    (status = 503, body = ErrorBody, description = "To be sent again")))]
pub(crate) async fn update(
    State(state): State<SupportState>,
    Path(inbox): Path<InboxId>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<StatusCode, ApiError> {
    let desk = state.desk();
    let (tenant, inbox) = desk.telegram_inbox(inbox).await?;
    if !proves(desk, &tenant, &inbox, &headers) {
        return Err(ApiError::unauthenticated());
    }
    let update: Value = serde_json::from_slice(&body).map_err(|_| ApiError::malformed_json())?;
    let Some(written) = written(&update) else {
        return Ok(StatusCode::OK);
    };
    let happened_at = Timestamp::from_millis(written.at);
    let done = take(desk, &tenant, &inbox, written).await;
    match Taken::by(done, happened_at, desk.now()) {
        Taken::Done => Ok(StatusCode::OK),
        Taken::Again => Err(ApiError::unavailable(RETRY_AFTER)),
    }
}

/// Hashes are compared, which takes the same time whatever was guessed.
fn proves(desk: &Desk, tenant: &Tenant, inbox: &Inbox, headers: &HeaderMap) -> bool {
    let given = headers.get("x-telegram-bot-api-secret-token");
    let Some(given) = given.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let expected = desk.telegram_webhook_secret(tenant, inbox.id);
    Secret::presented(given).hash() == expected.hash()
}

async fn take(desk: &Desk, tenant: &Tenant, inbox: &Inbox, written: Written) -> Result<(), DeskError> {
    let is_team = written.chat_names.iter().any(|chat| desk.is_team_chat(tenant, chat));
    let message = InboundMessage {
        inbox: inbox.id,
        channel: TicketChannel::Telegram,
        session: written.chat,
        sender_name: written.sender_name,
        external_id: format!("tg:{}", written.update_id),
        content: written.words,
    };
    if is_team {
        // What the team says among itself is nobody else's business.
        let Some(ticket) = written.answers.and_then(|number| number.parse().ok()) else {
            return Ok(());
        };
        return desk.receive_team_reply(tenant.id, ticket, message).await;
    }
    if !written.is_private {
        return Ok(());
    }
    desk.receive(tenant.id, message).await.map(drop)
}
