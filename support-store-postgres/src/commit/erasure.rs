//! Forgets people and conversations, after everything else is written.

use serde::Serialize;
use sqlx::PgConnection;
use support_core::model::{Erasure, Requester, TenantId};
use uuid::Uuid;

use super::{
    keys::{PrincipalKey, RecordKey},
    write::write,
};
use crate::{
    error::Failure,
    rows::{ErasureRow, Time, stored_requester},
    statements::statements,
};

statements! {
    MARK_ERASED = "update tickets set erased_at = erased.at
        from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid, at timestamptz)
        where tickets.tenant_id = erased.tenant_id and tickets.id = erased.id";

    FORGET_MESSAGES = "delete from messages where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_CONTEXTS = "delete from visitor_contexts where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    /// All but those of the head, which are written anew.
    FORGET_WORDS = "delete from search_words where seq > 0 and (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_PREVIEWS = "update ticket_threads set last_message_preview = null, unread_by_agents = 0,
            unread_by_customer = 0, read_by_agents = last_seq, read_by_customer = last_seq
        where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_COMMENTS = "update ratings set rating = jsonb_set(rating::jsonb, '{comment}', 'null')::json
        where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_NAMES = "update events set customer_id = null,
            actor = case when actor->>'kind' in ('visitor', 'customer') then '{\"kind\":\"anyone\"}'::jsonb else actor end
        where (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_TOLD_OF_TICKETS = "delete from notifications where ticket_id is not null and (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_OWED_OF_TICKETS = "delete from deliveries where ticket_id is not null and (tenant_id, ticket_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_TOLD_OF_CALLBACKS = "delete from notifications where callback_id is not null and (tenant_id, callback_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_OWED_OF_CALLBACKS = "delete from deliveries where callback_id is not null and (tenant_id, callback_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    PUT_ERASURES = "insert into erasures (tenant_id, requester_kind, requester_id, asked_at)
        select tenant_id, requester_kind, requester_id, asked_at
        from json_populate_recordset(null::erasures, $1::json)
        on conflict (tenant_id, requester_id) do nothing";

    FORGET_CUSTOMERS = "delete from customers where (tenant_id, id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_VISITORS = "delete from visitors where (tenant_id, id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";

    FORGET_ACCOUNTS = "delete from accounts where (tenant_id, principal_kind, principal_id) in
            (select tenant_id, principal_kind, principal_id from json_populate_recordset(null::accounts, $1::json))";

    FORGET_TOLD = "delete from notifications where (tenant_id, recipient_kind, recipient_id) in
            (select tenant_id, principal_kind, principal_id from json_populate_recordset(null::accounts, $1::json))";

    FORGET_SENT = "delete from deliveries where (tenant_id, recipient) in
            (select tenant_id, recipient from json_populate_recordset(null::deliveries, $1::json))";

    FORGET_ERASURES = "delete from erasures where (tenant_id, requester_id) in
            (select tenant_id, id from json_to_recordset($1::json) as erased (tenant_id uuid, id uuid))";
}

/// A ticket that is erased, and when.
#[derive(Debug, Serialize)]
struct ErasedRow {
    tenant_id: Uuid,
    id: Uuid,
    at: Time,
}

/// Where somebody was reached.
#[derive(Debug, Serialize)]
struct AddressRow {
    tenant_id: Uuid,
    recipient: String,
}

/// What a batch forgets.
#[derive(Debug, Default)]
pub(super) struct ErasedRows {
    tickets: Vec<ErasedRow>,
    callbacks: Vec<RecordKey>,
    begun: Vec<ErasureRow>,
    customers: Vec<RecordKey>,
    visitors: Vec<RecordKey>,
    principals: Vec<PrincipalKey>,
    addresses: Vec<AddressRow>,
    ended: Vec<RecordKey>,
}

impl ErasedRows {
    pub(super) fn ticket(&mut self, tenant: TenantId, ticket: Uuid, at: Time) {
        self.tickets.push(ErasedRow {
            tenant_id: tenant.uuid(),
            id: ticket,
            at,
        });
    }

    pub(super) fn callback(&mut self, tenant: TenantId, callback: Uuid) {
        self.callbacks.push(RecordKey::of(tenant, callback));
    }

    pub(super) fn begin(&mut self, tenant: TenantId, erasure: &Erasure) {
        self.begun.push(ErasureRow::of(tenant, erasure));
    }

    pub(super) fn person(&mut self, tenant: TenantId, requester: Requester, addresses: &[String]) {
        let key = || RecordKey::of(tenant, requester.uuid());
        match requester {
            Requester::Customer(_) => {
                let (kind, id) = stored_requester(requester);
                self.customers.push(key());
                self.principals.push(PrincipalKey::of(tenant, kind, id));
            }
            Requester::Visitor(_) => self.visitors.push(key()),
        }
        self.addresses.extend(addresses.iter().map(|address| AddressRow {
            tenant_id: tenant.uuid(),
            recipient: address.clone(),
        }));
        self.ended.push(key());
    }

    pub(super) async fn write(self, connection: &mut PgConnection) -> Result<(), Failure> {
        let Self {
            tickets,
            callbacks,
            begun,
            customers,
            visitors,
            principals,
            addresses,
            ended,
        } = self;
        write(connection, MARK_ERASED, &tickets).await?;
        write(connection, FORGET_MESSAGES, &tickets).await?;
        write(connection, FORGET_CONTEXTS, &tickets).await?;
        write(connection, FORGET_WORDS, &tickets).await?;
        write(connection, FORGET_PREVIEWS, &tickets).await?;
        write(connection, FORGET_COMMENTS, &tickets).await?;
        write(connection, FORGET_NAMES, &tickets).await?;
        write(connection, FORGET_TOLD_OF_TICKETS, &tickets).await?;
        write(connection, FORGET_OWED_OF_TICKETS, &tickets).await?;
        write(connection, FORGET_TOLD_OF_CALLBACKS, &callbacks).await?;
        write(connection, FORGET_OWED_OF_CALLBACKS, &callbacks).await?;
        write(connection, PUT_ERASURES, &begun).await?;
        write(connection, FORGET_CUSTOMERS, &customers).await?;
        write(connection, FORGET_VISITORS, &visitors).await?;
        write(connection, FORGET_ACCOUNTS, &principals).await?;
        write(connection, FORGET_TOLD, &principals).await?;
        write(connection, FORGET_SENT, &addresses).await?;
        write(connection, FORGET_ERASURES, &ended).await?;
        Ok(())
    }
}
