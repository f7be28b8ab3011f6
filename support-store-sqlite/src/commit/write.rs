//! Writes what was accepted: a statement a table, however many rows.

use rusqlite::Connection;
use serde::Serialize;

use super::{
    articles::ArticleRows,
    erasure::ErasedRows,
    keys::{AssignmentRow, CounterRow, CursorRow, PrincipalKey, ReadRow, RecordKey, ResponseRow, TextKey, TokenRow},
    visitors::VisitorRows,
};
use crate::{
    error::Failure,
    query::execute,
    rows::{
        AccountRow, AgentRow, ApiKeyRow, CallbackRow, CannedResponseRow, CustomerRow, DeliveryRow, DepartmentRow,
        DomainRow, EventRow, FigureRow, FileRow, InboxRow, LoginGuardRow, MeasuresRow, MessageRow, NotificationRow,
        RatingRow, RequestRow, TenantRow, ThreadRow, TicketRow, VisitorRow, WebhookRow, WordsRow, to_json,
    },
    statements::statements,
};

statements! {
    PUT_TENANTS = "insert into tenants (tenant_id, slug, name, timezone, settings, is_active, version, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), value->>'slug', value->>'name', value->>'timezone',
            value->>'settings', value->>'is_active', value->>'version', value->>'created_at',
            value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id) do update set slug = excluded.slug, name = excluded.name, timezone = excluded.timezone,
            settings = excluded.settings, is_active = excluded.is_active, version = excluded.version,
            updated_at = excluded.updated_at
        where tenants.version = excluded.version - 1";

    REMOVE_DOMAINS = "delete from tenant_domains where tenant_id in
            (select unhex(value->>'tenant_id', '-') from json_each(?1))";

    ADD_DOMAINS = "insert into tenant_domains (tenant_id, domain, position)
        select unhex(value->>'tenant_id', '-'), value->>'domain', value->>'position'
        from json_each(?1)";

    PUT_COUNTERS = "insert into tenant_counters (tenant_id, last_event, last_ticket)
        select unhex(value->>'tenant_id', '-'), value->>'last_event', value->>'last_ticket'
        from json_each(?1) where true
        on conflict (tenant_id) do update set last_event = excluded.last_event, last_ticket = excluded.last_ticket";

    PUT_INBOXES = "insert into inboxes (tenant_id, id, kind, name, admin_email, allowed_origins, is_active, version, created_at,
            updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'kind', value->>'name',
            value->>'admin_email', value->>'allowed_origins', value->>'is_active', value->>'version',
            value->>'created_at', value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set kind = excluded.kind, name = excluded.name, admin_email = excluded.admin_email,
            allowed_origins = excluded.allowed_origins, is_active = excluded.is_active,
            version = excluded.version, updated_at = excluded.updated_at
        where inboxes.version = excluded.version - 1";

    REMOVE_DEPARTMENTS = "delete from departments where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    PUT_DEPARTMENTS = "insert into departments (tenant_id, id, name, slug, description, email, is_active, sort_order, version, created_at,
            updated_at, office_hours)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'name', value->>'slug',
            value->>'description', value->>'email', value->>'is_active', value->>'sort_order',
            value->>'version', value->>'created_at', value->>'updated_at', value->>'office_hours'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set name = excluded.name, slug = excluded.slug, description = excluded.description,
            email = excluded.email, is_active = excluded.is_active, sort_order = excluded.sort_order,
            version = excluded.version, updated_at = excluded.updated_at, office_hours = excluded.office_hours
        where departments.version = excluded.version - 1";

    PUT_AGENTS = "insert into agents (tenant_id, id, name, email, role, departments, skills, languages, max_concurrent_tickets,
            availability, is_active, last_login_at, last_logout_at, version, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'name', value->>'email',
            value->>'role', value->>'departments', value->>'skills', value->>'languages',
            value->>'max_concurrent_tickets', value->>'availability', value->>'is_active',
            value->>'last_login_at', value->>'last_logout_at', value->>'version', value->>'created_at',
            value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set name = excluded.name, email = excluded.email, role = excluded.role,
            departments = excluded.departments, skills = excluded.skills,
            languages = excluded.languages, max_concurrent_tickets = excluded.max_concurrent_tickets,
            availability = excluded.availability, is_active = excluded.is_active,
            last_login_at = excluded.last_login_at, last_logout_at = excluded.last_logout_at,
            version = excluded.version, updated_at = excluded.updated_at
        where agents.version = excluded.version - 1";

    NOTE_ASSIGNMENTS = "update agents set last_assigned_at = max(coalesce(last_assigned_at, 0), noted.at)
        from (select unhex(value->>'tenant_id', '-') as tenant_id, unhex(value->>'agent_id', '-') as agent_id,
            max(value->>'at') as at from json_each(?1) group by 1, 2) noted
        where agents.tenant_id = noted.tenant_id and agents.id = noted.agent_id";

    REMOVE_CUSTOMERS = "delete from customers where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    PUT_CUSTOMERS = "insert into customers (tenant_id, id, external_id, name, email, phone, version, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'external_id',
            value->>'name', value->>'email', value->>'phone', value->>'version', value->>'created_at',
            value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set external_id = excluded.external_id, name = excluded.name, email = excluded.email,
            phone = excluded.phone, version = excluded.version, updated_at = excluded.updated_at
        where customers.version = excluded.version - 1";

    PUT_VISITORS = "insert into visitors (tenant_id, id, name, email, phone, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'name', value->>'email',
            value->>'phone', value->>'created_at', value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set name = excluded.name, email = excluded.email, phone = excluded.phone,
            updated_at = excluded.updated_at";

    REMOVE_ACCOUNTS = "delete from accounts where (tenant_id, principal_kind, principal_id) in
            (select unhex(value->>'tenant_id', '-'), value->>'principal_kind', unhex(value->>'principal_id', '-')
            from json_each(?1))";

    PUT_ACCOUNTS = "insert into accounts (tenant_id, principal_kind, principal_id, email, password_hash, tokens_valid_from, version)
        select unhex(value->>'tenant_id', '-'), value->>'principal_kind',
            unhex(value->>'principal_id', '-'), value->>'email', value->>'password_hash',
            value->>'tokens_valid_from', value->>'version'
        from json_each(?1) where true
        on conflict (tenant_id, principal_kind, principal_id) do update set email = excluded.email, password_hash = excluded.password_hash,
            tokens_valid_from = excluded.tokens_valid_from, version = excluded.version
        where accounts.version = excluded.version - 1";

    REMOVE_LOGIN_GUARDS = "delete from login_guards where (tenant_id, email_hash) in
            (select unhex(value->>'tenant_id', '-'), value->>'key' from json_each(?1))";

    PUT_LOGIN_GUARDS = "insert into login_guards (tenant_id, email_hash, failures, counted_from, locked_until)
        select unhex(value->>'tenant_id', '-'), value->>'email_hash', value->>'failures',
            value->>'counted_from', value->>'locked_until'
        from json_each(?1) where true
        on conflict (tenant_id, email_hash) do update set failures = excluded.failures, counted_from = excluded.counted_from,
            locked_until = excluded.locked_until";

    REVOKE_TOKENS = "insert into revoked_tokens (tenant_id, token, expires_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'token', '-'), value->>'expires_at'
        from json_each(?1) where true
        on conflict (tenant_id, token) do update set expires_at = excluded.expires_at";

    PUT_API_KEYS = "insert into api_keys (tenant_id, id, name, hash, last_characters, scopes, created_at, revoked_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'name', value->>'hash',
            value->>'last_characters', value->>'scopes', value->>'created_at', value->>'revoked_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set name = excluded.name, hash = excluded.hash, last_characters = excluded.last_characters,
            scopes = excluded.scopes, revoked_at = excluded.revoked_at";

    OPEN_TICKETS = "insert into tickets (tenant_id, id, number, version, inbox_id, channel, source, requester_kind, requester_id,
            contact_name, contact_email, contact_phone, access_hash, session, subject, department_id,
            priority, category, subcategory, tags, required_skills, languages, status, assignee_id, assigned_at, resolved_at,
            resolved_by, resolution_notes, closed_at, closed_by, escalated_at, escalated_by,
            escalation_reason, rating, stars, reopened_count, is_offline, accept_by, passed_over,
            held_for_bot_until, metadata, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'number',
            value->>'version', unhex(value->>'inbox_id', '-'), value->>'channel', value->>'source',
            value->>'requester_kind', unhex(value->>'requester_id', '-'), value->>'contact_name',
            value->>'contact_email', value->>'contact_phone', value->>'access_hash', value->>'session',
            value->>'subject', unhex(value->>'department_id', '-'), value->>'priority',
            value->>'category', value->>'subcategory', value->>'tags', value->>'required_skills',
            value->>'languages', value->>'status',
            unhex(value->>'assignee_id', '-'), value->>'assigned_at', value->>'resolved_at',
            unhex(value->>'resolved_by', '-'), value->>'resolution_notes', value->>'closed_at',
            unhex(value->>'closed_by', '-'), value->>'escalated_at', unhex(value->>'escalated_by', '-'),
            value->>'escalation_reason', value->>'rating', value->>'stars', value->>'reopened_count', value->>'is_offline',
            value->>'accept_by', value->>'passed_over', value->>'held_for_bot_until',
            value->>'metadata', value->>'created_at', value->>'updated_at'
        from json_each(?1)";

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
        from (select unhex(value->>'tenant_id', '-') as tenant_id, unhex(value->>'id', '-') as id,
            value->>'version' as version, unhex(value->>'inbox_id', '-') as inbox_id,
            value->>'channel' as channel, value->>'source' as source,
            value->>'requester_kind' as requester_kind,
            unhex(value->>'requester_id', '-') as requester_id, value->>'contact_name' as contact_name,
            value->>'contact_email' as contact_email, value->>'contact_phone' as contact_phone,
            value->>'access_hash' as access_hash, value->>'session' as session,
            value->>'subject' as subject, unhex(value->>'department_id', '-') as department_id,
            value->>'priority' as priority, value->>'category' as category,
            value->>'subcategory' as subcategory, value->>'tags' as tags,
            value->>'required_skills' as required_skills, value->>'languages' as languages,
            value->>'status' as status,
            unhex(value->>'assignee_id', '-') as assignee_id, value->>'assigned_at' as assigned_at,
            value->>'resolved_at' as resolved_at, unhex(value->>'resolved_by', '-') as resolved_by,
            value->>'resolution_notes' as resolution_notes, value->>'closed_at' as closed_at,
            unhex(value->>'closed_by', '-') as closed_by, value->>'escalated_at' as escalated_at,
            unhex(value->>'escalated_by', '-') as escalated_by,
            value->>'escalation_reason' as escalation_reason, value->>'rating' as rating,
            value->>'stars' as stars,
            value->>'reopened_count' as reopened_count, value->>'is_offline' as is_offline,
            value->>'accept_by' as accept_by, value->>'passed_over' as passed_over,
            value->>'held_for_bot_until' as held_for_bot_until,
            value->>'metadata' as metadata, value->>'updated_at' as updated_at
            from json_each(?1)) new
        where tickets.tenant_id = new.tenant_id and tickets.id = new.id and tickets.version = new.version - 1";

    PUT_THREADS = "insert into ticket_threads (tenant_id, ticket_id, last_seq, last_activity_at, last_message_at, last_message_preview,
            first_response_at, first_customer_message_at, unread_by_agents, unread_by_customer,
            read_by_agents, read_by_customer)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'ticket_id', '-'), value->>'last_seq',
            value->>'last_activity_at', value->>'last_message_at', value->>'last_message_preview',
            value->>'first_response_at', value->>'first_customer_message_at',
            value->>'unread_by_agents', value->>'unread_by_customer', value->>'read_by_agents',
            value->>'read_by_customer'
        from json_each(?1) where true
        on conflict (tenant_id, ticket_id) do update set last_seq = excluded.last_seq, last_activity_at = excluded.last_activity_at,
            last_message_at = excluded.last_message_at,
            last_message_preview = excluded.last_message_preview,
            first_response_at = excluded.first_response_at,
            first_customer_message_at = excluded.first_customer_message_at,
            unread_by_agents = excluded.unread_by_agents,
            unread_by_customer = excluded.unread_by_customer, read_by_agents = excluded.read_by_agents,
            read_by_customer = excluded.read_by_customer";

    ADD_MESSAGES = "insert into messages (tenant_id, ticket_id, seq, id, sender_kind, sender_id, requester_kind, sender_name, kind,
            content, client_id, metadata, attachments, created_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'ticket_id', '-'), value->>'seq',
            unhex(value->>'id', '-'), value->>'sender_kind', unhex(value->>'sender_id', '-'),
            value->>'requester_kind', value->>'sender_name', value->>'kind', value->>'content',
            value->>'client_id', value->>'metadata', value->>'attachments', value->>'created_at'
        from json_each(?1)";

    PUT_MEASURES = "insert into ticket_measures (tenant_id, ticket_id, rings_at, measures)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'ticket_id', '-'), value->>'rings_at', value->>'measures'
        from json_each(?1) where true
        on conflict (tenant_id, ticket_id) do update set rings_at = excluded.rings_at, measures = excluded.measures";

    PUT_FIGURES = "insert into figures (tenant_id, scope, day, department_id, agent_id, counts, lengths)
        select unhex(value->>'tenant_id', '-'), value->>'scope', value->>'day',
            unhex(value->>'department_id', '-'), unhex(value->>'agent_id', '-'), value->>'counts', value->>'lengths'
        from json_each(?1) where true
        on conflict (tenant_id, scope, day, department_id, agent_id) do update set counts = excluded.counts,
            lengths = excluded.lengths";

    ADD_RATINGS = "insert into ratings (tenant_id, ticket_id, resolution, rating)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'ticket_id', '-'), value->>'resolution', value->>'rating'
        from json_each(?1)";

    /// The words of a head that is written anew.
    REMOVE_WORDS = "delete from search_words where rowid in (
            select e.entry from json_each(?1) new
            cross join search_entries e on e.tenant_id = unhex(new.value->>'tenant_id', '-')
                and e.ticket_id = unhex(new.value->>'ticket_id', '-') and e.seq = new.value->>'seq')";

    PUT_ENTRIES = "insert or replace into search_entries (tenant_id, ticket_id, seq)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'ticket_id', '-'), value->>'seq'
        from json_each(?1)";

    ADD_WORDS = "insert into search_words (rowid, words)
        select e.entry, new.value->>'words'
        from json_each(?1) new
        cross join search_entries e on e.tenant_id = unhex(new.value->>'tenant_id', '-')
            and e.ticket_id = unhex(new.value->>'ticket_id', '-') and e.seq = new.value->>'seq'";

    RECOUNT_FOR_AGENTS = "update ticket_threads set unread_by_agents = (
            select count(*) from messages m
            where m.tenant_id = ticket_threads.tenant_id and m.ticket_id = ticket_threads.ticket_id
                and m.seq > ticket_threads.read_by_agents and m.sender_kind = 'customer' and m.kind <> 'note')
        where (tenant_id, ticket_id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    RECOUNT_FOR_CUSTOMER = "update ticket_threads set unread_by_customer = (
            select count(*) from messages m
            where m.tenant_id = ticket_threads.tenant_id and m.ticket_id = ticket_threads.ticket_id
                and m.seq > ticket_threads.read_by_customer and m.sender_kind in ('agent', 'bot') and m.kind <> 'note')
        where (tenant_id, ticket_id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    PUT_CALLBACKS = "insert into callbacks (tenant_id, id, contact_number, e164, number_key, employee_id, customer_id, ticket_id, status,
            scheduled_at, due_at, assignee_id, notes, contacted_at, contacted_by, resolved_at, attempts,
            reminded_at, escalated_at, metadata, version, created_at, updated_at, overdue_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'contact_number', value->>'e164',
            value->>'number_key', value->>'employee_id', unhex(value->>'customer_id', '-'),
            unhex(value->>'ticket_id', '-'), value->>'status', value->>'scheduled_at', value->>'due_at',
            unhex(value->>'assignee_id', '-'), value->>'notes', value->>'contacted_at',
            unhex(value->>'contacted_by', '-'), value->>'resolved_at', value->>'attempts', value->>'reminded_at',
            value->>'escalated_at', value->>'metadata', value->>'version', value->>'created_at',
            value->>'updated_at', value->>'overdue_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set contact_number = excluded.contact_number, e164 = excluded.e164,
            number_key = excluded.number_key, employee_id = excluded.employee_id,
            customer_id = excluded.customer_id, ticket_id = excluded.ticket_id, status = excluded.status,
            scheduled_at = excluded.scheduled_at, due_at = excluded.due_at, assignee_id = excluded.assignee_id,
            notes = excluded.notes, contacted_at = excluded.contacted_at, contacted_by = excluded.contacted_by,
            resolved_at = excluded.resolved_at, attempts = excluded.attempts, reminded_at = excluded.reminded_at,
            escalated_at = excluded.escalated_at, metadata = excluded.metadata, version = excluded.version,
            updated_at = excluded.updated_at, overdue_at = excluded.overdue_at
        where callbacks.version = excluded.version - 1";

    PUT_WEBHOOKS = "insert into webhooks (tenant_id, id, url, events, is_active, secret, former_secret, former_secret_until, failing_since,
            disabled_reason, cursor, version, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'url', value->>'events',
            value->>'is_active', value->>'secret', value->>'former_secret', value->>'former_secret_until',
            value->>'failing_since', value->>'disabled_reason', value->>'cursor', value->>'version',
            value->>'created_at', value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set url = excluded.url, events = excluded.events, is_active = excluded.is_active,
            secret = excluded.secret, former_secret = excluded.former_secret,
            former_secret_until = excluded.former_secret_until, failing_since = excluded.failing_since,
            disabled_reason = excluded.disabled_reason, version = excluded.version, updated_at = excluded.updated_at
        where webhooks.version = excluded.version - 1";

    ADVANCE_WEBHOOKS = "update webhooks set cursor = advanced.cursor
        from (select unhex(value->>'tenant_id', '-') as tenant_id, unhex(value->>'id', '-') as id,
            value->>'cursor' as cursor from json_each(?1)) advanced
        where webhooks.tenant_id = advanced.tenant_id and webhooks.id = advanced.id";

    REMOVE_WEBHOOKS = "delete from webhooks where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    REMOVE_OWED_TO_WEBHOOKS = "delete from deliveries
        where (tenant_id, recipient) in
                (select unhex(value->>'tenant_id', '-'), value->>'id' from json_each(?1))
            and channel = 'webhook' and status in ('queued', 'failed', 'sending')";

    REMOVE_CANNED_RESPONSES = "delete from canned_responses where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    PUT_CANNED_RESPONSES = "insert into canned_responses (tenant_id, id, shortcut, title, content, version, created_at, updated_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'shortcut', value->>'title',
            value->>'content', value->>'version', value->>'created_at', value->>'updated_at'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set shortcut = excluded.shortcut, title = excluded.title,
            content = excluded.content, version = excluded.version, updated_at = excluded.updated_at
        where canned_responses.version = excluded.version - 1";

    REMOVE_FILES = "delete from files where (tenant_id, id) in
            (select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-') from json_each(?1))";

    PUT_FILES = "insert into files (tenant_id, id, ticket_id, uploader, name, kind, size, width, height, key, state, message_id,
            is_note, version, created_at, thumbnail_size)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), unhex(value->>'ticket_id', '-'),
            value->>'uploader', value->>'name', value->>'kind', value->>'size', value->>'width', value->>'height',
            value->>'key', value->>'state', unhex(value->>'message_id', '-'), value->>'is_note', value->>'version',
            value->>'created_at', value->>'thumbnail_size'
        from json_each(?1) where true
        on conflict (tenant_id, id) do update set ticket_id = excluded.ticket_id, size = excluded.size, width = excluded.width,
            height = excluded.height, state = excluded.state, message_id = excluded.message_id,
            is_note = excluded.is_note, version = excluded.version, thumbnail_size = excluded.thumbnail_size
        where files.version = excluded.version - 1";

    ADD_EVENTS = "insert into events (tenant_id, seq, at, kind, actor, visibility, ticket_id, customer_id, assignee_id,
            department_id, message_seq, body)
        select unhex(value->>'tenant_id', '-'), value->>'seq', value->>'at', value->>'kind',
            value->>'actor', value->>'visibility', unhex(value->>'ticket_id', '-'),
            unhex(value->>'customer_id', '-'), unhex(value->>'assignee_id', '-'),
            unhex(value->>'department_id', '-'), value->>'message_seq', value->>'body'
        from json_each(?1)";

    ADD_NOTIFICATIONS = "insert into notifications (tenant_id, id, recipient_kind, recipient_id, kind, title, message, priority, ticket_id,
            callback_id, created_at, read_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'recipient_kind',
            unhex(value->>'recipient_id', '-'), value->>'kind', value->>'title', value->>'message',
            value->>'priority', unhex(value->>'ticket_id', '-'), unhex(value->>'callback_id', '-'),
            value->>'created_at', value->>'read_at'
        from json_each(?1)";

    READ_NOTIFICATIONS = "update notifications set read_at = seen.read_at
        from (select unhex(value->>'tenant_id', '-') as tenant_id, unhex(value->>'id', '-') as id,
            value->>'recipient_kind' as recipient_kind, unhex(value->>'recipient_id', '-') as recipient_id,
            min(value->>'read_at') as read_at
            from json_each(?1) group by 1, 2, 3, 4) seen
        where notifications.tenant_id = seen.tenant_id and notifications.id = seen.id
            and notifications.recipient_kind = seen.recipient_kind
            and notifications.recipient_id = seen.recipient_id and notifications.read_at is null";

    /// What is queued under a key says the same under that key too.
    ADD_DELIVERIES = "insert into deliveries (tenant_id, id, channel, recipient, ticket_id, callback_id, gather_key, notice, status, attempts,
            last_error, next_attempt_at, sent_at, provider_id, created_at)
        select unhex(value->>'tenant_id', '-'), unhex(value->>'id', '-'), value->>'channel', value->>'recipient',
            unhex(value->>'ticket_id', '-'), unhex(value->>'callback_id', '-'), value->>'gather_key',
            value->>'notice', value->>'status', value->>'attempts', value->>'last_error', value->>'next_attempt_at',
            value->>'sent_at', value->>'provider_id', value->>'created_at'
        from json_each(?1) new
        where value->>'gather_key' is null or not exists (
            select 1 from deliveries d
            where d.tenant_id = unhex(new.value->>'tenant_id', '-') and d.gather_key = new.value->>'gather_key'
                and d.status = 'queued')";

    ADD_REQUESTS = "insert into requests (tenant_id, key, fingerprint, receipt, response_status, response_body, created_at)
        select unhex(value->>'tenant_id', '-'), value->>'key', value->>'fingerprint', value->>'receipt',
            value->>'response_status', value->>'response_body', value->>'created_at'
        from json_each(?1)";

    STORE_RESPONSES = "update requests set response_status = answered.status, response_body = answered.body
        from (select unhex(value->>'tenant_id', '-') as tenant_id, value->>'key' as key, value->>'status' as status,
            value->>'body' as body from json_each(?1)) answered
        where requests.tenant_id = answered.tenant_id and requests.key = answered.key";
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
    pub(super) fn write(self, connection: &Connection) -> Result<(), Failure> {
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
        write_all(connection, PUT_TENANTS, &tenants)?;
        write(connection, REMOVE_DOMAINS, &tenants)?;
        write_all(connection, ADD_DOMAINS, &domains)?;
        write_all(connection, PUT_COUNTERS, &counters)?;
        write_all(connection, PUT_INBOXES, &inboxes)?;
        write(connection, REMOVE_DEPARTMENTS, &removed_departments)?;
        write_all(connection, PUT_DEPARTMENTS, &departments)?;
        write_all(connection, PUT_AGENTS, &agents)?;
        write(connection, NOTE_ASSIGNMENTS, &assignments)?;
        write(connection, REMOVE_CUSTOMERS, &removed_customers)?;
        write_all(connection, PUT_CUSTOMERS, &customers)?;
        write_all(connection, PUT_VISITORS, &visitors)?;
        write(connection, REMOVE_ACCOUNTS, &removed_accounts)?;
        write_all(connection, PUT_ACCOUNTS, &accounts)?;
        write(connection, REMOVE_LOGIN_GUARDS, &removed_login_guards)?;
        write_all(connection, PUT_LOGIN_GUARDS, &login_guards)?;
        write_all(connection, REVOKE_TOKENS, &revoked_tokens)?;
        write_all(connection, PUT_API_KEYS, &api_keys)?;
        write_all(connection, OPEN_TICKETS, &opened_tickets)?;
        write_all(connection, UPDATE_TICKETS, &updated_tickets)?;
        write_all(connection, PUT_THREADS, &threads)?;
        write_all(connection, ADD_MESSAGES, &messages)?;
        write_all(connection, PUT_MEASURES, &measures)?;
        write_all(connection, PUT_FIGURES, &figures)?;
        write_all(connection, ADD_RATINGS, &ratings)?;
        write(connection, REMOVE_WORDS, &words)?;
        write(connection, PUT_ENTRIES, &words)?;
        write(connection, ADD_WORDS, &words)?;
        write(connection, RECOUNT_FOR_AGENTS, &recounted_for_agents)?;
        write(connection, RECOUNT_FOR_CUSTOMER, &recounted_for_customer)?;
        write_all(connection, PUT_CALLBACKS, &callbacks)?;
        write_all(connection, PUT_WEBHOOKS, &webhooks)?;
        write(connection, ADVANCE_WEBHOOKS, &cursors)?;
        write(connection, REMOVE_WEBHOOKS, &removed_webhooks)?;
        write(connection, REMOVE_OWED_TO_WEBHOOKS, &removed_webhooks)?;
        write(connection, REMOVE_CANNED_RESPONSES, &removed_canned_responses)?;
        write_all(connection, PUT_CANNED_RESPONSES, &canned_responses)?;
        write(connection, REMOVE_FILES, &removed_files)?;
        write_all(connection, PUT_FILES, &files)?;
        articles.write(connection)?;
        visits.write(connection)?;
        write_all(connection, ADD_EVENTS, &events)?;
        write_all(connection, ADD_NOTIFICATIONS, &notifications)?;
        write(connection, READ_NOTIFICATIONS, &read_notifications)?;
        write(connection, ADD_DELIVERIES, &deliveries)?;
        write_all(connection, ADD_REQUESTS, &requests)?;
        write(connection, STORE_RESPONSES, &responses)?;
        erased.write(connection)
    }
}

/// Writes rows none of which may be passed over: one that is was changed by somebody else
/// between check and write, which can only be a change set that contradicts itself.
pub(super) fn write_all<T: Serialize>(connection: &Connection, statement: &str, rows: &[T]) -> Result<(), Failure> {
    let written = write(connection, statement, rows)?;
    if written == rows.len() {
        Ok(())
    } else {
        Err(Failure::Concurrent)
    }
}

/// Writes rows with one statement and answers how many it changed.
pub(super) fn write<T: Serialize>(connection: &Connection, statement: &str, rows: &[T]) -> Result<usize, Failure> {
    if rows.is_empty() {
        return Ok(0);
    }
    let rows = to_json(rows)?;
    Ok(execute(connection, statement, (rows,))?)
}
