//! Two tenants on a desk in memory, and calls to its faces without a network.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use serde_json::{Value, json};
use support_core::{
    desk::{Desk, FirstAdmin, NewApiKey, NewTenant, Scope},
    memory::MemoryStore,
    model::{ActingAgent, Actor, Agent, ApiScope, Role, Tenant, TenantId},
    testing::ManualClock,
};
use support_http::{HttpSettings, JwtSettings, RateLimit, SupportState, router};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const SECRET: &str = "a secret of at least thirty-two bytes";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What a call was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json
    }

    /// A refusal in the one shape all faces share.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.json["success"], json!(false), "{}", self.text);
        assert_eq!(self.json["error"]["code"], json!(code), "{}", self.text);
        assert!(self.json["error"]["message"].is_string(), "{}", self.text);
    }

    /// The names of the refused fields, in order.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let details = self.json["error"]["details"].as_array();
        details
            .into_iter()
            .flatten()
            .filter_map(|detail| detail["field"].as_str())
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A call in the making.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub(crate) async fn to(self, app: &Router) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let response = app
            .clone()
            .oneshot(request.body(Body::from(self.body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            json: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}

/// Two tenants, `acme` with the domain shop.example and `other`, and all that is needed to call.
pub(crate) struct World {
    pub(crate) app: Router,
    pub(crate) state: SupportState,
    pub(crate) desk: Desk,
    pub(crate) clock: ManualClock,
    pub(crate) store: MemoryStore,
    pub(crate) acme: Tenant,
    pub(crate) other: Tenant,
}

pub(crate) fn settings() -> HttpSettings {
    let mut settings = HttpSettings::new(JwtSettings::new(SECRET).unwrap());
    settings.rate_limit = RateLimit {
        max_requests: 0,
        ..RateLimit::default()
    };
    settings
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: HttpSettings) -> Self {
        let (clock, store) = (ManualClock::default(), MemoryStore::new());
        let key = support_core::model::Secret::presented(SECRET);
        let desk = Desk::builder(store.clone()).clock(clock.clone()).link_key(key).build();
        let acme = tenant(&desk, "acme", &["shop.example"]).await;
        let other = tenant(&desk, "other", &["other.example"]).await;
        let state = SupportState::new(desk.clone(), settings);
        Self {
            app: router(state.clone()),
            state,
            desk,
            clock,
            store,
            acme,
            other,
        }
    }

    /// An agent of acme's, with a token.
    pub(crate) async fn agent(&self, role: Role) -> (Agent, String) {
        self.agent_of(&self.acme, role).await
    }

    pub(crate) async fn agent_of(&self, tenant: &Tenant, role: Role) -> (Agent, String) {
        let email = format!(
            "{}@{}.example",
            Uuid::from_u128(self.desk.ids().uuid().as_u128()),
            tenant.slug
        );
        let new = FirstAdmin {
            name: format!("{role} of {}", tenant.slug),
            email: email.clone(),
            password: PASSWORD.to_owned(),
        };
        let agent = self.desk.create_first_agent(tenant.id, new, role).await.unwrap();
        let token = self.token(tenant.id, &agent);
        (agent, token)
    }

    /// A token as a login would give it, without its cost.
    pub(crate) fn token(&self, tenant: TenantId, agent: &Agent) -> String {
        let who = support_core::desk::Identified::Agent(agent.clone());
        let jwt = JwtSettings::new(SECRET).unwrap();
        jwt.issue(tenant, &who, self.desk.ids().uuid(), self.desk.now())
            .unwrap()
            .token
    }

    /// A customer of acme's, with a token.
    pub(crate) async fn customer(&self) -> String {
        let new = support_core::desk::NewCustomer {
            name: Some("Kim".to_owned()),
            ..Default::default()
        };
        let customer = self
            .desk
            .create_customer(&Scope::system(self.acme.id), new)
            .await
            .unwrap();
        let who = support_core::desk::Identified::Customer(customer);
        let jwt = JwtSettings::new(SECRET).unwrap();
        jwt.issue(self.acme.id, &who, self.desk.ids().uuid(), self.desk.now())
            .unwrap()
            .token
    }

    pub(crate) async fn api_key(&self, scopes: &[ApiScope]) -> String {
        let new = NewApiKey {
            name: "a server".to_owned(),
            scopes: scopes.to_vec(),
        };
        let scope = Scope::system(self.acme.id);
        let (_, secret) = self.desk.create_api_key(&scope, new).await.unwrap();
        secret.reveal().to_owned()
    }

    pub(crate) fn scope(&self, agent: &Agent) -> Scope {
        Scope::new(self.acme.id, Actor::Agent(ActingAgent::from(agent)))
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Call::new("GET", path).token(token)).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        self.call(Call::new(method, path).token(token).json(body)).await
    }

    pub(crate) async fn call(&self, call: Call) -> Answer {
        call.to(&self.app).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.call(Call::new("POST", "/api/auth/login").json(&body)).await
    }
}

async fn tenant(desk: &Desk, slug: &str, domains: &[&str]) -> Tenant {
    let new = NewTenant {
        slug: slug.to_owned(),
        name: slug.to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        domains: domains.iter().map(ToString::to_string).collect(),
        admin: FirstAdmin {
            name: "First".to_owned(),
            email: format!("first@{slug}.example"),
            password: PASSWORD.to_owned(),
        },
    };
    let installation = Scope::system(TenantId::new(Uuid::nil()));
    desk.create_tenant(&installation, new).await.unwrap()
}
