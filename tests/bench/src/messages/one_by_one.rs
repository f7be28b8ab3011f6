//! The same rows as the server writes for a message, by a plain program: one transaction each.
//!
//! The tables are the server's own, made and filled with chats by it. A message's number comes from its chat's row, an
//! event's from its tenant's. That last row is what every writer waits for, so it is taken as late, and held as short,
//! as can be.

use std::{sync::mpsc, thread};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, TransactionBehavior, named_params};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions, types::Json};
use support_testkit::{Server, Store};
use tokio::sync::oneshot;
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
    Sqlite(mpsc::Sender<Order>),
    Postgres(PgPool),
}

/// A message for the thread that writes to SQLite.
struct Order {
    chat: Chat,
    at: i64,
    written: oneshot::Sender<rusqlite::Result<()>>,
}

#[derive(Debug, Clone, Copy)]
struct Chat {
    tenant: Uuid,
    ticket: Uuid,
    visitor: Uuid,
}

impl OneByOne {
    /// One connection that writes, on a thread of its own, every commit on the disk.
    pub(super) async fn on_sqlite(plan: &Plan) -> Result<Self, Failure> {
        let maker = make(plan, Store::Sqlite).await?;
        let connection = Connection::open(maker.folder().join("data/support.db"))?;
        connection.execute_batch("pragma synchronous = full; pragma foreign_keys = on; pragma cache_size = -16000")?;
        let chats = connection
            .prepare(CHATS)?
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let (order, orders) = mpsc::channel();
        thread::spawn(move || write_ordered(connection, &orders));
        Self::of(Database::Sqlite(order), chats, maker)
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
            Database::Sqlite(order) => {
                let (written, done) = oneshot::channel();
                let (chat, at) = (self.chat, now.timestamp_millis());
                order.send(Order { chat, at, written })?;
                Ok(done.await??)
            }
            Database::Postgres(pool) => Ok(write_to_postgres(pool, self.chat, now).await?),
        }
    }
}

/// Writes one message after another until nobody has any more.
fn write_ordered(mut connection: Connection, orders: &mpsc::Receiver<Order>) {
    for Order { chat, at, written } in orders {
        // The writer is gone when the measured time is over.
        let _ = written.send(write_to_sqlite(&mut connection, chat, at));
    }
}

/// SQLite takes the statements' `$1` for a name.
fn write_to_sqlite(connection: &mut Connection, chat: Chat, at: i64) -> rusqlite::Result<()> {
    let Chat {
        tenant,
        ticket,
        visitor,
    } = chat;
    let id = Uuid::now_v7();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let thread = named_params! { "$1": tenant, "$2": ticket, "$3": at, "$4": MESSAGE };
    let seq: i64 = transaction
        .prepare_cached(ADVANCE_THREAD)?
        .query_row(thread, |row| row.get(0))?;
    transaction.prepare_cached(ADD_MESSAGE)?.execute(named_params! {
        "$1": tenant, "$2": ticket, "$3": seq, "$4": id, "$5": visitor, "$6": MESSAGE, "$7": unused_id(),
        "$8": json!({}).to_string(), "$9": at,
    })?;
    let place: i64 = transaction
        .prepare_cached(ADVANCE_JOURNAL)?
        .query_row(named_params! { "$1": tenant }, |row| row.get(0))?;
    transaction.prepare_cached(ADD_EVENT)?.execute(named_params! {
        "$1": tenant, "$2": place, "$3": at, "$4": actor(visitor).to_string(), "$5": ticket, "$6": seq,
        "$7": posted(ticket, id).to_string(),
    })?;
    transaction.commit()
}

async fn write_to_postgres(pool: &PgPool, chat: Chat, at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let Chat {
        tenant,
        ticket,
        visitor,
    } = chat;
    let id = Uuid::now_v7();
    let mut transaction = pool.begin().await?;
    let thread = sqlx::query_scalar::<_, i64>(ADVANCE_THREAD).bind(tenant).bind(ticket);
    let thread = thread.bind(at).bind(MESSAGE);
    let seq = thread.fetch_one(&mut *transaction).await?;
    let message = sqlx::query(ADD_MESSAGE).bind(tenant).bind(ticket).bind(seq).bind(id);
    let message = message.bind(visitor).bind(MESSAGE).bind(unused_id());
    let message = message.bind(Json(json!({}))).bind(at);
    message.execute(&mut *transaction).await?;
    let journal = sqlx::query_scalar::<_, i64>(ADVANCE_JOURNAL).bind(tenant);
    let place = journal.fetch_one(&mut *transaction).await?;
    let event = sqlx::query(ADD_EVENT).bind(tenant).bind(place).bind(at);
    let event = event.bind(Json(actor(visitor))).bind(ticket).bind(seq);
    event.bind(Json(posted(ticket, id))).execute(&mut *transaction).await?;
    transaction.commit().await
}

fn actor(visitor: Uuid) -> Value {
    json!({ "kind": "visitor", "id": visitor })
}

fn posted(ticket: Uuid, message: Uuid) -> Value {
    json!({ "kind": "message_posted", "ticket": ticket, "message": message })
}
