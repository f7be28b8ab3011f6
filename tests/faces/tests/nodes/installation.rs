//! Two nodes and the people on them.

use std::time::Duration;

use serde_json::{Value, json};
use support_faces::{Request, Socket, id_of};
use support_testkit::{Api, Postgres, Redis, Server, Store, eventually};

pub(crate) const SOON: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a long enough password";

/// Two servers on one PostgreSQL database that hear each other through one Redis.
pub(crate) struct Installation {
    pub(crate) near: Server,
    pub(crate) far: Server,
    pub(crate) redis: Redis,
    // Outlives the servers, which are dropped first.
    _postgres: Postgres,
}

/// An agent who may go to either node.
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Installation {
    pub(crate) async fn start() -> Self {
        let redis = Redis::start().await;
        let postgres = Postgres::start().await;
        let database = postgres.database();
        let near = node(Store::Postgres(database.clone()), &redis.url()).await;
        let far = node(Store::Postgres(database), &redis.url()).await;
        let installation = Self {
            near,
            far,
            redis,
            _postgres: postgres,
        };
        installation.is_whole().await;
        installation
    }

    /// Waits until both nodes can work, which they say only when they hear each other.
    pub(crate) async fn is_whole(&self) {
        for node in [&self.near, &self.far] {
            answers(node, 200).await;
        }
    }

    /// Waits until both nodes say that something is missing.
    pub(crate) async fn is_torn(&self) {
        for node in [&self.near, &self.far] {
            answers(node, 503).await;
        }
    }

    pub(crate) async fn agent(&self, name: &str) -> Agent {
        let email = format!("{name}@example.com");
        let body = json!({ "name": name, "email": email, "password": PASSWORD, "role": "agent" });
        let admin = self.near.admin_api().await;
        let made = admin.post("/api/agents", &body).await.expect(201);
        Agent {
            id: id_of(&made, "/data/agent/id"),
            token: self.near.api().token(&email, PASSWORD).await,
        }
    }

    /// A request whose user is on the near node and whose agent is on the far one.
    pub(crate) async fn conversation(&self) -> (Request, Socket, Socket) {
        let mara = self.agent("mara").await;
        let request = Request::open(&self.near.api(), "s", "Hello").await;
        let joined = mara.at(&self.far).post(&request.path("/join"), &json!({})).await;
        joined.expect(200);
        let user = socket(&self.near, &request, &request.token).await;
        let agent = socket(&self.far, &request, &mara.token).await;
        (request, user, agent)
    }
}

impl Agent {
    /// Their client of this node.
    pub(crate) fn at(&self, node: &Server) -> Api {
        node.api().with_token(&self.token)
    }

    /// Says there that they are there and available.
    pub(crate) async fn goes_online(&self, node: &Server) {
        let api = self.at(node);
        let presence = api.post("/api/v1/admin/presence", &json!({ "isOnline": true })).await;
        presence.expect(200);
        let path = format!("/api/agents/{}/status", self.id);
        api.patch(&path, &json!({ "status": "available" })).await.expect(200);
    }
}

/// A node; a token of one is good at all of them.
pub(crate) async fn node(store: Store, redis: &str) -> Server {
    Server::builder()
        .store(store)
        .setting("REDIS_URL", redis)
        .setting("JWT_SECRET", "the same secret of all nodes, long enough")
        .start()
        .await
}

/// Waits until a node is as ready as this.
pub(crate) async fn answers(node: &Server, status: u16) {
    let api = node.api();
    eventually(SOON, || async {
        (api.get("/readyz").await.status == status).then_some(())
    })
    .await;
}

/// Opens a socket of a request and takes its greeting.
async fn socket(node: &Server, request: &Request, token: &str) -> Socket {
    let path = format!("/human-support/ws/{}?token={token}", request.id);
    let mut socket = Socket::open(&node.socket_url(&path)).await;
    socket.next_typed("connected").await;
    socket
}

/// A frame in which somebody says something.
pub(crate) fn saying(text: &str) -> Value {
    json!({ "type": "message", "message": text })
}

/// A frame in which somebody types, or does no longer.
pub(crate) fn typing(is_typing: bool) -> Value {
    json!({ "type": "typing", "is_typing": is_typing })
}

/// The next message with this text; frames before it are given back with it.
pub(crate) async fn until_said(socket: &mut Socket, text: &str) -> Vec<Value> {
    let mut heard = Vec::new();
    loop {
        let frame = socket.next().await;
        let is_last = frame["type"] == "message" && frame["message"] == text;
        heard.push(frame);
        if is_last {
            return heard;
        }
    }
}
