//! What was there before the batch.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use serde::Serialize;
use support_core::{
    change::{Claim, Receipt, Record, SealedChange},
    model::{AgentId, Contact, DepartmentId, Measures, MessageId, SecretHash, TenantId, Thread, TicketId, WebhookId},
};
use uuid::Uuid;

use super::questions::{ClientId, Questions, claimed_language, client_id, stored_claim, stored_record};
use crate::{
    error::Failure,
    query::{FromRow, SqliteRow},
    rows::{Raw, ThreadRow, Time, count, from_json, to_json},
    statements::statements,
};

statements! {
    COUNTERS = "select c.tenant_id, c.last_event, c.last_ticket from json_each(?1) asked
        cross join tenant_counters c on c.tenant_id = unhex(asked.value, '-')";

    TICKETS = "select t.version, t.subject, t.contact_name, t.contact_email, t.contact_phone,
            th.tenant_id, th.ticket_id, th.last_seq, th.last_activity_at, th.last_message_at,
            th.last_message_preview, th.first_response_at, th.first_customer_message_at, th.unread_by_agents,
            th.unread_by_customer, th.read_by_agents, th.read_by_customer, me.measures
        from json_each(?1) asked
        cross join tickets t on t.tenant_id = unhex(asked.value->>0, '-') and t.id = unhex(asked.value->>1, '-')
        cross join ticket_threads th on th.tenant_id = t.tenant_id and th.ticket_id = t.id
        left join ticket_measures me on me.tenant_id = t.tenant_id and me.ticket_id = t.id";

    REQUESTS = "select asked.key as place, r.receipt from json_each(?1) asked
        cross join requests r on r.tenant_id = unhex(asked.value->>0, '-') and r.key = asked.value->>1";

    CLIENT_IDS = "select asked.key as place, m.id, m.seq from json_each(?1) asked
        cross join messages m on m.tenant_id = unhex(asked.value->>0, '-')
            and m.ticket_id = unhex(asked.value->>1, '-') and m.client_id = asked.value->>2
            and m.sender_kind = asked.value->>3 and m.sender_id is unhex(asked.value->>4, '-')";

    VERSIONS = "with asked as materialized (
            select key as place, value->>0 as kind, unhex(value->>1, '-') as tenant_id, unhex(value->>2, '-') as id,
                value->>3 as principal_kind
            from json_each(?1))
        select place, version from asked cross join tenants r on r.tenant_id = asked.tenant_id
            where asked.kind = 'tenant'
        union all select place, version from asked
            cross join inboxes r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'inbox'
        union all select place, version from asked
            cross join departments r on r.tenant_id = asked.tenant_id and r.id = asked.id
            where asked.kind = 'department'
        union all select place, version from asked
            cross join agents r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'agent'
        union all select place, version from asked
            cross join customers r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'customer'
        union all select place, version from asked
            cross join accounts r on r.tenant_id = asked.tenant_id and r.principal_kind = asked.principal_kind
                and r.principal_id = asked.id
            where asked.kind = 'account'
        union all select place, version from asked
            cross join callbacks r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'callback'
        union all select place, version from asked
            cross join webhooks r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'webhook'
        union all select place, version from asked
            cross join canned_responses r on r.tenant_id = asked.tenant_id and r.id = asked.id
            where asked.kind = 'canned_response'
        union all select place, version from asked
            cross join files r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'file'
        union all select place, version from asked
            cross join articles r on r.tenant_id = asked.tenant_id and r.id = asked.id where asked.kind = 'article'";

    /// Slugs of tenants and domains are looked for in all tenants: they hold for the installation.
    CLAIMS = "with asked as materialized (
            select key as place, value->>0 as kind, unhex(value->>1, '-') as tenant_id, value->>2 as name,
                unhex(value->>3, '-') as inbox_id, value->>4 as since, value->>5 as language
            from json_each(?1))
        select place from asked cross join tenants r on r.slug = asked.name where asked.kind = 'tenant_slug'
        union all select place from asked cross join tenant_domains r on r.domain = asked.name
            where asked.kind = 'domain'
        union all select place from asked
            cross join departments r on r.tenant_id = asked.tenant_id and r.slug = asked.name
            where asked.kind = 'department_slug'
        union all select place from asked
            cross join departments r on r.tenant_id = asked.tenant_id and r.name = asked.name
            where asked.kind = 'department_name'
        union all select place from asked
            cross join accounts r on r.tenant_id = asked.tenant_id and r.email = asked.name
            where asked.kind = 'account_email'
        union all select place from asked
            cross join customers r on r.tenant_id = asked.tenant_id and r.external_id = asked.name
            where asked.kind = 'external_id'
        union all select place from asked
            cross join tickets r on r.tenant_id = asked.tenant_id and r.inbox_id = asked.inbox_id
                and r.session = asked.name and r.status in ('open', 'waiting', 'assigned', 'pending')
            where asked.kind = 'session'
        union all select place from asked
            cross join callbacks r on r.tenant_id = asked.tenant_id and r.number_key = asked.name
                and r.created_at >= asked.since
            where asked.kind = 'contact_number'
        union all select place from asked
            cross join canned_responses r on r.tenant_id = asked.tenant_id and r.shortcut = asked.name
            where asked.kind = 'shortcut'
        union all select place from asked
            cross join articles r on r.tenant_id = asked.tenant_id and r.slug = asked.name and r.language = asked.language
            where asked.kind = 'article_slug'";

    AGENTS_THERE = "select asked.key as place, a.availability = 'available' and a.max_concurrent_tickets > (
            select count(*) from tickets t
            where t.tenant_id = a.tenant_id and t.assignee_id = a.id and t.status in ('assigned', 'pending')
        ) as has_room
        from json_each(?1) asked
        cross join agents a on a.tenant_id = unhex(asked.value->>0, '-') and a.id = unhex(asked.value->>1, '-')
        cross join presences p on p.tenant_id = a.tenant_id and p.agent_id = a.id
        where a.is_active and a.availability in ('available', 'busy') and p.is_online";

    DEPARTMENTS_IN_USE = "select asked.key as place from json_each(?1) asked
        where exists (select 1 from tickets t
            where t.tenant_id = unhex(asked.value->>0, '-') and t.department_id = unhex(asked.value->>1, '-')
                and t.status in ('open', 'waiting', 'assigned', 'pending'))";

    CURSORS = "select asked.key as place, r.cursor from json_each(?1) asked
        cross join webhooks r on r.tenant_id = unhex(asked.value->>0, '-') and r.id = unhex(asked.value->>1, '-')";

    ADMINS_BESIDE = "select asked.key as place from json_each(?1) asked
        where exists (select 1 from agents a
            where a.tenant_id = unhex(asked.value->>0, '-') and a.id <> unhex(asked.value->>1, '-')
                and a.role = 'admin' and a.is_active)";
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

impl Facts {
    /// Asks what the batch needs to know. The transaction holds the file's write lock, which
    /// stands for the lock on every tenant's counters.
    pub(super) fn load(connection: &Connection, batch: &[SealedChange]) -> Result<Self, Failure> {
        let asked = Questions::of(batch);
        let mut facts = Self::default();
        facts.load_counters(connection, &asked)?;
        facts.load_tickets(connection, &asked)?;
        facts.load_requests(connection, &asked)?;
        facts.load_client_ids(connection, &asked)?;
        facts.load_versions(connection, &asked)?;
        facts.load_claims(connection, &asked)?;
        facts.load_agents(connection, &asked)?;
        facts.load_departments(connection, &asked)?;
        facts.load_cursors(connection, &asked)?;
        facts.load_admins(connection, &asked)?;
        Ok(facts)
    }

    fn load_counters(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, COUNTERS, asked.tenants.iter(), |row| {
            let tenant: Uuid = row.try_get("tenant_id")?;
            let counters = Counters {
                last_event: count("tenant_counters", row.try_get("last_event")?)?,
                last_ticket: count("tenant_counters", row.try_get("last_ticket")?)?,
            };
            self.counters.insert(tenant.into(), counters);
            Ok(())
        })
    }

    fn load_tickets(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, TICKETS, asked.tickets.iter(), |row| {
            let version = count("tickets", row.try_get("version")?)?;
            let measures: Option<Raw> = row.try_get("measures")?;
            let measures = measures
                .map(|stored| from_json("ticket_measures", &stored))
                .transpose()?;
            let thread = ThreadRow::from_row(row)?;
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
            Ok(())
        })
    }

    fn load_requests(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, REQUESTS, asked.requests.iter(), |row| {
            let Some((tenant, key)) = at_place(row, &asked.requests)? else {
                return Ok(());
            };
            let receipt = from_json("requests", &row.try_get::<String>("receipt")?)?;
            self.requests.insert((*tenant, (*key).clone()), receipt);
            Ok(())
        })
    }

    fn load_client_ids(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        let questions = asked.client_ids.iter().map(|(tenant, message, client_id)| {
            let sender = message.sender;
            (tenant, message.ticket, client_id, sender.kind(), sender.id())
        });
        ask(connection, CLIENT_IDS, questions, |row| {
            let Some((tenant, message, _)) = at_place(row, &asked.client_ids)? else {
                return Ok(());
            };
            let Some(key) = client_id(*tenant, message) else {
                return Ok(());
            };
            let id: Uuid = row.try_get("id")?;
            let seq = count("messages", row.try_get("seq")?)?;
            self.client_ids.insert(key, (id.into(), seq));
            Ok(())
        })
    }

    fn load_versions(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        let questions = asked.versions.iter().map(|(tenant, record)| {
            let (kind, id, principal_kind) = stored_record(record);
            (kind, tenant, id, principal_kind)
        });
        ask(connection, VERSIONS, questions, |row| {
            if let Some((tenant, record)) = at_place(row, &asked.versions)? {
                let version = count("versions", row.try_get("version")?)?;
                self.versions.insert((*tenant, (*record).clone()), version);
            }
            Ok(())
        })
    }

    fn load_claims(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        let questions = asked.claims.iter().map(|(tenant, claim)| {
            let (kind, name, inbox, since) = stored_claim(claim);
            (kind, tenant, name, inbox, since, claimed_language(claim))
        });
        ask(connection, CLAIMS, questions, |row| {
            if let Some((tenant, claim)) = at_place(row, &asked.claims)? {
                self.taken.insert((*tenant, (*claim).clone()));
            }
            Ok(())
        })
    }

    fn load_agents(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, AGENTS_THERE, asked.room.iter(), |row| {
            let agent = at_place(row, &asked.room)?;
            let has_room: bool = row.try_get("has_room")?;
            self.there.extend(agent);
            self.with_room.extend(agent.filter(|_| has_room));
            Ok(())
        })
    }

    fn load_departments(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, DEPARTMENTS_IN_USE, asked.use_of.iter(), |row| {
            self.in_use.extend(at_place(row, &asked.use_of)?);
            Ok(())
        })
    }

    fn load_admins(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, ADMINS_BESIDE, asked.admins.iter(), |row| {
            self.with_others.extend(at_place(row, &asked.admins)?);
            Ok(())
        })
    }

    fn load_cursors(&mut self, connection: &Connection, asked: &Questions<'_>) -> Result<(), Failure> {
        ask(connection, CURSORS, asked.cursors.iter(), |row| {
            if let Some(key) = at_place(row, &asked.cursors)? {
                let cursor = count("webhooks", row.try_get("cursor")?)?;
                self.cursors.insert(*key, cursor);
            }
            Ok(())
        })
    }
}

/// Asks one statement all questions of a kind at once, and nothing when there is none.
fn ask<T: Serialize>(
    connection: &Connection,
    statement: &str,
    questions: impl Iterator<Item = T>,
    mut take: impl FnMut(&SqliteRow<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let questions: Vec<T> = questions.collect();
    if questions.is_empty() {
        return Ok(());
    }
    let questions = to_json(&questions)?;
    let mut statement = connection.prepare_cached(statement)?;
    let mut answers = statement.query((questions,))?;
    while let Some(row) = answers.next()? {
        take(&SqliteRow::of(row))?;
    }
    Ok(())
}

/// The question that a row answers.
fn at_place<'q, T>(row: &SqliteRow<'_>, questions: &'q [T]) -> Result<Option<&'q T>, Failure> {
    let place: i64 = row.try_get("place")?;
    Ok(usize::try_from(place).ok().and_then(|place| questions.get(place)))
}
