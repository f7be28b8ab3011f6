//! A server over the store in memory, on a port of its own.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use support_core::{
    desk::{Desk, FirstAdmin, Identified, NewAgent, NewMessage, NewTenant, Scope, Speaker},
    memory::MemoryStore,
    model::{ActingAgent, Actor, Agent, AgentId, Role, Secret, TenantId, Ticket},
    ports::{AgentFilter, PageRequest},
};
use support_http::{HttpSettings, JwtSettings, RateLimit, SupportState, router};
use tokio::net::TcpListener;
use uuid::Uuid;

/// Nothing that is waited for takes this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) state: SupportState,
    pub(crate) tenant: TenantId,
    pub(crate) client: reqwest::Client,
    jwt: JwtSettings,
}

/// A request for a human as its user knows it.
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) token: String,
}

pub(crate) fn unlimited() -> RateLimit {
    RateLimit {
        max_requests: 0,
        ..RateLimit::default()
    }
}

impl Server {
    /// Without limits on calls.
    pub(crate) async fn start() -> Self {
        Self::start_with(unlimited()).await
    }

    pub(crate) async fn start_with(rate_limit: RateLimit) -> Self {
        Self::over(Desk::builder(MemoryStore::new()).build(), rate_limit).await
    }

    pub(crate) async fn over(desk: Desk, rate_limit: RateLimit) -> Self {
        let jwt = JwtSettings::new("a secret of at least thirty-two bytes").unwrap();
        let settings = HttpSettings {
            rate_limit,
            ..HttpSettings::new(jwt.clone())
        };
        let state = SupportState::new(desk, settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut server = Self {
            address,
            state,
            tenant: TenantId::new(Uuid::nil()),
            client: reqwest::Client::new(),
            jwt,
        };
        server.tenant = server.add_tenant("acme").await;
        server
    }

    pub(crate) async fn add_tenant(&self, slug: &str) -> TenantId {
        let new = NewTenant {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            timezone: "Europe/Berlin".to_owned(),
            domains: vec![format!("{slug}.example")],
            admin: FirstAdmin {
                name: "Ada".to_owned(),
                email: format!("ada@{slug}.example"),
                password: "correct horse".to_owned(),
            },
        };
        let scope = Scope::system(TenantId::new(Uuid::nil()));
        self.desk().create_tenant(&scope, new).await.unwrap().id
    }

    pub(crate) fn desk(&self) -> &Desk {
        self.state.desk()
    }

    pub(crate) fn admin_scope(&self) -> Scope {
        Scope::system(self.tenant)
    }

    /// The tenant's first admin.
    pub(crate) async fn admin(&self, tenant: TenantId) -> Agent {
        let page = PageRequest { number: 1, limit: 10 };
        let filter = AgentFilter::default();
        let found = self.desk().agents(&Scope::system(tenant), &filter, page).await.unwrap();
        found.items.into_iter().find(|agent| agent.role == Role::Admin).unwrap()
    }

    /// A new agent of no department.
    pub(crate) async fn agent(&self, name: &str) -> Agent {
        let new = NewAgent {
            name: name.to_owned(),
            email: format!("{}@acme.example", name.to_lowercase()),
            password: "correct horse".to_owned(),
            role: Role::Agent,
            departments: Vec::new(),
            skills: Vec::new(),
            languages: Vec::new(),
            max_concurrent_tickets: None,
        };
        self.desk().create_agent(&self.admin_scope(), new).await.unwrap()
    }

    pub(crate) fn login(&self, tenant: TenantId, agent: &Agent) -> String {
        let who = Identified::Agent(agent.clone());
        let id = self.desk().ids().uuid();
        self.jwt.issue(tenant, &who, id, self.desk().now()).unwrap().token
    }

    pub(crate) fn as_agent(&self, agent: &Agent) -> Scope {
        Scope::new(self.tenant, Actor::Agent(ActingAgent::from(agent)))
    }

    /// Says something in an agent's name, past the wire.
    pub(crate) async fn note(&self, agent: &Agent, ticket: &Ticket, content: &str) {
        let note = NewMessage {
            is_note: true,
            ..NewMessage::text(content)
        };
        let scope = self.as_agent(agent);
        self.desk().post(&scope, ticket.id, note, Speaker::Own).await.unwrap();
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let mut call = self.client.post(self.url(path)).header("x-tenant", "acme").json(body);
        if let Some(token) = token {
            call = call.bearer_auth(token);
        }
        let answer = call.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Asks for a human.
    pub(crate) async fn ask(&self, session: &str) -> Request {
        let body = json!({ "session_id": session, "initial_message": "Help, please" });
        let (status, made) = self.post("/human-support/request", None, &body).await;
        assert_eq!(status, 201, "{made}");
        Request {
            id: made["request_id"].as_str().unwrap().to_owned(),
            token: made["user_token"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn ticket(&self, secret: &str) -> Ticket {
        let secret = Secret::presented(secret);
        self.desk().ticket_of_secret(self.tenant, &secret).await.unwrap()
    }

    /// Begins a chat; answers its session.
    pub(crate) async fn chat(&self, message: &str) -> (String, String) {
        let (status, chat) = self.post("/api/v1/chat", None, &json!({ "message": message })).await;
        assert_eq!(status, 201, "{chat}");
        let text = |name: &str| chat["data"][name].as_str().unwrap().to_owned();
        (text("sessionId"), text("chatId"))
    }

    /// Says something in the name of a ticket's customer, past the wire.
    pub(crate) async fn say(&self, ticket: &Ticket, content: impl Into<String>) {
        let actor = Actor::Visitor {
            requester: ticket.requester,
            ticket: ticket.id,
        };
        let scope = Scope::new(self.tenant, actor);
        let words = NewMessage::text(content);
        self.desk().post(&scope, ticket.id, words, Speaker::Own).await.unwrap();
    }

    pub(crate) async fn is_online(&self, agent: AgentId) -> bool {
        let presences = self.desk().stores().presence.presences(self.tenant).await.unwrap();
        presences
            .iter()
            .any(|presence| presence.agent == agent && presence.is_online)
    }
}
