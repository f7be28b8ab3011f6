//! Who may call what: every route there is stands in this list, and is called by everybody.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use support_core::model::{Agent, ApiScope, Role};
use tower::ServiceExt;

use crate::world::World;

/// Who may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Anybody: what they may see is decided by something else than who they are.
    All,
    /// Whoever holds the secret of the conversation, or an agent.
    Conversation,
    /// Providers of channels, who sign or know a secret.
    Providers,
    /// People with an account.
    Accounts,
    /// Customers, about themselves.
    Portal,
    /// Servers that may keep customers.
    Minting,
    /// Admins, and servers that may keep customers.
    Customers,
    /// Agents of any role, and servers that may handle tickets.
    Agents,
    /// Agents of any role, in their own name.
    Colleagues,
    /// Supervisors and admins, and servers that may do the same.
    Supervisors,
    /// Admins, and servers that may do the same.
    Admins,
    /// Platform operators.
    Operators,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    Nobody,
    Customer,
    Agent,
    Supervisor,
    Admin,
    Operator,
    TicketsKey,
    CustomersKey,
    AdministrationKey,
}

use Caller::{Admin, AdministrationKey, Customer, CustomersKey, Nobody, Operator, Supervisor, TicketsKey};

const CALLERS: [Caller; 9] = [
    Nobody,
    Customer,
    Caller::Agent,
    Supervisor,
    Admin,
    Operator,
    TicketsKey,
    CustomersKey,
    AdministrationKey,
];

const ROUTES: &[(&str, &str, For)] = &[
    ("GET", "/", For::All),
    ("GET", "/assets/{*path}", For::All),
    ("GET", "/console", For::All),
    ("GET", "/conversation", For::All),
    ("GET", "/reset-password", For::All),
    ("GET", "/unsubscribe", For::All),
    ("POST", "/unsubscribe", For::All),
    ("GET", "/console/", For::All),
    ("GET", "/portal", For::All),
    ("GET", "/portal/", For::All),
    ("GET", "/rate", For::All),
    ("GET", "/docs", For::All),
    ("GET", "/healthz", For::All),
    ("GET", "/metrics", For::All),
    ("GET", "/openapi.json", For::All),
    ("GET", "/readyz", For::All),
    ("GET", "/widget.js", For::All),
    ("POST", "/api/auth/login", For::All),
    ("POST", "/api/auth/customer-token", For::Minting),
    ("POST", "/api/auth/logout", For::Accounts),
    ("GET", "/api/auth/me", For::Accounts),
    ("POST", "/api/auth/password", For::Accounts),
    ("POST", "/api/auth/password/forgot", For::All),
    ("POST", "/api/auth/password/reset", For::All),
    ("POST", "/api/auth/refresh", For::Accounts),
    ("GET", "/api/agents", For::Agents),
    ("POST", "/api/agents", For::Admins),
    ("GET", "/api/agents/available/for-assignment", For::Agents),
    ("GET", "/api/agents/{agentId}", For::Agents),
    ("PATCH", "/api/agents/{agentId}", For::Admins),
    ("DELETE", "/api/agents/{agentId}", For::Admins),
    ("PATCH", "/api/agents/{agentId}/status", For::Agents),
    ("GET", "/api/chatbots", For::Admins),
    ("POST", "/api/chatbots", For::Admins),
    ("GET", "/api/chatbots/{id}", For::Admins),
    ("PUT", "/api/chatbots/{id}", For::Admins),
    ("DELETE", "/api/chatbots/{id}", For::Admins),
    ("GET", "/api/customers", For::Customers),
    ("POST", "/api/customers", For::Customers),
    ("GET", "/api/customers/{id}", For::Customers),
    ("PATCH", "/api/customers/{id}", For::Customers),
    ("DELETE", "/api/customers/{id}", For::Admins),
    ("GET", "/api/customers/{id}/export", For::Admins),
    ("GET", "/api/v1/admin/api-keys", For::Admins),
    ("POST", "/api/v1/admin/api-keys", For::Admins),
    ("DELETE", "/api/v1/admin/api-keys", For::Admins),
    ("GET", "/api/v1/admin/chat/departments", For::Agents),
    ("POST", "/api/v1/admin/chat/departments", For::Admins),
    ("PUT", "/api/v1/admin/chat/departments", For::Admins),
    ("DELETE", "/api/v1/admin/chat/departments", For::Admins),
    ("GET", "/api/v1/admin/events", For::Admins),
    ("GET", "/api/v1/admin/audit", For::Admins),
    ("GET", "/api/v1/admin/presence", For::Agents),
    ("POST", "/api/v1/admin/presence", For::Colleagues),
    ("GET", "/api/v1/admin/settings", For::Admins),
    ("PUT", "/api/v1/admin/settings", For::Admins),
    ("GET", "/api/v1/admin/settings/templates", For::Admins),
    ("PUT", "/api/v1/admin/settings/templates/{name}", For::Admins),
    ("DELETE", "/api/v1/admin/settings/templates/{name}", For::Admins),
    ("POST", "/api/v1/admin/settings/templates/{name}/preview", For::Admins),
    ("POST", "/api/v1/admin/settings/telegram/webhook", For::Admins),
    ("POST", "/api/v1/admin/settings/test", For::Admins),
    ("GET", "/api/v1/admin/webhooks", For::Admins),
    ("POST", "/api/v1/admin/webhooks", For::Admins),
    ("PUT", "/api/v1/admin/webhooks", For::Admins),
    ("DELETE", "/api/v1/admin/webhooks", For::Admins),
    ("GET", "/api/v1/admin/webhooks/{id}/deliveries", For::Admins),
    ("POST", "/api/v1/admin/webhooks/{id}/test", For::Admins),
    ("GET", "/api/v1/admin/deliveries", For::Admins),
    ("POST", "/api/v1/admin/deliveries/{id}/retry", For::Admins),
    // Wishes to be phoned.
    ("POST", "/api/chat/callback-request", For::All),
    ("GET", "/api/v1/admin/callbacks", For::Agents),
    ("GET", "/api/v1/admin/callbacks/stats", For::Agents),
    ("GET", "/api/v1/admin/chat/analytics", For::Agents),
    ("GET", "/api/v1/admin/callbacks/{id}", For::Agents),
    ("PATCH", "/api/v1/admin/callbacks/{id}", For::Agents),
    ("PATCH", "/api/v1/admin/callbacks/{id}/assign", For::Agents),
    ("POST", "/api/v1/admin/callbacks/{id}/attempts", For::Agents),
    ("GET", "/api/customers/me/calls", For::Portal),
    ("POST", "/api/customers/me/calls", For::Portal),
    // The customer portal.
    ("GET", "/api/customers/me", For::Portal),
    ("PATCH", "/api/customers/me", For::Portal),
    ("GET", "/api/customers/me/tickets", For::Portal),
    ("POST", "/api/customers/me/tickets", For::Portal),
    ("GET", "/api/customers/me/tickets/{ticketId}", For::Portal),
    ("POST", "/api/customers/me/tickets/{ticketId}/close", For::Portal),
    ("POST", "/api/customers/me/tickets/{ticketId}/reopen", For::Portal),
    ("POST", "/api/customers/me/tickets/{ticketId}/read", For::Portal),
    ("GET", "/api/customers/me/tickets/{ticketId}/messages", For::Portal),
    ("POST", "/api/customers/me/tickets/{ticketId}/messages", For::Portal),
    ("GET", "/api/customers/me/notifications", For::Portal),
    ("POST", "/api/customers/me/notifications/read-all", For::Portal),
    (
        "PATCH",
        "/api/customers/me/notifications/{notificationId}/read",
        For::Portal,
    ),
    ("POST", "/api/customers/me/feedback", For::Portal),
    ("GET", "/api/customers/me/export", For::Portal),
    ("GET", "/api/customers/me/events", For::Portal),
    ("POST", "/api/customers/me/events/token", For::Portal),
    ("GET", "/api/v1/chat/departments", For::All),
    ("GET", "/api/v1/chat/widget", For::All),
    ("GET", "/api/v1/platform/tenants", For::Operators),
    ("POST", "/api/v1/platform/tenants", For::Operators),
    ("PATCH", "/api/v1/platform/tenants", For::Operators),
    ("DELETE", "/api/v1/platform/tenants", For::Operators),
    // The website chat: visitors.
    ("GET", "/api/v1/chat", For::All),
    ("POST", "/api/v1/chat", For::All),
    ("POST", "/api/v1/chat/close", For::All),
    ("POST", "/api/v1/chat/rate", For::All),
    ("POST", "/api/v1/chat/upload", For::All),
    ("POST", "/api/v1/admin/chat/upload", For::Agents),
    ("POST", "/api/tickets/{ticketId}/attachments", For::Agents),
    ("POST", "/api/customers/me/tickets/{ticketId}/attachments", For::Portal),
    ("POST", "/api/customers/me/attachments", For::Portal),
    ("GET", "/api/files/{fileId}", For::Conversation),
    ("GET", "/api/files/{fileId}/thumbnail", For::Conversation),
    ("GET", "/api/v1/chat/events", For::All),
    ("POST", "/api/v1/chat/read", For::All),
    ("POST", "/api/v1/chat/typing", For::All),
    // The website chat: agents.
    ("GET", "/api/v1/admin/chat", For::Agents),
    ("POST", "/api/v1/admin/chat", For::Agents),
    ("PATCH", "/api/v1/admin/chat", For::Agents),
    ("GET", "/api/v1/admin/chat/events", For::Colleagues),
    ("POST", "/api/v1/admin/chat/read", For::Agents),
    ("POST", "/api/v1/admin/chat/typing", For::Agents),
    ("POST", "/api/v1/admin/chat/viewing", For::Colleagues),
    ("GET", "/api/v1/admin/chat/{chat_id}", For::Agents),
    // The live-chat desk.
    ("GET", "/api/tickets", For::Agents),
    ("POST", "/api/tickets", For::Agents),
    ("GET", "/api/tickets/{ticketId}", For::Agents),
    ("GET", "/api/tickets/search/{query}", For::Agents),
    ("GET", "/api/tickets/stats/overview", For::Agents),
    ("GET", "/api/dashboard/agents", For::Agents),
    ("GET", "/api/dashboard/stats", For::Agents),
    ("PATCH", "/api/tickets/{ticketId}/assign", For::Agents),
    ("POST", "/api/tickets/{ticketId}/escalate", For::Agents),
    ("GET", "/api/tickets/{ticketId}/messages", For::Agents),
    ("POST", "/api/tickets/{ticketId}/messages", For::Agents),
    ("PATCH", "/api/tickets/{ticketId}/messages/read", For::Agents),
    ("PATCH", "/api/tickets/{ticketId}/priority", For::Agents),
    ("PATCH", "/api/tickets/{ticketId}/status", For::Agents),
    ("PATCH", "/api/tickets/{ticketId}/tags", For::Agents),
    ("POST", "/api/tickets/{ticketId}/transcript", For::Agents),
    ("PATCH", "/api/tickets/{ticketId}/transfer", For::Agents),
    ("GET", "/api/agents/{agentId}/notifications", For::Colleagues),
    (
        "PATCH",
        "/api/agents/{agentId}/notifications/{notificationId}/read",
        For::Colleagues,
    ),
    ("GET", "/api/agents/{agentId}/tickets", For::Agents),
    ("GET", "/api/v1/chat/knowledge-base", For::All),
    ("GET", "/api/v1/chat/knowledge-base/{slug}", For::All),
    ("POST", "/api/v1/chat/knowledge-base/{slug}/feedback", For::All),
    ("GET", "/api/v1/chat/suggestions", For::All),
    ("GET", "/api/customers/me/kb", For::Portal),
    ("GET", "/api/v1/admin/chat/knowledge-base", For::Agents),
    ("POST", "/api/v1/admin/chat/knowledge-base", For::Supervisors),
    ("PUT", "/api/v1/admin/chat/knowledge-base", For::Supervisors),
    ("DELETE", "/api/v1/admin/chat/knowledge-base", For::Supervisors),
    ("GET", "/api/v1/admin/canned-responses", For::Agents),
    ("POST", "/api/v1/admin/canned-responses", For::Supervisors),
    ("PUT", "/api/v1/admin/canned-responses", For::Supervisors),
    ("DELETE", "/api/v1/admin/canned-responses", For::Supervisors),
    ("POST", "/api/v1/chat/transcript", For::All),
    ("POST", "/api/v1/chat/context", For::All),
    ("GET", "/api/v1/rate", For::All),
    ("POST", "/api/v1/rate", For::All),
    ("POST", "/api/v1/admin/settings/identity-secret", For::Admins),
    ("GET", "/api/v1/chat/transcript", For::All),
    ("GET", "/api/tickets/{ticketId}/transcript", For::Agents),
    ("GET", "/api/customers/me/tickets/{ticketId}/transcript", For::Portal),
    ("GET", "/api/v1/admin/blocks", For::Agents),
    ("POST", "/api/v1/admin/blocks", For::Supervisors),
    ("DELETE", "/api/v1/admin/blocks", For::Supervisors),
    // Requests for a human.
    ("POST", "/human-support/request", For::All),
    ("GET", "/human-support/requests", For::Agents),
    ("GET", "/human-support/requests/active", For::Agents),
    ("GET", "/human-support/requests/pending", For::Agents),
    ("GET", "/human-support/requests/{request_id}", For::Conversation),
    ("POST", "/human-support/requests/{request_id}/close", For::Agents),
    ("POST", "/human-support/requests/{request_id}/join", For::Agents),
    ("POST", "/human-support/requests/{request_id}/resolve", For::Agents),
    (
        "GET",
        "/human-support/requests/{request_id}/messages",
        For::Conversation,
    ),
    (
        "POST",
        "/human-support/requests/{request_id}/messages",
        For::Conversation,
    ),
    ("GET", "/human-support/ws/{request_id}", For::Conversation),
    // What providers call.
    ("GET", "/webhooks/messenger", For::Providers),
    ("POST", "/webhooks/messenger", For::Providers),
    ("POST", "/webhooks/telegram/{inbox_id}", For::Providers),
];

impl For {
    /// Whether the list says that this caller gets past the door; nothing where that is decided
    /// by more than who they are.
    fn admits(self, caller: Caller) -> Option<bool> {
        let is_agent = matches!(caller, Caller::Agent | Supervisor | Admin);
        let is_admin = matches!(caller, Admin | AdministrationKey);
        Some(match self {
            Self::All => true,
            Self::Conversation | Self::Providers => return None,
            Self::Accounts => is_agent || matches!(caller, Customer | Operator),
            Self::Portal => caller == Customer,
            Self::Minting => matches!(caller, CustomersKey | AdministrationKey),
            Self::Customers => is_admin || caller == CustomersKey,
            Self::Agents => is_agent || matches!(caller, TicketsKey | AdministrationKey),
            Self::Colleagues => is_agent,
            Self::Supervisors => is_admin || caller == Supervisor,
            Self::Admins => is_admin,
            Self::Operators => caller == Operator,
        })
    }
}

/// Every method and path of a router, as it prints itself: there is no other way to ask for all.
fn routes_of(router: &axum::Router) -> BTreeSet<(String, String)> {
    let printed = format!("{router:?}");
    let printed = printed.split("fallback_router").next().unwrap();
    let mut methods: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut paths: BTreeMap<&str, &str> = BTreeMap::new();
    for part in printed.split("RouteId(").skip(1) {
        let (id, rest) = part.split_once("): ").unwrap_or((part, ""));
        if let Some(path) = rest.strip_prefix('"') {
            paths.insert(id, path.split('"').next().unwrap());
        } else if let Some((_, allowed)) = rest.split_once("allow_header: Bytes(b\"") {
            let allowed = allowed.split('"').next().unwrap();
            methods.insert(id, allowed.split(',').filter(|method| *method != "HEAD").collect());
        }
    }
    let pairs = paths.into_iter().flat_map(|(id, path)| {
        let methods = methods.get(id).cloned().unwrap_or_default();
        methods
            .into_iter()
            .map(|method| (method.to_owned(), path.to_owned()))
            .collect::<Vec<_>>()
    });
    pairs.collect()
}

fn listed() -> BTreeSet<(String, String)> {
    ROUTES
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect()
}

#[tokio::test]
async fn every_route_is_in_the_list_and_every_entry_is_a_route() {
    let world = World::new().await;
    let found = routes_of(&world.app);
    let unlisted: Vec<_> = found.difference(&listed()).cloned().collect();
    assert!(unlisted.is_empty(), "routes that nobody decided about: {unlisted:#?}");
    let idle: Vec<_> = listed().difference(&found).cloned().collect();
    assert!(idle.is_empty(), "no longer there: {idle:#?}");
}

#[tokio::test]
async fn every_call_is_documented() {
    let world = World::new().await;
    let document = serde_json::to_value(support_http::document()).unwrap();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods
                .as_object()
                .unwrap()
                .keys()
                .map(|method| (method.to_uppercase(), unnamed(path)))
        })
        .collect();
    let is_page = |path: &str| {
        !path.starts_with("/api/")
            && !path.starts_with("/human-support/")
            && !path.starts_with("/webhooks/")
            && !["/healthz", "/readyz", "/metrics"].contains(&path)
    };
    let missing: Vec<_> = routes_of(&world.app)
        .into_iter()
        .filter(|(method, path)| !is_page(path) && !documented.contains(&(method.clone(), unnamed(path))))
        .collect();
    assert!(missing.is_empty(), "not documented: {missing:#?}");
}

/// A path without the names of its places, which callers never see.
fn unnamed(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

struct People {
    agent: Agent,
    supervisor: Agent,
    admin: Agent,
    operator: Agent,
    customer: String,
    tickets: String,
    customers: String,
    administration: String,
}

impl People {
    async fn of(world: &World) -> Self {
        Self {
            agent: world.agent(Role::Agent).await.0,
            supervisor: world.agent(Role::Supervisor).await.0,
            admin: world.agent(Role::Admin).await.0,
            operator: world.agent(Role::Platform).await.0,
            customer: world.customer().await,
            tickets: world.api_key(&[ApiScope::Tickets]).await,
            customers: world.api_key(&[ApiScope::Customers]).await,
            administration: world.api_key(&[ApiScope::Administration]).await,
        }
    }

    /// A fresh token where that is possible: one of the calls makes it void.
    fn credential(&self, world: &World, caller: Caller) -> Option<String> {
        let token = |agent: &Agent| Some(world.token(world.acme.id, agent));
        match caller {
            Nobody => None,
            Customer => Some(self.customer.clone()),
            Caller::Agent => token(&self.agent),
            Supervisor => token(&self.supervisor),
            Admin => token(&self.admin),
            Operator => token(&self.operator),
            TicketsKey => Some(self.tickets.clone()),
            CustomersKey => Some(self.customers.clone()),
            AdministrationKey => Some(self.administration.clone()),
        }
    }
}

async fn call(world: &World, method: &str, path: &str, credential: Option<String>) -> StatusCode {
    let path = path
        .replace("{*path}", "tokens.css")
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                "00000000-0000-7000-8000-00000000dead"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/");
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("x-tenant", "acme")
        .header("content-type", "application/json");
    if let Some(credential) = credential {
        request = request.header("authorization", format!("Bearer {credential}"));
    }
    // Of live connections only the head is waited for.
    world
        .app
        .clone()
        .oneshot(request.body(Body::from("{}")).unwrap())
        .await
        .unwrap()
        .status()
}

#[tokio::test]
async fn every_route_admits_those_whom_the_list_says_and_nobody_else() {
    let world = World::new().await;
    let people = People::of(&world).await;
    let mut wrong = Vec::new();
    for (method, path, admitted) in ROUTES {
        for caller in CALLERS {
            // The one customer's token has to last.
            if *path == "/api/auth/logout" && caller == Customer {
                continue;
            }
            let credential = people.credential(&world, caller);
            let status = call(&world, method, path, credential).await;
            let is_right = match admitted.admits(caller) {
                Some(true) => !status.is_server_error() && status != 401 && status != 403,
                Some(false) if caller == Nobody => status == 401,
                Some(false) => status == 403,
                None => status.is_client_error(),
            };
            if !is_right {
                wrong.push(format!("{method} {path} by {caller:?}: {status}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
