//! The same rows as the server writes for a message, by a plain program: one transaction each.
//!
//! The tables are the server's own, made and filled with chats by it. A message's number comes from its chat's row, an
//! event's from its tenant's. That last row is what every writer waits for, so it is taken as late, and held as short,
//! as can be.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{
    PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous},
    types::Json,
};
use support_testkit::{Server, Store};
use uuid::Uuid;

use super::{MESSAGE, posting::unused_id};
use crate::{
    Failure, conversations, http,
    load::{Measured, PATIENCE, Work, drive},
    options::Plan,
    process::Watched,
};

/// Connections to PostgreSQL, as many as the Node peer has.
const CONNECTIONS: u32 = 16;

const CHATS: &str = "select tenant_id, id, requester_id from tickets order by number";

const ADVANCE_THREAD: &str = "update ticket_threads set last_seq = last_seq + 1, last_activity_at = $3,
        last_message_at = $3, last_message_preview = $4,
        first_customer_message_at = coalesce(first_customer_message_at, $3), unread_by_agents = unread_by_agents + 1
    where tenant_id = $1 and ticket_id = $2 returning last_seq";

const ADD_MESSAGE: &str = "insert into messages (tenant_id, ticket_id, seq, id, sender_kind, sender_id,
        requester_kind, sender_name, kind, content, client_id, metadata, created_at)
    values ($1, $2, $3, $4, 'customer', $5, 'visitor', 'A visitor', 'text', $6, $7, $8, $9)";

const ADVANCE_JOURNAL: &str = "update tenant_counters set last_event = last_event + 1
    where tenant_id = $1 returning last_event";

const ADD_EVENT: &str = "insert into events (tenant_id, seq, at, kind, actor, visibility, ticket_id, message_seq, body)
    values ($1, $2, $3, 'message_posted', $4, 'customer', $5, $6, $7)";

/// A database with chats, and the program's connections to it.
pub(super) struct OneByOne {
    database: Database,
    chats: Vec<Chat>,
    /// The server that made the tables; it has stopped, but the file lies in its folder.
    _maker: Server,
}

#[derive(Clone)]
enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Debug, Clone, Copy)]
struct Chat {
    tenant: Uuid,
    ticket: Uuid,
    visitor: Uuid,
}

impl OneByOne {
    /// One connection that writes, every commit on the disk.
    pub(super) async fn on_sqlite(plan: &Plan) -> Result<Self, Failure> {
        let maker = make(plan, Store::Sqlite).await?;
        let options = SqliteConnectOptions::new()
            .filename(maker.folder().join("data/support.db"))
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("cache_size", "-16000");
        let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
        let pool = pool.connect_with(options).await?;
        let chats = sqlx::query_as(CHATS).fetch_all(&pool).await?;
        Self::of(Database::Sqlite(pool), chats, maker)
    }

    /// A pool of connections, each of which may see all tenants.
    pub(super) async fn on_postgres(plan: &Plan, url: String) -> Result<Self, Failure> {
        let maker = make(plan, Store::Postgres(url.clone())).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE);
        let pool = pool.after_connect(|connection, _| {
            Box::pin(async move {
                let see = sqlx::query("select set_config('support.tenants', '*', false)");
                see.execute(connection).await.map(|_| ())
            })
        });
        let pool = pool.connect(&url).await?;
        let chats = sqlx::query_as(CHATS).fetch_all(&pool).await?;
        Self::of(Database::Postgres(pool), chats, maker)
    }

    fn of(database: Database, chats: Vec<(Uuid, Uuid, Uuid)>, maker: Server) -> Result<Self, Failure> {
        if chats.is_empty() {
            return Err("the server made no chats".into());
        }
        let chats = chats.into_iter().map(|(tenant, ticket, visitor)| Chat {
            tenant,
            ticket,
            visitor,
        });
        Ok(Self {
            database,
            chats: chats.collect(),
            _maker: maker,
        })
    }

    pub(super) async fn measure(
        &self,
        plan: &Plan,
        writers: usize,
        postgres: Option<u32>,
    ) -> Result<Measured, Failure> {
        let chats = self.chats.iter().cycle().take(writers);
        let writers = chats.map(|chat| Writer {
            database: self.database.clone(),
            chat: *chat,
        });
        let watched = Watched {
            program: std::process::id(),
            postgres,
        };
        drive(plan, watched, writers.collect()).await
    }
}

/// The tables and as many chats as there are to write to.
async fn make(plan: &Plan, store: Store) -> Result<Server, Failure> {
    let mut server = Server::builder().store(store).start().await;
    conversations::open_chats(http::address(server.base())?, plan.chats).await?;
    server.stop().await;
    Ok(server)
}

struct Writer {
    database: Database,
    chat: Chat,
}

impl Work for Writer {
    async fn once(&mut self) -> Result<(), Failure> {
        let now = Utc::now();
        match &self.database {
            Database::Sqlite(pool) => Ok(write_to_sqlite(pool, self.chat, now.timestamp_millis()).await?),
            Database::Postgres(pool) => Ok(write_to_postgres(pool, self.chat, now).await?),
        }
    }
}

/// The two databases have drivers of different types, but take the same statements.
macro_rules! write_one {
    ($name:ident, $pool:ty, $begin:literal, $time:ty) => {
        async fn $name(pool: &$pool, chat: Chat, at: $time) -> Result<(), sqlx::Error> {
            let Chat {
                tenant,
                ticket,
                visitor,
            } = chat;
            let id = Uuid::now_v7();
            let mut transaction = pool.begin_with($begin).await?;
            let thread = sqlx::query_scalar::<_, i64>(ADVANCE_THREAD)
                .bind(tenant)
                .bind(ticket);
            let thread = thread.bind(at).bind(MESSAGE);
            let seq = thread.fetch_one(&mut *transaction).await?;
            let message = sqlx::query(ADD_MESSAGE)
                .bind(tenant)
                .bind(ticket)
                .bind(seq)
                .bind(id);
            let message = message.bind(visitor).bind(MESSAGE).bind(unused_id());
            let message = message.bind(Json(json!({}))).bind(at);
            message.execute(&mut *transaction).await?;
            let journal = sqlx::query_scalar::<_, i64>(ADVANCE_JOURNAL).bind(tenant);
            let place = journal.fetch_one(&mut *transaction).await?;
            let event = sqlx::query(ADD_EVENT).bind(tenant).bind(place).bind(at);
            let event = event.bind(Json(actor(visitor))).bind(ticket).bind(seq);
            event
                .bind(Json(posted(ticket, id)))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        }
    };
}

write_one!(write_to_sqlite, SqlitePool, "BEGIN IMMEDIATE", i64);
write_one!(write_to_postgres, PgPool, "BEGIN", DateTime<Utc>);

fn actor(visitor: Uuid) -> Value {
    json!({ "kind": "visitor", "id": visitor })
}

fn posted(ticket: Uuid, message: Uuid) -> Value {
    json!({ "kind": "message_posted", "ticket": ticket, "message": message })
}
