//! Getting in and staying in.

use axum::{
    Json as Answer, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use support_core::{
    desk::{CustomerChanges, DeskError, Identified, Scope},
    model::{Actor, Principal, TenantId},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    auth::Authenticated,
    client_address::ClientAddress,
    error::{ApiError, ErrorBody},
    extract::Json,
    scope::CallerScope,
    state::SupportState,
    wire::{Envelope, enveloped},
};

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(
    login,
    refresh,
    logout,
    me,
    password,
    forgot_password,
    reset_password,
    customer_token
))]
pub(crate) struct Document;

pub(crate) fn routes() -> Router<SupportState> {
    Router::new()
        .route("/api/auth/login", post(login))
        .route("/api/auth/refresh", post(refresh))
        .route("/api/auth/logout", post(logout))
        .route("/api/auth/me", get(me))
        .route("/api/auth/password", post(password))
        .route("/api/auth/password/forgot", post(forgot_password))
        .route("/api/auth/password/reset", post(reset_password))
        .route("/api/auth/customer-token", post(customer_token))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Login {
    #[schema(required)]
    pub(crate) email: Option<String>,
    #[schema(required)]
    pub(crate) password: Option<String>,
    /// The slug of the tenant; needed only by those who have accounts with several.
    pub(crate) tenant: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    id: String,
    name: Option<String>,
    email: Option<String>,
    role: &'static str,
    tenant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) expires_at: String,
    user: User,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    user: User,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordChange {
    #[schema(required)]
    current_password: Option<String>,
    #[schema(required)]
    new_password: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ForgottenPassword {
    #[schema(required)]
    email: Option<String>,
    /// The slug of the tenant; without it, all of the address's accounts are meant.
    tenant: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct PasswordReset {
    /// What the mailed link had behind `#token=`.
    #[schema(required)]
    token: Option<String>,
    #[schema(required)]
    password: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told {
    message: &'static str,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerTokenRequest {
    /// What the caller's own system calls the customer.
    #[schema(required)]
    external_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerToken {
    token: String,
    expires_at: String,
    customer_id: String,
}

impl User {
    fn new(tenant: TenantId, who: &Identified) -> Self {
        let contact = who.contact();
        let (id, role, customer_id) = match who {
            Identified::Agent(agent) => (agent.id.to_string(), agent.role.as_str(), None),
            Identified::Customer(customer) => (customer.id.to_string(), "customer", Some(customer.id.to_string())),
        };
        Self {
            id,
            name: contact.name,
            email: contact.email,
            role,
            tenant_id: tenant.to_string(),
            customer_id,
        }
    }
}

/// Logs in by email and password.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = Login, responses(
    (status = 200, body = Session), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
    (status = 429, body = ErrorBody, description = "Too many attempts from here or for this address")))]
async fn login(
    State(state): State<SupportState>,
    address: ClientAddress,
    Json(body): Json<Login>,
) -> Result<Answer<Session>, ApiError> {
    log_in(&state, address, body).await.map(Answer)
}

/// Lets somebody in by email and password.
///
/// # Errors
/// [`ApiError`] when they are wrong, or came too often.
pub(crate) async fn log_in(state: &SupportState, address: ClientAddress, body: Login) -> Result<Session, ApiError> {
    state.limits().creation(address)?;
    let email = body.email.unwrap_or_default();
    let password = body.password.unwrap_or_default();
    let tenant = body.tenant.filter(|tenant| !tenant.trim().is_empty());
    // No store can look for a NUL; without it, the slug is as much nobody's.
    let tenant = tenant.map(|slug| slug.replace('\0', "\u{fffd}"));
    let logged_in = match tenant {
        Some(slug) => state.desk().log_in_to(&slug, &email, &password).await,
        None => state.desk().log_in(None, &email, &password).await,
    };
    let logged_in = logged_in.map_err(|error| match error {
        DeskError::Unauthenticated => ApiError::new(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            "Email or password is wrong",
        ),
        error => error.into(),
    })?;
    session(state, logged_in.tenant, &logged_in.identified)
}

/// Renews a token before it expires. The old one stays good for its own time.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = Session), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn refresh(
    State(state): State<SupportState>,
    CallerScope(caller): CallerScope,
) -> Result<Answer<Session>, ApiError> {
    let who = identified(&state, &caller.scope).await?;
    session(&state, caller.scope.tenant(), &who).map(Answer)
}

/// Makes the token void.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", security(("bearer" = [])), responses(
    (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn logout(State(state): State<SupportState>, CallerScope(caller): CallerScope) -> Result<StatusCode, ApiError> {
    revoke(&state, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who the token speaks for.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth", security(("bearer" = [])), responses(
    (status = 200, body = Me), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
async fn me(State(state): State<SupportState>, CallerScope(caller): CallerScope) -> Result<Answer<Me>, ApiError> {
    let who = identified(&state, &caller.scope).await?;
    Ok(Answer(Me {
        user: User::new(caller.scope.tenant(), &who),
    }))
}

/// Changes the caller's own password. All earlier tokens are void; the answer has a new one.
#[utoipa::path(post, path = "/api/auth/password", tag = "auth", request_body = PasswordChange,
    security(("bearer" = [])), responses((status = 200, body = Session), (status = 400, body = ErrorBody),
    (status = 401, body = ErrorBody), (status = 403, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn password(
    State(state): State<SupportState>,
    CallerScope(caller): CallerScope,
    Json(body): Json<PasswordChange>,
) -> Result<Answer<Session>, ApiError> {
    state.limits().creation(&caller.scope)?;
    let who = identified(&state, &caller.scope).await?;
    let current = body.current_password.unwrap_or_default();
    let new = body.new_password.unwrap_or_default();
    state.desk().change_password(&caller.scope, &current, &new).await?;
    // Tokens tell time in seconds, so one of this very second has to be named.
    revoke(&state, &caller).await?;
    session(&state, caller.scope.tenant(), &who).map(Answer)
}

/// Mails a way to choose another password, good once and for half an hour. The answer is the same,
/// and as fast, whether or not anybody has an account with this address.
#[utoipa::path(post, path = "/api/auth/password/forgot", tag = "auth", request_body = ForgottenPassword, responses(
    (status = 200, body = Envelope<Told>), (status = 400, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn forgot_password(
    State(state): State<SupportState>,
    address: ClientAddress,
    Json(body): Json<ForgottenPassword>,
) -> Result<Answer<Envelope<Told>>, ApiError> {
    state.limits().creation(address)?;
    let email = body.email.unwrap_or_default();
    // No store can look for a NUL; without it, the slug is as much nobody's.
    let tenant = body.tenant.map(|slug| slug.replace('\0', "\u{fffd}"));
    state.desk().forgot_password(&email, tenant.as_deref())?;
    let message = "If there is an account with this address, a mail is on its way to it";
    Ok(enveloped(Told { message }))
}

/// Changes a password by what was mailed for it. All earlier tokens are void.
#[utoipa::path(post, path = "/api/auth/password/reset", tag = "auth", request_body = PasswordReset, responses(
    (status = 200, body = Envelope<Told>), (status = 400, body = ErrorBody), (status = 429, body = ErrorBody)))]
async fn reset_password(
    State(state): State<SupportState>,
    address: ClientAddress,
    Json(body): Json<PasswordReset>,
) -> Result<Answer<Envelope<Told>>, ApiError> {
    state.limits().creation(address)?;
    let token = body.token.unwrap_or_default();
    let password = body.password.unwrap_or_default();
    state.desk().reset_password(&token, &password).await?;
    let message = "The password is changed";
    Ok(enveloped(Told { message }))
}

/// Makes or updates a customer, and gives out a token in their name.
#[utoipa::path(post, path = "/api/auth/customer-token", tag = "auth", request_body = CustomerTokenRequest,
    security(("bearer" = [])), responses((status = 200, body = CustomerToken), (status = 400, body = ErrorBody),
    (status = 401, body = ErrorBody), (status = 403, body = ErrorBody, description = "For API keys only")))]
async fn customer_token(
    State(state): State<SupportState>,
    CallerScope(caller): CallerScope,
    Json(body): Json<CustomerTokenRequest>,
) -> Result<Answer<CustomerToken>, ApiError> {
    let scope = &caller.scope;
    if !matches!(scope.actor(), Actor::ApiKey { .. }) {
        return Err(ApiError::forbidden());
    }
    let changes = CustomerChanges {
        name: body.name,
        email: body.email,
        phone: body.phone,
        ..CustomerChanges::default()
    };
    let external_id = body.external_id.unwrap_or_default();
    let customer = state
        .desk()
        .customer_for_external_id(scope, &external_id, changes)
        .await?;
    let customer_id = customer.id.to_string();
    let session = session(&state, scope.tenant(), &Identified::Customer(customer))?;
    Ok(Answer(CustomerToken {
        token: session.token,
        expires_at: session.expires_at,
        customer_id,
    }))
}

fn session(state: &SupportState, tenant: TenantId, who: &Identified) -> Result<Session, ApiError> {
    let desk = state.desk();
    let issued = state.settings().jwt.issue(tenant, who, desk.ids().uuid(), desk.now())?;
    Ok(Session {
        token: issued.token,
        expires_at: issued.expires_at.to_string(),
        user: User::new(tenant, who),
    })
}

async fn revoke(state: &SupportState, caller: &Authenticated) -> Result<(), ApiError> {
    principal(&caller.scope)?;
    // Whoever was let in by something else than a token of ours has nothing to make void.
    if let (Some(token), Some(expires_at)) = (caller.token, caller.expires_at) {
        state.desk().log_out(&caller.scope, token, expires_at).await?;
    }
    Ok(())
}

async fn identified(state: &SupportState, scope: &Scope) -> Result<Identified, ApiError> {
    let found = state.desk().identify(scope.tenant(), principal(scope)?).await?;
    found.ok_or_else(ApiError::unauthenticated)
}

/// Whose account the caller has; servers have none.
fn principal(scope: &Scope) -> Result<Principal, ApiError> {
    match scope.actor() {
        Actor::Agent(agent) => Ok(Principal::Agent(agent.id)),
        Actor::Platform(agent) => Ok(Principal::Agent(*agent)),
        Actor::Customer(customer) => Ok(Principal::Customer(*customer)),
        Actor::Anyone | Actor::Visitor { .. } | Actor::ApiKey { .. } | Actor::Bot | Actor::System => {
            Err(ApiError::forbidden())
        }
    }
}
