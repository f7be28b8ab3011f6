//! Writes what was accepted: a statement a table, however many rows.

use serde::Serialize;
use sqlx::PgConnection;

use super::{
    articles::ArticleRows,
    erasure::ErasedRows,
    keys::{AssignmentRow, CounterRow, CursorRow, PrincipalKey, ReadRow, RecordKey, ResponseRow, TextKey, TokenRow},
    visitors::VisitorRows,
};
use crate::{
    error::Failure,
    rows::{
        AccountRow, AgentRow, ApiKeyRow, CallbackRow, CannedResponseRow, CustomerRow, DeliveryRow, DepartmentRow,
        DomainRow, EventRow, FigureRow, FileRow, InboxRow, LoginGuardRow, MeasuresRow, MessageRow, NotificationRow,
        RatingRow, RequestRow, TenantRow, ThreadRow, TicketRow, VisitorRow, WebhookRow, WordsRow, to_json,
    },
    statements::statements,
};

statements! {
    PUT_TENANTS = "insert into tenants select * from json_populate_recordset(null::tenants, $1::json)
        on conflict (tenant_id) do update set slug = excluded.slug, name = excluded.name, timezone = excluded.timezone,
            settings = excluded.settings, is_active = excluded.is_active, version = excluded.version,
            updated_at = excluded.updated_at
        where tenants.version = excluded.version - 1";

    REMOVE_DOMAINS = "delete from tenant_domains where tenant_id in (select tenant_id from json_populate_recordset(null::tenants, $1::json))";

    ADD_DOMAINS = "insert into tenant_domains select * from json_populate_recordset(null::tenant_domains, $1::json)";

    PUT_INBOXES = "insert into inboxes select * from json_populate_recordset(null::inboxes, $1::json)
        on conflict (tenant_id, id) do update set kind = excluded.kind, name = excluded.name, admin_email = excluded.admin_email,
            allowed_origins = excluded.allowed_origins, is_active = excluded.is_active,
            version = excluded.version, updated_at = excluded.updated_at
        where inboxes.version = excluded.version - 1";

    REMOVE_DEPARTMENTS = "delete from departments where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::departments, $1::json))";

    PUT_DEPARTMENTS = "insert into departments select * from json_populate_recordset(null::departments, $1::json)
        on conflict (tenant_id, id) do update set name = excluded.name, slug = excluded.slug, description = excluded.description,
            email = excluded.email, is_active = excluded.is_active, sort_order = excluded.sort_order,
            version = excluded.version, updated_at = excluded.updated_at, office_hours = excluded.office_hours
        where departments.version = excluded.version - 1";

    PUT_AGENTS = "insert into agents select * from json_populate_recordset(null::agents, $1::json)
        on conflict (tenant_id, id) do update set name = excluded.name, email = excluded.email, role = excluded.role,
            departments = excluded.departments, skills = excluded.skills,
            languages = excluded.languages, max_concurrent_tickets = excluded.max_concurrent_tickets,
            availability = excluded.availability, is_active = excluded.is_active,
            last_login_at = excluded.last_login_at, last_logout_at = excluded.last_logout_at,
            version = excluded.version, updated_at = excluded.updated_at
        where agents.version = excluded.version - 1";

    NOTE_ASSIGNMENTS = "update agents set last_assigned_at = greatest(last_assigned_at, noted.at)
        from (select tenant_id, agent_id, max(at) as at
            from json_to_recordset($1::json) as assignment (tenant_id uuid, agent_id uuid, at timestamptz)
            group by tenant_id, agent_id) noted
        where agents.tenant_id = noted.tenant_id and agents.id = noted.agent_id";

    REMOVE_CUSTOMERS = "delete from customers where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::customers, $1::json))";

    PUT_CUSTOMERS = "insert into customers select * from json_populate_recordset(null::customers, $1::json)
        on conflict (tenant_id, id) do update set external_id = excluded.external_id, name = excluded.name, email = excluded.email,
            phone = excluded.phone, version = excluded.version, updated_at = excluded.updated_at
        where customers.version = excluded.version - 1";

    PUT_VISITORS = "insert into visitors
        select distinct on (tenant_id, id) tenant_id, id, name, email, phone, created_at, updated_at
        from json_populate_recordset(null::visitors, $1::json) with ordinality
        order by tenant_id, id, ordinality desc
        on conflict (tenant_id, id) do update set name = excluded.name, email = excluded.email, phone = excluded.phone,
            updated_at = excluded.updated_at";

    REMOVE_ACCOUNTS = "delete from accounts where (tenant_id, principal_kind, principal_id) in
            (select tenant_id, principal_kind, principal_id from json_populate_recordset(null::accounts, $1::json))";

    PUT_ACCOUNTS = "insert into accounts select * from json_populate_recordset(null::accounts, $1::json)
        on conflict (tenant_id, principal_kind, principal_id) do update set email = excluded.email, password_hash = excluded.password_hash,
            tokens_valid_from = excluded.tokens_valid_from, version = excluded.version
        where accounts.version = excluded.version - 1";

    REMOVE_LOGIN_GUARDS = "delete from login_guards where (tenant_id, email_hash) in
            (select tenant_id, key from json_to_recordset($1::json) as removed (tenant_id uuid, key text))";

    PUT_LOGIN_GUARDS = "insert into login_guards select * from json_populate_recordset(null::login_guards, $1::json)
        on conflict (tenant_id, email_hash) do update set failures = excluded.failures, counted_from = excluded.counted_from,
            locked_until = excluded.locked_until";

    REVOKE_TOKENS = "insert into revoked_tokens
        select tenant_id, token, max(expires_at)
        from json_populate_recordset(null::revoked_tokens, $1::json) group by tenant_id, token
        on conflict (tenant_id, token) do update set expires_at = excluded.expires_at";

    PUT_API_KEYS = "insert into api_keys select * from json_populate_recordset(null::api_keys, $1::json)
        on conflict (tenant_id, id) do update set name = excluded.name, hash = excluded.hash, last_characters = excluded.last_characters,
            scopes = excluded.scopes, revoked_at = excluded.revoked_at";

    OPEN_TICKETS = "insert into tickets select * from json_populate_recordset(null::tickets, $1::json)";

    UPDATE_TICKETS = "update tickets set version = new.version, inbox_id = new.inbox_id, channel = new.channel, source = new.source,
            requester_kind = new.requester_kind, requester_id = new.requester_id,
            contact_name = new.contact_name, contact_email = new.contact_email,
            contact_phone = new.contact_phone, access_hash = new.access_hash, session = new.session,
            subject = new.subject, department_id = new.department_id, priority = new.priority,
            category = new.category, subcategory = new.subcategory, tags = new.tags,
            required_skills = new.required_skills, languages = new.languages,
            status = new.status, assignee_id = new.assignee_id, assigned_at = new.assigned_at,
            resolved_at = new.resolved_at, resolved_by = new.resolved_by,
            resolution_notes = new.resolution_notes, closed_at = new.closed_at,
            closed_by = new.closed_by, escalated_at = new.escalated_at, escalated_by = new.escalated_by,
            escalation_reason = new.escalation_reason, rating = new.rating,
            stars = new.stars, reopened_count = new.reopened_count,
            is_offline = new.is_offline, accept_by = new.accept_by,
            passed_over = new.passed_over, held_for_bot_until = new.held_for_bot_until,
            metadata = new.metadata, updated_at = new.updated_at
        from json_populate_recordset(null::tickets, $1::json) new
        where tickets.tenant_id = new.tenant_id and tickets.id = new.id and tickets.version = new.version - 1";

    /// What every message needs, in one round trip: the commits of a tenant wait for one another.
    APPEND = "with
        posted as (
            insert into messages (tenant_id, ticket_id, seq, id, sender_kind, sender_id, requester_kind, sender_name,
                kind, content, client_id, metadata, attachments, created_at)
            select tenant_id, ticket_id, seq, id, sender_kind, sender_id, requester_kind, sender_name,
                kind, content, client_id, metadata::json, attachments::json, created_at
            from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $57::text[],
                $13::timestamptz[])
                new (tenant_id, ticket_id, seq, id, sender_kind, sender_id, requester_kind, sender_name,
                    kind, content, client_id, metadata, attachments, created_at)),
        threaded as (
            insert into ticket_threads (tenant_id, ticket_id, last_seq, last_activity_at, last_message_at,
                last_message_preview, first_response_at, first_customer_message_at, unread_by_agents,
                unread_by_customer, read_by_agents, read_by_customer)
            select * from unnest($14::uuid[], $15::uuid[], $16::bigint[], $17::timestamptz[], $18::timestamptz[],
                $19::text[], $20::timestamptz[], $21::timestamptz[], $22::bigint[], $23::bigint[], $24::bigint[],
                $25::bigint[])
            on conflict (tenant_id, ticket_id) do update set last_seq = excluded.last_seq,
                last_activity_at = excluded.last_activity_at, last_message_at = excluded.last_message_at,
                last_message_preview = excluded.last_message_preview, first_response_at = excluded.first_response_at,
                first_customer_message_at = excluded.first_customer_message_at,
                unread_by_agents = excluded.unread_by_agents, unread_by_customer = excluded.unread_by_customer,
                read_by_agents = excluded.read_by_agents, read_by_customer = excluded.read_by_customer),
        told as (
            insert into events (tenant_id, seq, at, kind, actor, visibility, ticket_id, customer_id, assignee_id,
                department_id, message_seq, body)
            select tenant_id, seq, at, kind, actor::jsonb, visibility, ticket_id, customer_id, assignee_id,
                department_id, message_seq, body::jsonb
            from unnest($26::uuid[], $27::bigint[], $28::timestamptz[], $29::text[], $30::text[], $31::text[],
                $32::uuid[], $33::uuid[], $34::uuid[], $35::uuid[], $36::bigint[], $37::text[])
                new (tenant_id, seq, at, kind, actor, visibility, ticket_id, customer_id, assignee_id,
                    department_id, message_seq, body)),
        measured as (
            insert into ticket_measures (tenant_id, ticket_id, rings_at, measures)
            select tenant_id, ticket_id, rings_at, measures::json
            from unnest($41::uuid[], $42::uuid[], $43::timestamptz[], $44::text[])
                new (tenant_id, ticket_id, rings_at, measures)
            on conflict (tenant_id, ticket_id) do update set rings_at = excluded.rings_at,
                measures = excluded.measures),
        figured as (
            insert into figures (tenant_id, scope, day, department_id, agent_id, counts, lengths)
            select tenant_id, scope, day, department_id, agent_id, counts::json, lengths::json
            from unnest($45::uuid[], $46::text[], $47::text[], $48::uuid[], $49::uuid[], $50::text[], $51::text[])
                new (tenant_id, scope, day, department_id, agent_id, counts, lengths)
            on conflict (tenant_id, scope, day, department_id, agent_id) do update set counts = excluded.counts,
                lengths = excluded.lengths),
        worded as (
            insert into search_words (tenant_id, ticket_id, seq, place, words)
            select tenant_id, ticket_id, seq, place, array_to_tsvector(string_to_array(words, ' '))
            from unnest($52::uuid[], $53::uuid[], $54::bigint[], $55::bigint[], $56::text[])
                new (tenant_id, ticket_id, seq, place, words)
            on conflict (tenant_id, ticket_id, seq) do update set place = excluded.place, words = excluded.words)
        insert into tenant_counters (tenant_id, last_event, last_ticket)
        select * from unnest($38::uuid[], $39::bigint[], $40::bigint[])
        on conflict (tenant_id) do update set last_event = excluded.last_event, last_ticket = excluded.last_ticket";

    ADD_RATINGS = "insert into ratings select * from json_populate_recordset(null::ratings, $1::json)";

    RECOUNT_FOR_AGENTS = "update ticket_threads set unread_by_agents = (
            select count(*) from messages m
            where m.tenant_id = ticket_threads.tenant_id and m.ticket_id = ticket_threads.ticket_id
                and m.seq > ticket_threads.read_by_agents and m.sender_kind = 'customer' and m.kind <> 'note')
        where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as marked (tenant_id uuid, id uuid))";

    RECOUNT_FOR_CUSTOMER = "update ticket_threads set unread_by_customer = (
            select count(*) from messages m
            where m.tenant_id = ticket_threads.tenant_id and m.ticket_id = ticket_threads.ticket_id
                and m.seq > ticket_threads.read_by_customer and m.sender_kind in ('agent', 'bot') and m.kind <> 'note')
        where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as marked (tenant_id uuid, id uuid))";

    PUT_CALLBACKS = "insert into callbacks select * from json_populate_recordset(null::callbacks, $1::json)
        on conflict (tenant_id, id) do update set contact_number = excluded.contact_number, e164 = excluded.e164,
            number_key = excluded.number_key, employee_id = excluded.employee_id,
            customer_id = excluded.customer_id, ticket_id = excluded.ticket_id, status = excluded.status,
            scheduled_at = excluded.scheduled_at, due_at = excluded.due_at, assignee_id = excluded.assignee_id,
            notes = excluded.notes, contacted_at = excluded.contacted_at, contacted_by = excluded.contacted_by,
            resolved_at = excluded.resolved_at, attempts = excluded.attempts, reminded_at = excluded.reminded_at,
            escalated_at = excluded.escalated_at, metadata = excluded.metadata, version = excluded.version,
            updated_at = excluded.updated_at, overdue_at = excluded.overdue_at
        where callbacks.version = excluded.version - 1";

    PUT_WEBHOOKS = "insert into webhooks select * from json_populate_recordset(null::webhooks, $1::json)
        on conflict (tenant_id, id) do update set url = excluded.url, events = excluded.events, is_active = excluded.is_active,
            secret = excluded.secret, former_secret = excluded.former_secret,
            former_secret_until = excluded.former_secret_until, failing_since = excluded.failing_since,
            disabled_reason = excluded.disabled_reason, version = excluded.version, updated_at = excluded.updated_at
        where webhooks.version = excluded.version - 1";

    ADVANCE_WEBHOOKS = "update webhooks set cursor = advanced.cursor
        from json_to_recordset($1::json) as advanced (tenant_id uuid, id uuid, cursor bigint)
        where webhooks.tenant_id = advanced.tenant_id and webhooks.id = advanced.id";

    REMOVE_WEBHOOKS = "delete from webhooks where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::webhooks, $1::json))";

    REMOVE_OWED_TO_WEBHOOKS = "delete from deliveries
        where (tenant_id, recipient) in
                (select tenant_id, id::text from json_populate_recordset(null::webhooks, $1::json))
            and channel = 'webhook' and status in ('queued', 'failed', 'sending')";

    REMOVE_CANNED_RESPONSES = "delete from canned_responses where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::canned_responses, $1::json))";

    PUT_CANNED_RESPONSES = "insert into canned_responses select * from json_populate_recordset(null::canned_responses, $1::json)
        on conflict (tenant_id, id) do update set shortcut = excluded.shortcut, title = excluded.title,
            content = excluded.content, version = excluded.version, updated_at = excluded.updated_at
        where canned_responses.version = excluded.version - 1";

    REMOVE_FILES = "delete from files where (tenant_id, id) in
            (select tenant_id, id from json_populate_recordset(null::files, $1::json))";

    PUT_FILES = "insert into files select * from json_populate_recordset(null::files, $1::json)
        on conflict (tenant_id, id) do update set ticket_id = excluded.ticket_id, size = excluded.size, width = excluded.width,
            height = excluded.height, state = excluded.state, message_id = excluded.message_id,
            is_note = excluded.is_note, version = excluded.version, thumbnail_size = excluded.thumbnail_size
        where files.version = excluded.version - 1";

    ADD_NOTIFICATIONS = "insert into notifications select * from json_populate_recordset(null::notifications, $1::json)";

    READ_NOTIFICATIONS = "update notifications set read_at = seen.read_at
        from (select tenant_id, id, recipient_kind, recipient_id, min(read_at) as read_at
            from json_populate_recordset(null::notifications, $1::json) group by 1, 2, 3, 4) seen
        where notifications.tenant_id = seen.tenant_id and notifications.id = seen.id
            and notifications.recipient_kind = seen.recipient_kind
            and notifications.recipient_id = seen.recipient_id and notifications.read_at is null";

    /// What is queued under a key is held until the end, so that nobody takes it before they can see
    /// what it is to say; one that was just taken no longer gathers.
    ADD_DELIVERIES = "with
        new as materialized (
            select * from json_populate_recordset(null::deliveries, $1::json)),
        gathering as materialized (
            select d.tenant_id, d.gather_key from deliveries d
            where (d.tenant_id, d.gather_key) in (select tenant_id, gather_key from new where gather_key is not null)
                and d.status = 'queued'
            for share of d)
        insert into deliveries select * from new
        where gather_key is null or not exists (
            select 1 from gathering g where g.tenant_id = new.tenant_id and g.gather_key = new.gather_key)";

    ADD_REQUESTS = "insert into requests select * from json_populate_recordset(null::requests, $1::json)";

    STORE_RESPONSES = "update requests set response_status = answered.status, response_body = answered.body
        from json_to_recordset($1::json) as answered (tenant_id uuid, key text, status bigint, body text)
        where requests.tenant_id = answered.tenant_id and requests.key = answered.key";
}

/// Binds columns of rows as arrays.
macro_rules! columns {
    ($query:ident, $rows:ident, $($column:ident),+) => {
        $query$(.bind($rows.iter().map(|row| row.$column.to_owned()).collect::<Vec<_>>()))+
    };
}

/// Binds a column of JSON as an array of texts.
macro_rules! json_column {
    ($query:ident, $rows:ident, $column:ident) => {
        $query.bind($rows.iter().map(|row| row.$column.0.get()).collect::<Vec<_>>())
    };
}

/// The same where there may be none.
macro_rules! optional_json_column {
    ($query:ident, $rows:ident, $column:ident) => {
        $query.bind(
            $rows
                .iter()
                .map(|row| row.$column.as_ref().map(|value| value.0.get()))
                .collect::<Vec<_>>(),
        )
    };
}

/// All rows of a batch, by what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) tenants: Vec<TenantRow>,
    pub(super) domains: Vec<DomainRow>,
    pub(super) counters: Vec<CounterRow>,
    pub(super) inboxes: Vec<InboxRow>,
    pub(super) removed_departments: Vec<RecordKey>,
    pub(super) departments: Vec<DepartmentRow>,
    pub(super) agents: Vec<AgentRow>,
    pub(super) assignments: Vec<AssignmentRow>,
    pub(super) removed_customers: Vec<RecordKey>,
    pub(super) customers: Vec<CustomerRow>,
    pub(super) visitors: Vec<VisitorRow>,
    pub(super) removed_accounts: Vec<PrincipalKey>,
    pub(super) accounts: Vec<AccountRow>,
    pub(super) removed_login_guards: Vec<TextKey>,
    pub(super) login_guards: Vec<LoginGuardRow>,
    pub(super) revoked_tokens: Vec<TokenRow>,
    pub(super) api_keys: Vec<ApiKeyRow>,
    pub(super) opened_tickets: Vec<TicketRow>,
    pub(super) updated_tickets: Vec<TicketRow>,
    pub(super) threads: Vec<ThreadRow>,
    pub(super) messages: Vec<MessageRow>,
    pub(super) measures: Vec<MeasuresRow>,
    pub(super) figures: Vec<FigureRow>,
    pub(super) ratings: Vec<RatingRow>,
    pub(super) words: Vec<WordsRow>,
    pub(super) recounted_for_agents: Vec<RecordKey>,
    pub(super) recounted_for_customer: Vec<RecordKey>,
    pub(super) callbacks: Vec<CallbackRow>,
    pub(super) webhooks: Vec<WebhookRow>,
    pub(super) cursors: Vec<CursorRow>,
    pub(super) removed_webhooks: Vec<RecordKey>,
    pub(super) removed_canned_responses: Vec<RecordKey>,
    pub(super) canned_responses: Vec<CannedResponseRow>,
    pub(super) removed_files: Vec<RecordKey>,
    pub(super) files: Vec<FileRow>,
    pub(super) articles: ArticleRows,
    pub(super) visits: VisitorRows,
    pub(super) events: Vec<EventRow>,
    pub(super) notifications: Vec<NotificationRow>,
    pub(super) read_notifications: Vec<ReadRow>,
    pub(super) deliveries: Vec<DeliveryRow>,
    pub(super) requests: Vec<RequestRow>,
    pub(super) responses: Vec<ResponseRow>,
    pub(super) erased: ErasedRows,
}

impl Rows {
    /// Writes everything, each row after those it refers to.
    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), Failure> {
        let Self {
            tenants,
            domains,
            counters,
            inboxes,
            removed_departments,
            departments,
            agents,
            assignments,
            removed_customers,
            customers,
            visitors,
            removed_accounts,
            accounts,
            removed_login_guards,
            login_guards,
            revoked_tokens,
            api_keys,
            opened_tickets,
            updated_tickets,
            threads,
            messages,
            measures,
            figures,
            ratings,
            words,
            recounted_for_agents,
            recounted_for_customer,
            callbacks,
            webhooks,
            cursors,
            removed_webhooks,
            removed_canned_responses,
            canned_responses,
            removed_files,
            files,
            articles,
            visits,
            events,
            notifications,
            read_notifications,
            deliveries,
            requests,
            responses,
            erased,
        } = self;
        write_all(connection, PUT_TENANTS, &tenants).await?;
        write(connection, REMOVE_DOMAINS, &tenants).await?;
        write_all(connection, ADD_DOMAINS, &domains).await?;
        write_all(connection, PUT_INBOXES, &inboxes).await?;
        write(connection, REMOVE_DEPARTMENTS, &removed_departments).await?;
        write_all(connection, PUT_DEPARTMENTS, &departments).await?;
        write_all(connection, PUT_AGENTS, &agents).await?;
        write(connection, NOTE_ASSIGNMENTS, &assignments).await?;
        write(connection, REMOVE_CUSTOMERS, &removed_customers).await?;
        write_all(connection, PUT_CUSTOMERS, &customers).await?;
        write(connection, PUT_VISITORS, &visitors).await?;
        write(connection, REMOVE_ACCOUNTS, &removed_accounts).await?;
        write_all(connection, PUT_ACCOUNTS, &accounts).await?;
        write(connection, REMOVE_LOGIN_GUARDS, &removed_login_guards).await?;
        write_all(connection, PUT_LOGIN_GUARDS, &login_guards).await?;
        write(connection, REVOKE_TOKENS, &revoked_tokens).await?;
        write_all(connection, PUT_API_KEYS, &api_keys).await?;
        write_all(connection, OPEN_TICKETS, &opened_tickets).await?;
        write_all(connection, UPDATE_TICKETS, &updated_tickets).await?;
        if !counters.is_empty() || !threads.is_empty() || !measures.is_empty() {
            let append = sqlx::query(APPEND);
            let append = columns!(append, messages, tenant_id, ticket_id, seq, id, sender_kind, sender_id);
            let append = columns!(append, messages, requester_kind, sender_name, kind, content, client_id);
            let append = json_column!(append, messages, metadata);
            let append = columns!(append, messages, created_at);
            let append = columns!(
                append,
                threads,
                tenant_id,
                ticket_id,
                last_seq,
                last_activity_at,
                last_message_at
            );
            let append = columns!(
                append,
                threads,
                last_message_preview,
                first_response_at,
                first_customer_message_at
            );
            let append = columns!(append, threads, unread_by_agents, unread_by_customer);
            let append = columns!(append, threads, read_by_agents, read_by_customer);
            let append = columns!(append, events, tenant_id, seq, at, kind);
            let append = json_column!(append, events, actor);
            let append = columns!(
                append,
                events,
                visibility,
                ticket_id,
                customer_id,
                assignee_id,
                department_id
            );
            let append = columns!(append, events, message_seq);
            let append = json_column!(append, events, body);
            let append = columns!(append, counters, tenant_id, last_event, last_ticket);
            let append = columns!(append, measures, tenant_id, ticket_id, rings_at);
            let append = json_column!(append, measures, measures);
            let append = columns!(append, figures, tenant_id, scope, day, department_id, agent_id);
            let append = json_column!(append, figures, counts);
            let append = json_column!(append, figures, lengths);
            let append = columns!(append, words, tenant_id, ticket_id, seq, place, words);
            let append = optional_json_column!(append, messages, attachments);
            append.execute(&mut *connection).await?;
        }
        write_all(connection, ADD_RATINGS, &ratings).await?;
        write(connection, RECOUNT_FOR_AGENTS, &recounted_for_agents).await?;
        write(connection, RECOUNT_FOR_CUSTOMER, &recounted_for_customer).await?;
        write_all(connection, PUT_CALLBACKS, &callbacks).await?;
        write_all(connection, PUT_WEBHOOKS, &webhooks).await?;
        write(connection, ADVANCE_WEBHOOKS, &cursors).await?;
        write(connection, REMOVE_WEBHOOKS, &removed_webhooks).await?;
        write(connection, REMOVE_OWED_TO_WEBHOOKS, &removed_webhooks).await?;
        write(connection, REMOVE_CANNED_RESPONSES, &removed_canned_responses).await?;
        write_all(connection, PUT_CANNED_RESPONSES, &canned_responses).await?;
        write(connection, REMOVE_FILES, &removed_files).await?;
        write_all(connection, PUT_FILES, &files).await?;
        articles.write(connection).await?;
        visits.write(connection).await?;
        write_all(connection, ADD_NOTIFICATIONS, &notifications).await?;
        write(connection, READ_NOTIFICATIONS, &read_notifications).await?;
        write(connection, ADD_DELIVERIES, &deliveries).await?;
        write_all(connection, ADD_REQUESTS, &requests).await?;
        write(connection, STORE_RESPONSES, &responses).await?;
        erased.write(connection).await
    }
}

/// Writes rows none of which may be passed over: one that is was changed by somebody else
/// between check and write, which can only be a change set that contradicts itself.
pub(super) async fn write_all<T: Serialize>(
    connection: &mut PgConnection,
    statement: &'static str,
    rows: &[T],
) -> Result<(), Failure> {
    let written = write(connection, statement, rows).await?;
    if written == rows.len() as u64 {
        Ok(())
    } else {
        Err(Failure::Concurrent)
    }
}

/// Writes rows with one statement and answers how many it changed.
pub(super) async fn write<T: Serialize>(
    connection: &mut PgConnection,
    statement: &'static str,
    rows: &[T],
) -> Result<u64, Failure> {
    if rows.is_empty() {
        return Ok(0);
    }
    let rows = to_json(rows)?;
    let done = sqlx::query(statement).bind(rows.0.get()).execute(connection).await?;
    Ok(done.rows_affected())
}
