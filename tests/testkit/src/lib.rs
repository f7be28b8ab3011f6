//! What tests and benches of the whole system need: throw-away PostgreSQL and Redis servers, reference servers that
//! can be killed and started again, and a client for their HTTP faces.
//!
//! Everything here panics when it cannot do its work: a test without its peer has failed, never passed.
//!
//! ```no_run
//! # async fn example() {
//! use std::time::Duration;
//! use support_testkit::{Postgres, Server, Store, eventually};
//!
//! let postgres = Postgres::start().await;
//! let mut server = Server::builder()
//!     .store(Store::Postgres(postgres.database()))
//!     .setting("PRESENCE_TIMEOUT_S", "1")
//!     .start()
//!     .await;
//! let admin = server.admin_api().await;
//! let agents = admin.get("/api/agents").await.expect(200);
//!
//! server.kill_9();
//! server.restart().await;
//! eventually(Duration::from_secs(5), || async {
//!     (admin.get("/readyz").await.status == 200).then_some(())
//! })
//! .await;
//! # }
//! ```

mod api;
mod binary;
mod eventually;
mod postgres;
mod redis;
mod server;

pub use api::{Answer, Api};
pub use binary::server as server_binary;
pub use eventually::eventually;
pub use postgres::Postgres;
pub use redis::Redis;
pub use server::{Credentials, Server, ServerBuilder, Store};
