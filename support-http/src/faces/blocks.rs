//! Who may not write. Agents read, supervisors decide.

use axum::{Json as Answer, Router, extract::State, http::StatusCode, routing::get};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{BlockTarget, NewBlock, TicketRef},
    model::{Block, BlockId, Timestamp},
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::{
    error::{ApiError, ErrorBody, finish},
    extract::{Fields, Query},
    scope::{AgentScope, SupervisorScope, anew},
    state::SupportState,
    wire::{
        Envelope, Removed, enveloped,
        named::given,
        pagination::{PageQuery, Pagination},
    },
};

/// What is said of calls that name nobody, or several.
const NO_TARGET: &str = "Exactly one of chatId, address and email is required";

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(list, add, remove))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new().route("/api/v1/admin/blocks", get(list).post(add).delete(remove))
}

/// Who is to be kept out: exactly one of `chatId`, `address` and `email`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockInput {
    /// Whoever's chat this is: its id, or its number `TKT-1`.
    chat_id: Option<String>,
    /// `203.0.113.7`, or a range such as `203.0.113.0/24`.
    address: Option<String>,
    email: Option<String>,
    /// Why, for the team.
    reason: Option<String>,
    /// For good when not given.
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockRow {
    id: Uuid,
    /// `visitor`, `address` or `email`.
    kind: &'static str,
    /// A visitor's or customer's id, a range of addresses, or a mail address.
    value: String,
    reason: Option<String>,
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
    /// The agent who decided it.
    created_by: Option<Uuid>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BlockList {
    blocks: Vec<BlockRow>,
    pagination: Pagination,
}

#[derive(Debug, Deserialize)]
struct WhichBlock {
    id: Option<String>,
}

impl From<Block> for BlockRow {
    fn from(block: Block) -> Self {
        Self {
            id: block.id.uuid(),
            kind: block.kind.as_str(),
            value: block.value,
            reason: block.reason,
            expires_at: block.expires_at,
            created_by: block.created_by.map(support_core::model::AgentId::uuid),
            created_at: block.created_at,
        }
    }
}

/// All blocks that hold, newest first.
#[utoipa::path(
    get, path = "/api/v1/admin/blocks", tag = "blocks", security(("bearer" = [])),
    params(("page" = Option<u32>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Envelope<BlockList>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)),
)]
async fn list(
    State(state): State<SupportState>,
    AgentScope(scope): AgentScope,
    Query(page): Query<PageQuery>,
) -> Result<Answer<Envelope<BlockList>>, ApiError> {
    let page = page.request()?;
    let blocks = state.desk().blocks(&scope).await?;
    let total = u64::try_from(blocks.len()).unwrap_or(u64::MAX);
    let before = page.limit.saturating_mul(page.number.saturating_sub(1));
    let shown = blocks.into_iter().skip(before as usize).take(page.limit as usize);
    Ok(enveloped(BlockList {
        blocks: shown.map(Into::into).collect(),
        pagination: Pagination::new(page, total),
    }))
}

fn target_of(input: &BlockInput) -> Result<Option<BlockTarget>, ApiError> {
    let named = [&input.chat_id, &input.address, &input.email];
    Ok(match named.map(|text| given(text.as_deref())) {
        [Some(chat), None, None] => Some(BlockTarget::RequesterOf(chat.parse::<TicketRef>()?)),
        [None, Some(address), None] => Some(BlockTarget::Address(address.to_owned())),
        [None, None, Some(email)] => Some(BlockTarget::Email(email.to_owned())),
        _ => None,
    })
}

/// Keeps somebody out: they may neither open nor write anything from now on.
#[utoipa::path(
    post, path = "/api/v1/admin/blocks", tag = "blocks", security(("bearer" = [])), request_body = BlockInput,
    responses((status = 201, body = Envelope<BlockRow>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)),
)]
async fn add(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Fields { body, mut found }: Fields<BlockInput>,
) -> Result<(StatusCode, Answer<Envelope<BlockRow>>), ApiError> {
    let Some(target) = target_of(&body)? else {
        found.refuse("chat_id", NO_TARGET);
        finish(found)?;
        return Err(ApiError::field("chat_id", NO_TARGET));
    };
    let new = NewBlock {
        target,
        reason: body.reason,
        expires_at: body.expires_at,
    };
    let block = state.desk().block(&anew(&scope), new, found).await?;
    Ok((StatusCode::CREATED, enveloped(block.into())))
}

/// Lets somebody in again.
#[utoipa::path(
    delete, path = "/api/v1/admin/blocks", tag = "blocks", security(("bearer" = [])),
    params(("id" = String, Query)),
    responses((status = 200, body = Envelope<Removed>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)),
)]
async fn remove(
    State(state): State<SupportState>,
    SupervisorScope(scope): SupervisorScope,
    Query(which): Query<WhichBlock>,
) -> Result<Answer<Envelope<Removed>>, ApiError> {
    let id = which.id.as_deref().unwrap_or_default();
    let id: BlockId = id.parse().map_err(|_| ApiError::not_found())?;
    state.desk().unblock(&scope, id).await?;
    Ok(enveloped(Removed::new(id.uuid())))
}
