//! A server with people around it.

#![expect(clippy::panic, reason = "without a world there is no test")]

use std::path::Path;

use serde_json::{Value, json};
use support_testkit::{Api, Postgres, Server, Store};

/// The password of everybody whom tests make.
const PASSWORD: &str = "a long enough password";

/// Where a server keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In a file.
    Sqlite,
    /// In a PostgreSQL database.
    Postgres,
}

/// A running server, with an operator and an admin of the tenant `default`.
#[derive(Debug)]
pub struct World {
    server: Server,
    // Outlives the server, which is dropped first; with its database.
    postgres: Option<(Postgres, String)>,
}

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who they are.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their client.
    pub api: Api,
}

/// A tenant beside the first one.
#[derive(Debug, Clone)]
pub struct TenantWorld {
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// Its admin.
    pub admin: Person,
    /// Its visitors' client.
    pub public: Api,
}

/// A visitor's chat.
#[derive(Debug, Clone)]
pub struct Chat {
    /// What the visitor knows it by.
    pub session: String,
    /// What agents know it by.
    pub id: String,
    /// Its number: `TKT-1`.
    pub number: String,
}

/// A chatbot user's request for a human.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// What lets its user in.
    pub token: String,
    /// The user's client, who sends that token.
    pub user: Api,
}

impl World {
    /// A server without rate limits.
    pub async fn start(kind: Kind) -> Self {
        Self::with(kind, &[]).await
    }

    /// A server with these settings.
    pub async fn with(kind: Kind, settings: &[(&str, &str)]) -> Self {
        let postgres = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Postgres::start().await),
        };
        let postgres = postgres.map(|postgres| {
            let database = postgres.database();
            (postgres, database)
        });
        let store = postgres
            .as_ref()
            .map_or(Store::Sqlite, |(_, database)| Store::Postgres(database.clone()));
        let mut builder = Server::builder()
            .store(store)
            .setting("PLATFORM_EMAIL", "operator@example.com")
            .setting("PLATFORM_PASSWORD", PASSWORD);
        for (name, value) in settings {
            builder = builder.setting(name, value);
        }
        Self {
            server: builder.start().await,
            postgres,
        }
    }

    /// The server itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// All that the server keeps, as far as it can be read as text: its database, and the names and
    /// contents of all files in its folder but what it wrote to its outputs.
    pub fn everything_kept(&self) -> String {
        let mut kept = String::new();
        if let Some((postgres, database)) = &self.postgres {
            kept.push_str(&postgres.dump(database));
        }
        read_all(&self.server.folder().join("data"), &mut kept);
        kept
    }

    /// The same, to be stopped and started.
    pub fn server_mut(&mut self) -> &mut Server {
        &mut self.server
    }

    /// A client that nobody knows.
    pub fn public(&self) -> Api {
        self.server.api()
    }

    /// The first tenant's admin.
    pub async fn admin(&self) -> Api {
        self.server.admin_api().await
    }

    /// The platform's operator.
    pub async fn operator(&self) -> Api {
        self.public().login("operator@example.com", PASSWORD).await
    }

    /// A new agent of an admin's tenant, logged in.
    pub async fn agent(&self, admin: &Api, name: &str) -> Person {
        self.agent_with(admin, name, &json!({ "role": "agent" })).await
    }

    /// A new agent with these fields beside name, email and password.
    pub async fn agent_with(&self, admin: &Api, name: &str, fields: &Value) -> Person {
        let email = format!("{name}@example.com");
        let mut body = json!({ "name": name, "email": email, "password": PASSWORD, "role": "agent" });
        if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
            body.extend(fields.clone());
        }
        let made = admin.post("/api/agents", &body).await.expect(201);
        let api = self.public().login(&email, PASSWORD).await;
        Person {
            id: id_of(&made, "/data/agent/id"),
            email,
            password: PASSWORD.to_owned(),
            api,
        }
    }

    /// A new tenant, with the domain `<slug>.example`.
    pub async fn tenant(&self, slug: &str) -> TenantWorld {
        let email = format!("admin@{slug}.example");
        let body = json!({
            "slug": slug, "name": slug, "timezone": "Europe/Berlin", "domains": [format!("{slug}.example")],
            "admin": { "name": "Admin", "email": email, "password": PASSWORD },
        });
        let made = self
            .operator()
            .await
            .post("/api/v1/platform/tenants", &body)
            .await
            .expect(201);
        let api = self.public().login(&email, PASSWORD).await;
        let me = api.get("/api/auth/me").await.expect(200);
        let id = id_of(&me, "/user/id");
        TenantWorld {
            id: id_of(&made, "/data/tenant/id"),
            slug: slug.to_owned(),
            admin: Person {
                id,
                email,
                password: PASSWORD.to_owned(),
                api,
            },
            public: self.public().with_header("X-Tenant", slug),
        }
    }

    /// The address of a path for WebSockets.
    pub fn socket_url(&self, path: &str) -> String {
        self.server.socket_url(path)
    }
}

impl Person {
    /// Says that they are there and available: both are needed to be given anything.
    pub async fn goes_online(&self) {
        self.api
            .post("/api/v1/admin/presence", &json!({ "isOnline": true }))
            .await
            .expect(200);
        self.sets_status("available").await;
    }

    /// Chooses how available they are.
    pub async fn sets_status(&self, status: &str) {
        let path = format!("/api/agents/{}/status", self.id);
        self.api.patch(&path, &json!({ "status": status })).await.expect(200);
    }

    /// Says that they are gone.
    pub async fn goes_offline(&self) {
        self.api
            .post("/api/v1/admin/presence", &json!({ "isOnline": false }))
            .await
            .expect(200);
    }
}

impl Chat {
    /// Opens a chat.
    pub async fn open(api: &Api, message: &str) -> Self {
        Self::open_with(api, &json!({ "message": message })).await
    }

    /// Opens a chat with this body.
    pub async fn open_with(api: &Api, body: &Value) -> Self {
        let opened = api.post("/api/v1/chat", body).await.expect(201);
        Self {
            session: text_of(&opened, "/data/sessionId"),
            id: id_of(&opened, "/data/chatId"),
            number: text_of(&opened, "/data/ticketId"),
        }
    }

    /// The visitor writes.
    pub async fn visitor_says(&self, api: &Api, message: &str) -> Value {
        let body = json!({ "sessionId": self.session, "message": message });
        api.post("/api/v1/chat", &body).await.expect(200)
    }

    /// An agent writes.
    pub async fn agent_says(&self, api: &Api, message: &str) -> Value {
        let body = json!({ "chatId": self.id, "message": message });
        api.post("/api/v1/admin/chat", &body).await.expect(201)
    }

    /// An agent writes what visitors must never see.
    pub async fn agent_notes(&self, api: &Api, message: &str) -> Value {
        let body = json!({ "chatId": self.id, "message": message, "isNote": true });
        api.post("/api/v1/admin/chat", &body).await.expect(201)
    }

    /// An agent changes it.
    pub async fn agent_sets(&self, api: &Api, changes: &Value) -> Value {
        let mut body = json!({ "chatId": self.id });
        if let (Value::Object(body), Value::Object(changes)) = (&mut body, changes) {
            body.extend(changes.clone());
        }
        api.patch("/api/v1/admin/chat", &body).await.expect(200)
    }

    /// What the visitor reads.
    pub async fn read(&self, api: &Api) -> Value {
        let read = api
            .get(&format!("/api/v1/chat?sessionId={}", self.session))
            .await
            .expect(200);
        read.get("data").cloned().unwrap_or_default()
    }

    /// What agents read.
    pub async fn read_as_agent(&self, api: &Api) -> Value {
        let read = api.get(&format!("/api/v1/admin/chat/{}", self.id)).await.expect(200);
        read.get("data").cloned().unwrap_or_default()
    }
}

impl Request {
    /// Asks for a human.
    pub async fn open(api: &Api, session: &str, message: &str) -> Self {
        Self::open_with(api, &json!({ "session_id": session, "initial_message": message })).await
    }

    /// Asks for a human with this body.
    pub async fn open_with(api: &Api, body: &Value) -> Self {
        let made = api.post("/human-support/request", body).await.expect(201);
        let token = text_of(&made, "/user_token");
        Self {
            id: id_of(&made, "/request_id"),
            user: api.with_header("X-Support-Token", &token),
            token,
        }
    }

    /// The address of a call about it.
    pub fn path(&self, call: &str) -> String {
        format!("/human-support/requests/{}{call}", self.id)
    }
}

/// The id that stands there.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn id_of(answer: &Value, pointer: &str) -> String {
    let id = text_of(answer, pointer);
    crate::is_uuid(&Value::String(id.clone()));
    id
}

/// The text that stands there.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn text_of(answer: &Value, pointer: &str) -> String {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("no text at {pointer} in {answer}"))
        .to_owned()
}

fn read_all(folder: &Path, kept: &mut String) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        kept.push_str(&format!("{}\n", path.display()));
        if path.is_dir() {
            read_all(&path, kept);
        } else {
            kept.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()));
        }
    }
}
