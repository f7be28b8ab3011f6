//! What was there before the batch.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::{FromRow, PgConnection, Row, postgres::PgRow};
use support_core::{
    change::{Claim, Receipt, Record, SealedChange},
    model::{AgentId, Contact, DepartmentId, Measures, MessageId, SecretHash, TenantId, Thread, TicketId, WebhookId},
};
use uuid::Uuid;

use super::questions::{ClientId, Questions, claimed_language, client_id, stored_claim, stored_record};
use crate::{
    ALL_TENANTS,
    error::Failure,
    named,
    rows::{Raw, ThreadRow, Time, count, from_json, to_json},
    statements::statements,
};

// Questions are made columns first: row-level security keeps a comparison that works on JSON away from indexes, since
// such a function might tell what it sees.
statements! {
    /// Locks the counters, in one order for all, so that commits to one tenant follow one another.
    COUNTERS = "select tenant_id, last_event, last_ticket from tenant_counters
        where tenant_id = any ($1) order by tenant_id for update";

    TICKETS = "select t.version, t.subject, t.contact_name, t.contact_email, t.contact_phone,
            th.tenant_id, th.ticket_id, th.last_seq, th.last_activity_at, th.last_message_at,
            th.last_message_preview, th.first_response_at, th.first_customer_message_at, th.unread_by_agents,
            th.unread_by_customer, th.read_by_agents, th.read_by_customer, me.measures
        from unnest($1::uuid[], $2::uuid[]) asked (tenant_id, id)
        join tickets t on t.tenant_id = asked.tenant_id and t.id = asked.id
        join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id
        left join ticket_measures me on me.tenant_id = t.tenant_id and me.ticket_id = t.id";

    REQUESTS = "with asked as materialized (
            select place, (value->>0)::uuid as tenant_id, value->>1 as key
            from json_array_elements($1::json) with ordinality element (value, place))
        select asked.place, r.receipt from asked join requests r on r.tenant_id = asked.tenant_id and r.key = asked.key";

    CLIENT_IDS = "with asked as materialized (
            select place, (value->>0)::uuid as tenant_id, (value->>1)::uuid as ticket_id, value->>2 as client_id,
                value->>3 as sender_kind, (value->>4)::uuid as sender_id
            from json_array_elements($1::json) with ordinality element (value, place))
        select asked.place, m.id, m.seq from asked
        join messages m on m.tenant_id = asked.tenant_id and m.ticket_id = asked.ticket_id
            and m.client_id = asked.client_id and m.sender_kind = asked.sender_kind
            and m.sender_id is not distinct from asked.sender_id";

    VERSIONS = "with asked as materialized (
            select place, value->>0 as kind, (value->>1)::uuid as tenant_id, (value->>2)::uuid as id,
                value->>3 as principal_kind
            from json_array_elements($1::json) with ordinality element (value, place))
        select place, version from asked join tenants r on r.tenant_id = asked.tenant_id
            where asked.kind = 'tenant'
        union all select place, version from asked
            join inboxes r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'inbox'
        union all select place, version from asked
            join departments r on r.tenant_id = asked.tenant_id and r.id = asked.id
            where asked.kind = 'department'
        union all select place, version from asked
            join agents r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'agent'
        union all select place, version from asked
            join customers r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'customer'
        union all select place, version from asked
            join accounts r on r.tenant_id = asked.tenant_id and r.principal_kind = asked.principal_kind
                and r.principal_id = asked.id
            where asked.kind = 'account'
        union all select place, version from asked
            join callbacks r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'callback'
        union all select place, version from asked
            join webhooks r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'webhook'
        union all select place, version from asked
            join canned_responses r on r.tenant_id = asked.tenant_id and r.id = asked.id
            where asked.kind = 'canned_response'
        union all select place, version from asked
            join files r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'file'
        union all select place, version from asked
            join articles r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'article'";

    /// Slugs of tenants and domains are looked for in all tenants: they hold for the installation.
    CLAIMS = "with asked as materialized (
            select place, value->>0 as kind, (value->>1)::uuid as tenant_id, value->>2 as name,
                (value->>3)::uuid as inbox_id, (value->>4)::timestamptz as since, value->>5 as language
            from json_array_elements($1::json) with ordinality element (value, place))
        select place from asked join tenants r on r.slug = asked.name where asked.kind = 'tenant_slug'
        union all select place from asked join tenant_domains r on r.domain = asked.name
            where asked.kind = 'domain'
        union all select place from asked
            join departments r on r.tenant_id = asked.tenant_id and r.slug = asked.name
            where asked.kind = 'department_slug'
        union all select place from asked
            join departments r on r.tenant_id = asked.tenant_id and r.name = asked.name
            where asked.kind = 'department_name'
        union all select place from asked
            join accounts r on r.tenant_id = asked.tenant_id and r.email = asked.name
            where asked.kind = 'account_email'
        union all select place from asked
            join customers r on r.tenant_id = asked.tenant_id and r.external_id = asked.name
            where asked.kind = 'external_id'
        union all select place from asked
            join tickets r on r.tenant_id = asked.tenant_id and r.inbox_id = asked.inbox_id
                and r.session = asked.name and r.status in ('open', 'waiting', 'assigned', 'pending')
            where asked.kind = 'session'
        union all select place from asked
            join callbacks r on r.tenant_id = asked.tenant_id and r.number_key = asked.name
                and r.created_at >= asked.since
            where asked.kind = 'contact_number'
        union all select place from asked
            join canned_responses r on r.tenant_id = asked.tenant_id and r.shortcut = asked.name
            where asked.kind = 'shortcut'
        union all select place from asked
            join articles r on r.tenant_id = asked.tenant_id and r.slug = asked.name and r.language = asked.language
            where asked.kind = 'article_slug'";

    /// What the rest of the transaction may see.
    SEE = "select set_config('support.tenants', $1, true)";

    /// Presence is written outside of commits: what is found here stays so until this one is over, and whoever leaves
    /// has to wait for it and then finds what it gave them.
    AGENTS_THERE = "with asked as materialized (
            select place, (value->>0)::uuid as tenant_id, (value->>1)::uuid as id
            from json_array_elements($1::json) with ordinality element (value, place))
        select asked.place, a.availability = 'available' and a.max_concurrent_tickets > (
                select count(*) from tickets t
                where t.tenant_id = a.tenant_id and t.assignee_id = a.id and t.status in ('assigned', 'pending')
            ) as has_room
        from asked join agents a on a.tenant_id = asked.tenant_id and a.id = asked.id
        join presences p on p.tenant_id = a.tenant_id and p.agent_id = a.id
        where a.is_active and a.availability in ('available', 'busy') and p.is_online
        for share of p";

    DEPARTMENTS_IN_USE = "with asked as materialized (
            select place, (value->>0)::uuid as tenant_id, (value->>1)::uuid as id
            from json_array_elements($1::json) with ordinality element (value, place))
        select asked.place from asked cross join lateral (
            select 1 from tickets t where t.tenant_id = asked.tenant_id and t.department_id = asked.id
                and t.status in ('open', 'waiting', 'assigned', 'pending') limit 1) used";

    CURSORS = "with asked as materialized (
            select place, (value->>0)::uuid as tenant_id, (value->>1)::uuid as id
            from json_array_elements($1::json) with ordinality element (value, place))
        select asked.place, r.cursor from asked join webhooks r on r.tenant_id = asked.tenant_id and r.id = asked.id";

    ADMINS_BESIDE = "with asked as materialized (
            select place, (value->>0)::uuid as tenant_id, (value->>1)::uuid as id
            from json_array_elements($1::json) with ordinality element (value, place))
        select asked.place from asked cross join lateral (
            select 1 from agents a where a.tenant_id = asked.tenant_id and a.id <> asked.id
                and a.role = 'admin' and a.is_active limit 1) beside";
}

/// The last numbers a tenant has given out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    pub(super) last_event: u64,
    pub(super) last_ticket: u64,
}

/// A ticket as far as a commit looks at it.
#[derive(Debug)]
pub(super) struct KnownTicket {
    pub(super) version: u64,
    pub(super) subject: String,
    pub(super) contact: Contact,
    pub(super) thread: Thread,
    pub(super) last_activity_at: Time,
    /// None of tickets from before anything was measured.
    pub(super) measures: Option<Measures>,
}

/// What was there before the batch, as far as it asks.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) counters: HashMap<TenantId, Counters>,
    pub(super) tickets: HashMap<(TenantId, TicketId), KnownTicket>,
    pub(super) requests: HashMap<(TenantId, SecretHash), Receipt>,
    pub(super) client_ids: HashMap<ClientId, (MessageId, u64)>,
    pub(super) versions: HashMap<(TenantId, Record), u64>,
    pub(super) taken: HashSet<(TenantId, Claim)>,
    pub(super) with_room: HashSet<(TenantId, AgentId)>,
    pub(super) there: HashSet<(TenantId, AgentId)>,
    pub(super) in_use: HashSet<(TenantId, DepartmentId)>,
    pub(super) cursors: HashMap<(TenantId, WebhookId), u64>,
    /// Agents beside whom there is an admin.
    pub(super) with_others: HashSet<(TenantId, AgentId)>,
}

/// Has the rest of the transaction see these tenants' rows.
pub(super) async fn see(connection: &mut PgConnection, tenants: &str) -> Result<(), Failure> {
    sqlx::query(SEE).bind(tenants).execute(connection).await?;
    Ok(())
}

impl Facts {
    /// Asks what the batch needs to know, after everybody else who writes to its tenants has to wait.
    pub(super) async fn load(connection: &mut PgConnection, batch: &[SealedChange]) -> Result<Self, Failure> {
        let asked = Questions::of(batch);
        let mut facts = Self::default();
        facts.load_counters(connection, &asked).await?;
        facts.load_tickets(connection, &asked).await?;
        facts.load_requests(connection, &asked).await?;
        facts.load_client_ids(connection, &asked).await?;
        facts.load_versions(connection, &asked).await?;
        facts.load_claims(connection, &asked).await?;
        facts.load_agents(connection, &asked).await?;
        facts.load_departments(connection, &asked).await?;
        facts.load_cursors(connection, &asked).await?;
        facts.load_admins(connection, &asked).await?;
        Ok(facts)
    }

    async fn load_counters(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        let tenants: Vec<Uuid> = asked.tenants.iter().map(|tenant| tenant.uuid()).collect();
        for row in sqlx::query(COUNTERS).bind(tenants).fetch_all(connection).await? {
            let tenant: Uuid = row.try_get("tenant_id")?;
            let counters = Counters {
                last_event: count("tenant_counters", row.try_get("last_event")?)?,
                last_ticket: count("tenant_counters", row.try_get("last_ticket")?)?,
            };
            self.counters.insert(tenant.into(), counters);
        }
        Ok(())
    }

    async fn load_tickets(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        if asked.tickets.is_empty() {
            return Ok(());
        }
        let (tenants, tickets): (Vec<Uuid>, Vec<Uuid>) = asked
            .tickets
            .iter()
            .map(|(tenant, ticket)| (tenant.uuid(), ticket.uuid()))
            .unzip();
        let statement = sqlx::query(TICKETS).bind(tenants).bind(tickets);
        for row in statement.fetch_all(connection).await? {
            let version = count("tickets", row.try_get("version")?)?;
            let measures: Option<Raw> = row.try_get("measures")?;
            let measures = measures
                .map(|stored| from_json("ticket_measures", &stored))
                .transpose()?;
            let thread = ThreadRow::from_row(&row)?;
            let key = (thread.tenant_id.into(), thread.ticket_id.into());
            let known = KnownTicket {
                version,
                subject: row.try_get("subject")?,
                contact: Contact {
                    name: row.try_get("contact_name")?,
                    email: row.try_get("contact_email")?,
                    phone: row.try_get("contact_phone")?,
                },
                last_activity_at: thread.last_activity_at,
                thread: thread.into_thread()?,
                measures,
            };
            self.tickets.insert(key, known);
        }
        Ok(())
    }

    async fn load_requests(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        for row in ask(connection, REQUESTS, asked.requests.iter().collect()).await? {
            let Some((tenant, key)) = at_place(&row, &asked.requests)? else {
                continue;
            };
            let receipt = from_json("requests", &row.try_get::<Raw, _>("receipt")?)?;
            self.requests.insert((*tenant, (*key).clone()), receipt);
        }
        Ok(())
    }

    async fn load_client_ids(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        let questions = asked.client_ids.iter().map(|(tenant, message, client_id)| {
            let sender = message.sender;
            (tenant, message.ticket, client_id, sender.kind(), sender.id())
        });
        for row in ask(connection, CLIENT_IDS, questions.collect()).await? {
            let Some((tenant, message, _)) = at_place(&row, &asked.client_ids)? else {
                continue;
            };
            let Some(key) = client_id(*tenant, message) else {
                continue;
            };
            let id: Uuid = row.try_get("id")?;
            let seq = count("messages", row.try_get("seq")?)?;
            self.client_ids.insert(key, (id.into(), seq));
        }
        Ok(())
    }

    async fn load_versions(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        let questions = asked.versions.iter().map(|(tenant, record)| {
            let (kind, id, principal_kind) = stored_record(record);
            (kind, tenant, id, principal_kind)
        });
        for row in ask(connection, VERSIONS, questions.collect()).await? {
            if let Some((tenant, record)) = at_place(&row, &asked.versions)? {
                let version = count("versions", row.try_get("version")?)?;
                self.versions.insert((*tenant, (*record).clone()), version);
            }
        }
        Ok(())
    }

    async fn load_claims(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        if asked.claims.is_empty() {
            return Ok(());
        }
        let questions = asked.claims.iter().map(|(tenant, claim)| {
            let (kind, name, inbox, since) = stored_claim(claim);
            (kind, tenant, name, inbox, since, claimed_language(claim))
        });
        see(connection, ALL_TENANTS).await?;
        let rows = ask(connection, CLAIMS, questions.collect()).await?;
        see(connection, &named(asked.tenants.iter().copied())).await?;
        for row in rows {
            if let Some((tenant, claim)) = at_place(&row, &asked.claims)? {
                self.taken.insert((*tenant, (*claim).clone()));
            }
        }
        Ok(())
    }

    async fn load_agents(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        for row in ask(connection, AGENTS_THERE, asked.room.iter().collect()).await? {
            let agent = at_place(&row, &asked.room)?;
            let has_room: bool = row.try_get("has_room")?;
            self.there.extend(agent);
            self.with_room.extend(agent.filter(|_| has_room));
        }
        Ok(())
    }

    async fn load_departments(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        for row in ask(connection, DEPARTMENTS_IN_USE, asked.use_of.iter().collect()).await? {
            self.in_use.extend(at_place(&row, &asked.use_of)?);
        }
        Ok(())
    }

    async fn load_admins(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        for row in ask(connection, ADMINS_BESIDE, asked.admins.iter().collect()).await? {
            self.with_others.extend(at_place(&row, &asked.admins)?);
        }
        Ok(())
    }

    async fn load_cursors(&mut self, connection: &mut PgConnection, asked: &Questions<'_>) -> Result<(), Failure> {
        for row in ask(connection, CURSORS, asked.cursors.iter().collect()).await? {
            if let Some(key) = at_place(&row, &asked.cursors)? {
                let cursor = count("webhooks", row.try_get("cursor")?)?;
                self.cursors.insert(*key, cursor);
            }
        }
        Ok(())
    }
}

/// Asks one statement all questions of a kind at once; nothing when there is none.
async fn ask<T: Serialize>(
    connection: &mut PgConnection,
    statement: &'static str,
    questions: Vec<T>,
) -> Result<Vec<PgRow>, Failure> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let questions = to_json(&questions)?;
    Ok(sqlx::query(statement)
        .bind(questions.0.get())
        .fetch_all(connection)
        .await?)
}

/// The question that a row answers.
fn at_place<'q, T>(row: &PgRow, questions: &'q [T]) -> Result<Option<&'q T>, Failure> {
    let place: i64 = row.try_get("place")?;
    Ok(usize::try_from(place - 1).ok().and_then(|place| questions.get(place)))
}
