//! Everything there can be in a tenant, made through its documented calls.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};
use support_faces::{Chat, Request, TenantWorld, World, form, got, id_of, pdf, sending, text_of};
use support_testkit::{Api, eventually};
use uuid::Uuid;

use super::Named;

/// Subscriptions may lead to this machine, where nobody listens.
pub(super) const SETTINGS: [(&str, &str); 1] = [("WEBHOOK_ALLOWED_CIDRS", "127.0.0.0/8")];
const PASSWORD: &str = "a long enough password";
const SOON: Duration = Duration::from_secs(30);

/// Who calls for what is their own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    Admin,
    Agent,
    Customer,
    Visitor,
    Operator,
}

/// What somebody has, and their clients.
#[derive(Debug, Clone)]
pub(super) struct Things {
    ids: HashMap<Named, String>,
    socket: String,
    pub(super) admin: Api,
    pub(super) agent: Api,
    pub(super) customer: Api,
    pub(super) visitor: Api,
    pub(super) server: Api,
    operator: Api,
}

impl Things {
    /// One of everything in a tenant. `mark` is in every name and text.
    pub(super) async fn made(world: &World, tenant: &TenantWorld, mark: &str) -> Self {
        let admin = tenant.admin.api.clone();
        let mut ids = HashMap::new();
        ids.insert(Named::Tenant, tenant.id.clone());
        keep_records(&admin, mark, &mut ids).await;
        let agent = world.agent(&admin, &format!("mara-{}", tenant.slug)).await;
        ids.insert(Named::Agent, agent.id.clone());
        let key = json!({ "name": mark, "scopes": ["tickets", "customers", "administration"] });
        let key = admin.post("/api/v1/admin/api-keys", &key).await.expect(201);
        ids.insert(Named::ApiKey, id_of(&key, "/data/id"));
        let server = world.public().with_token(&text_of(&key, "/data/key"));
        let customer = known(world, &admin, mark, &tenant.slug, &mut ids).await;
        let visitor = asked(&tenant.public, mark, &mut ids).await;
        correspond(&admin, &agent.api, &customer, mark, &mut ids).await;
        let delivery = eventually(SOON, async || {
            let found = admin.get("/api/v1/admin/deliveries").await.expect(200);
            found.pointer("/data/deliveries/0/id")?.as_str().map(str::to_owned)
        });
        ids.insert(Named::Delivery, delivery.await);
        Self {
            ids,
            socket: world.socket_url(""),
            admin,
            agent: agent.api,
            customer,
            visitor,
            server,
            operator: world.operator().await,
        }
    }

    /// Ids that nobody was ever given.
    pub(super) fn of_nobody() -> Self {
        let nobody = Api::new("http://127.0.0.1:9");
        let url = format!("http://127.0.0.1:9/api/files/{}?token=x", Uuid::now_v7());
        Self {
            ids: HashMap::from([
                (Named::FileUrl, url),
                (Named::Slug, "no-such-slug".to_owned()),
                (Named::DepartmentSlug, "no-such-team".to_owned()),
                (Named::Session, Uuid::new_v4().simple().to_string()),
            ]),
            socket: String::new(),
            admin: nobody.clone(),
            agent: nobody.clone(),
            customer: nobody.clone(),
            visitor: nobody.clone(),
            server: nobody.clone(),
            operator: nobody,
        }
    }

    /// The same, with what belongs to a session in its place.
    pub(super) fn knowing_tickets(&self) -> Self {
        let mut known = self.clone();
        let ticket = known.ids.get(&Named::Ticket).cloned().unwrap();
        known.ids.insert(Named::Session, ticket);
        known
    }

    /// The id of what is named so.
    pub(super) fn id(&self, named: Named) -> Option<String> {
        let is_nobodys = !self.ids.contains_key(&Named::Tenant);
        let unknown = || is_nobodys.then(|| "0190b6a0-0000-7000-8000-00000000dead".to_owned());
        self.ids.get(&named).cloned().or_else(unknown)
    }

    /// All ids, the longest first.
    pub(super) fn all(&self) -> Vec<String> {
        let mut all: Vec<_> = self.ids.values().cloned().collect();
        all.push("0190b6a0-0000-7000-8000-00000000dead".to_owned());
        all.sort_by_key(|id| std::cmp::Reverse(id.len()));
        all
    }

    pub(super) fn api(&self, whose: Whose) -> &Api {
        match whose {
            Whose::Admin => &self.admin,
            Whose::Agent => &self.agent,
            Whose::Customer => &self.customer,
            Whose::Visitor => &self.visitor,
            Whose::Operator => &self.operator,
        }
    }

    pub(super) fn socket_url(&self, path: &str) -> String {
        format!("{}{path}", self.socket)
    }
}

/// Another customer and another visitor of the same tenant, with things of their own.
pub(super) async fn neighbour(world: &World, tenant: &TenantWorld, own: &Things) -> Things {
    let mut ids = own.ids.clone();
    let customer = known(world, &own.admin, "Neighbour", "next-door", &mut ids).await;
    let visitor = asked(&tenant.public, "Neighbour", &mut ids).await;
    correspond(&own.admin, &own.agent, &customer, "Neighbour", &mut ids).await;
    Things {
        ids,
        customer,
        visitor,
        ..own.clone()
    }
}

async fn keep_records(admin: &Api, mark: &str, ids: &mut HashMap<Named, String>) {
    let webhook = json!({ "url": "http://127.0.0.1:9/hook" });
    let canned = json!({ "shortcut": mark, "title": mark, "content": mark });
    let department = json!({ "name": mark, "slug": mark.to_lowercase(), "description": mark });
    let bot = json!({ "name": mark, "admin_email": "boss@example.com" });
    let block = json!({ "address": "203.0.113.0/24", "reason": mark });
    let slug = format!("{}-article", mark.to_lowercase());
    let article = json!({ "title": mark, "slug": slug, "content": mark, "isPublished": true });
    for (named, path, body, place) in [
        (Named::Webhook, "/api/v1/admin/webhooks", webhook, "/data/id"),
        (
            Named::CannedResponse,
            "/api/v1/admin/canned-responses",
            canned,
            "/data/id",
        ),
        (
            Named::Department,
            "/api/v1/admin/chat/departments",
            department,
            "/data/id",
        ),
        (Named::Article, "/api/v1/admin/chat/knowledge-base", article, "/data/id"),
        (Named::Chatbot, "/api/chatbots", bot, "/id"),
        (Named::Block, "/api/v1/admin/blocks", block, "/data/id"),
    ] {
        let made = admin.post(path, &body).await.expect(201);
        ids.insert(named, id_of(&made, place));
    }
    ids.insert(Named::Slug, slug);
    ids.insert(Named::DepartmentSlug, mark.to_lowercase());
}

/// A customer who logs in.
async fn known(world: &World, admin: &Api, mark: &str, place: &str, ids: &mut HashMap<Named, String>) -> Api {
    let email = format!("{}@{place}.customers.example", mark.to_lowercase());
    let body = json!({ "name": mark, "email": email, "phone": "030 1234567", "password": PASSWORD });
    let made = admin.post("/api/customers", &body).await.expect(201);
    ids.insert(Named::Customer, id_of(&made, "/id"));
    world.public().login(&email, PASSWORD).await
}

/// What visitors ask, in a widget and of a chatbot. The client has the right to the latter.
async fn asked(public: &Api, mark: &str, ids: &mut HashMap<Named, String>) -> Api {
    let chat = Chat::open_with(public, &json!({ "message": mark, "visitorName": mark })).await;
    let request = Request::open(public, &format!("session-{mark}"), mark).await;
    ids.insert(Named::Session, chat.session);
    ids.insert(Named::Request, request.id);
    request.user
}

/// A customer and an agent talk, with all that comes of it.
async fn correspond(admin: &Api, agent: &Api, customer: &Api, mark: &str, ids: &mut HashMap<Named, String>) {
    let me = "/api/customers/me";
    let ticket = json!({ "title": mark, "description": mark });
    let ticket = customer.post(&format!("{me}/tickets"), &ticket).await.expect(201);
    let ticket = id_of(&ticket, "/id");
    let file = got(sending(
        customer,
        &format!("{me}/attachments"),
        form(&[], "own.pdf", &pdf(100)),
    ))
    .await;
    assert_eq!(file.status, 201, "{}", file.json());
    let url = text_of(&file.json(), "/url");
    ids.insert(Named::File, text_of(&file.json(), "/id"));
    ids.insert(Named::FileUrl, url);
    let call = json!({ "ticketId": ticket, "note": mark });
    let call = customer.post(&format!("{me}/calls"), &call).await.expect(201);
    ids.insert(Named::Callback, id_of(&call, "/id"));
    let assign = format!("/api/tickets/{ticket}/assign");
    let mara = ids.get(&Named::Agent).unwrap().clone();
    admin.patch(&assign, &json!({ "agentId": mara })).await.expect(200);
    let said = json!({ "content": mark, "sender": "agent" });
    agent
        .post(&format!("/api/tickets/{ticket}/messages"), &said)
        .await
        .expect(201);
    let told = agent
        .get(&format!("/api/agents/{mara}/notifications"))
        .await
        .expect(200);
    ids.insert(Named::AgentsNotification, first_id(&told, "/data/notifications"));
    let told = customer.get(&format!("{me}/notifications")).await.expect(200);
    ids.insert(Named::CustomersNotification, first_id(&told, ""));
    ids.insert(Named::Ticket, ticket);
}

fn first_id(answer: &Value, list: &str) -> String {
    text_of(answer, &format!("{list}/0/id"))
}
