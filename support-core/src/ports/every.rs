//! All storage ports in one table, for what passes every call on to another store.

/// Calls the macro `$with` once for each storage port, with the port's name and all its methods:
/// their arguments (after `&self`) and what they answer when the store can be asked.
///
/// It is how decorators over a whole [`Store`](crate::ports::Store) are written without naming
/// every method: `Arc` passes the ports through with it, so `Arc<dyn Store>` is a store, and so
/// does `FaultyStore` (feature `testing`). [`CommitStore::lanes`](crate::ports::CommitStore::lanes),
/// which asks nobody, is not in it.
#[macro_export]
macro_rules! for_every_storage_port {
    ($with:ident) => {
        $with! { CommitStore {
            commit(batch: &[$crate::change::SealedChange]) -> Vec<$crate::change::Outcome>;
        } }
        $with! { TenantReads {
            tenant(tenant: $crate::model::TenantId) -> Option<$crate::model::Tenant>;
            tenant_by_slug(slug: &str) -> Option<$crate::model::Tenant>;
            tenant_by_domain(domain: &str) -> Option<$crate::model::Tenant>;
            tenants(
                order: $crate::ports::RecordOrder,
                page: $crate::ports::PageRequest,
            ) -> $crate::ports::Page<$crate::model::Tenant>;
            only_tenant() -> Option<$crate::model::Tenant>;
            tenant_of_inbox(inbox: $crate::model::InboxId) -> Option<$crate::model::Tenant>;
            tenants_by_messenger_page(page: &str) -> Vec<$crate::model::Tenant>;
        } }
        $with! { InboxReads {
            inbox(
                tenant: $crate::model::TenantId,
                inbox: $crate::model::InboxId,
            ) -> Option<$crate::model::Inbox>;
            inboxes(tenant: $crate::model::TenantId) -> Vec<$crate::model::Inbox>;
        } }
        $with! { DepartmentReads {
            department(
                tenant: $crate::model::TenantId,
                department: $crate::model::DepartmentId,
            ) -> Option<$crate::model::Department>;
            departments(tenant: $crate::model::TenantId) -> Vec<$crate::model::Department>;
        } }
        $with! { PeopleReads {
            agent(
                tenant: $crate::model::TenantId,
                agent: $crate::model::AgentId,
            ) -> Option<$crate::model::Agent>;
            agents_by_id(
                tenant: $crate::model::TenantId,
                agents: &[$crate::model::AgentId],
            ) -> Vec<$crate::model::Agent>;
            agents(
                tenant: $crate::model::TenantId,
                filter: &$crate::ports::AgentFilter,
                page: $crate::ports::PageRequest,
            ) -> $crate::ports::Page<$crate::model::Agent>;
            customer(
                tenant: $crate::model::TenantId,
                customer: $crate::model::CustomerId,
            ) -> Option<$crate::model::Customer>;
            customer_by_external_id(
                tenant: $crate::model::TenantId,
                external_id: &str,
            ) -> Option<$crate::model::Customer>;
            customers(
                tenant: $crate::model::TenantId,
                filter: &$crate::ports::CustomerFilter,
                page: $crate::ports::PageRequest,
            ) -> $crate::ports::Page<$crate::model::Customer>;
            visitor(
                tenant: $crate::model::TenantId,
                visitor: $crate::model::VisitorId,
            ) -> Option<$crate::model::Visitor>;
            visitor_context(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
            ) -> Option<$crate::model::VisitorContext>;
            blocks(tenant: $crate::model::TenantId) -> Vec<$crate::model::Block>;
        } }
        $with! { AccountReads {
            account(
                tenant: $crate::model::TenantId,
                principal: $crate::model::Principal,
            ) -> Option<$crate::model::Account>;
            account_by_email(
                tenant: $crate::model::TenantId,
                email: &str,
            ) -> Option<$crate::model::Account>;
            tenants_with_account(email: &str) -> Vec<$crate::model::TenantId>;
            login_guard(
                tenant: $crate::model::TenantId,
                email_hash: &$crate::model::SecretHash,
            ) -> Option<$crate::model::LoginGuard>;
            is_token_revoked(tenant: $crate::model::TenantId, token: uuid::Uuid) -> bool;
            api_key_by_hash(
                hash: &$crate::model::SecretHash,
            ) -> Option<($crate::model::TenantId, $crate::model::ApiKey)>;
            api_keys(tenant: $crate::model::TenantId) -> Vec<$crate::model::ApiKey>;
        } }
        $with! { TicketReads {
            ticket(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
            ) -> Option<$crate::model::Ticket>;
            ticket_by_number(tenant: $crate::model::TenantId, number: u64) -> Option<$crate::model::Ticket>;
            ticket_by_access(
                tenant: $crate::model::TenantId,
                access: &$crate::model::SecretHash,
            ) -> Option<$crate::model::Ticket>;
            unfinished_ticket_of_session(
                tenant: $crate::model::TenantId,
                inbox: $crate::model::InboxId,
                session: &str,
            ) -> Option<$crate::model::Ticket>;
            latest_ticket_of_session(
                tenant: $crate::model::TenantId,
                inbox: $crate::model::InboxId,
                session: &str,
            ) -> Option<$crate::model::Ticket>;
            tickets(
                tenant: $crate::model::TenantId,
                filter: &$crate::ports::TicketFilter,
                position: $crate::ports::TicketPosition,
                limit: u32,
            ) -> $crate::ports::Page<$crate::model::Ticket>;
            unassigned_tickets(
                tenant: $crate::model::TenantId,
                limit: u32,
            ) -> Vec<$crate::model::Ticket>;
            unassigned_tickets_of(
                tenant: $crate::model::TenantId,
                department: Option<$crate::model::DepartmentId>,
                limit: u32,
            ) -> Vec<$crate::model::Ticket>;
            unfinished_tickets_of_agent(
                tenant: $crate::model::TenantId,
                agent: $crate::model::AgentId,
                limit: u32,
            ) -> Vec<$crate::model::Ticket>;
            lapsed_holds(
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<($crate::model::TenantId, $crate::model::TicketId)>;
        } }
        $with! { FigureReads {
            figures(
                tenant: $crate::model::TenantId,
                query: $crate::ports::FigureQuery,
            ) -> Vec<($crate::model::FigurePlace, $crate::model::Figures)>;
            top_rated_tickets(
                tenant: $crate::model::TenantId,
                scope: $crate::model::FigureScope,
                from: $crate::model::Timestamp,
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<$crate::model::Ticket>;
            resolved_since(tenant: $crate::model::TenantId, from: $crate::model::Timestamp) -> u64;
            measures(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
            ) -> Option<$crate::model::Measures>;
            alarms_due(
                now: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<($crate::model::TenantId, $crate::model::TicketId)>;
            ratings(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
            ) -> Vec<$crate::model::Rating>;
        } }
        $with! { MessageReads {
            message(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
                message: $crate::model::MessageId,
            ) -> Option<$crate::model::Message>;
            messages(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
                after: u64,
                limit: u32,
                with_notes: bool,
            ) -> Vec<$crate::model::Message>;
            notes(
                tenant: $crate::model::TenantId,
                tickets: &[$crate::model::TicketId],
            ) -> ::std::collections::HashMap<$crate::model::TicketId, u64>;
        } }
        $with! { EventReads {
            last_event(tenant: $crate::model::TenantId) -> u64;
            events(
                tenant: $crate::model::TenantId,
                after: u64,
                filter: &$crate::ports::EventFilter,
                limit: u32,
            ) -> Vec<$crate::model::Event>;
        } }
        $with! { NotificationReads {
            notification(
                tenant: $crate::model::TenantId,
                notification: $crate::model::NotificationId,
            ) -> Option<$crate::model::Notification>;
            notifications(
                tenant: $crate::model::TenantId,
                recipient: $crate::model::Principal,
                unread_only: bool,
                limit: u32,
            ) -> Vec<$crate::model::Notification>;
        } }
        $with! { RequestReads {
            request(
                tenant: $crate::model::TenantId,
                key: &$crate::model::SecretHash,
            ) -> Option<$crate::ports::StoredRequest>;
        } }
        $with! { AssignmentReads {
            candidates(tenant: $crate::model::TenantId) -> Vec<$crate::model::Candidate>;
            tickets_to_accept(
                now: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<($crate::model::TenantId, $crate::model::TicketId)>;
        } }
        $with! { DeliveryQueue {
            lanes_due(now: $crate::model::Timestamp, limit: u32) -> Vec<$crate::ports::Lane>;
            claim(
                lane: $crate::ports::Lane,
                now: $crate::model::Timestamp,
                lease: std::time::Duration,
                limit: u32,
            ) -> Vec<$crate::ports::Leased>;
            settle(lease: $crate::ports::LeaseToken, settled: $crate::ports::Settled) -> bool;
            revive(
                tenant: $crate::model::TenantId,
                delivery: $crate::model::DeliveryId,
                at: $crate::model::Timestamp,
            ) -> bool;
        } }
        $with! { DeliveryReads {
            delivery(
                tenant: $crate::model::TenantId,
                delivery: $crate::model::DeliveryId,
            ) -> Option<$crate::model::Delivery>;
            deliveries(
                tenant: $crate::model::TenantId,
                filter: &$crate::ports::DeliveryFilter,
                page: $crate::ports::PageRequest,
            ) -> $crate::ports::Page<$crate::model::Delivery>;
            deliveries_of_callbacks(
                tenant: $crate::model::TenantId,
                callbacks: &[$crate::model::CallbackId],
            ) -> Vec<$crate::model::Delivery>;
            deliveries_with_key(
                tenant: $crate::model::TenantId,
                key: &str,
                limit: u32,
            ) -> Vec<$crate::model::Delivery>;
            deliveries_owed() -> Vec<($crate::model::Channel, $crate::model::DeliveryStatus, u64)>;
        } }
        $with! { CallbackReads {
            callback(
                tenant: $crate::model::TenantId,
                callback: $crate::model::CallbackId,
            ) -> Option<$crate::model::Callback>;
            callback_by_number(
                tenant: $crate::model::TenantId,
                number: &str,
                since: $crate::model::Timestamp,
            ) -> Option<$crate::model::Callback>;
            callbacks(
                tenant: $crate::model::TenantId,
                filter: &$crate::ports::CallbackFilter,
                page: $crate::ports::PageRequest,
            ) -> $crate::ports::Page<$crate::model::Callback>;
            unassigned_callbacks(
                tenant: $crate::model::TenantId,
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<$crate::model::Callback>;
            unfinished_callbacks_of_agent(
                tenant: $crate::model::TenantId,
                agent: $crate::model::AgentId,
                limit: u32,
            ) -> Vec<$crate::model::Callback>;
            callback_counts(
                tenant: $crate::model::TenantId,
                from: $crate::model::Timestamp,
                to: $crate::model::Timestamp,
            ) -> $crate::model::CallbackCounts;
            pending_callbacks(
                tenant: $crate::model::TenantId,
                now: $crate::model::Timestamp,
            ) -> $crate::model::PendingCallbacks;
            callbacks_to_remind(
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<($crate::model::TenantId, $crate::model::CallbackId)>;
            callbacks_overdue(
                now: $crate::model::Timestamp,
                after: Option<$crate::ports::OverdueCallback>,
                limit: u32,
            ) -> Vec<$crate::ports::OverdueCallback>;
        } }
        $with! { WebhookReads {
            webhook(
                tenant: $crate::model::TenantId,
                webhook: $crate::model::WebhookId,
            ) -> Option<$crate::model::Webhook>;
            webhooks(tenant: $crate::model::TenantId) -> Vec<$crate::model::Webhook>;
            webhooks_behind(limit: u32) -> Vec<($crate::model::TenantId, $crate::model::WebhookId)>;
        } }
        $with! { CannedResponseReads {
            canned_response(
                tenant: $crate::model::TenantId,
                response: $crate::model::CannedResponseId,
            ) -> Option<$crate::model::CannedResponse>;
            canned_responses(tenant: $crate::model::TenantId) -> Vec<$crate::model::CannedResponse>;
        } }
        $with! { FileReads {
            file(
                tenant: $crate::model::TenantId,
                file: $crate::model::FileId,
            ) -> Option<$crate::model::File>;
            files_left_over(
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<($crate::model::TenantId, $crate::model::File)>;
            files_of_ticket(
                tenant: $crate::model::TenantId,
                ticket: $crate::model::TicketId,
                limit: u32,
            ) -> Vec<$crate::model::File>;
            loose_files_of(
                tenant: $crate::model::TenantId,
                uploader: $crate::model::ActorRef,
                limit: u32,
            ) -> Vec<$crate::model::File>;
        } }
        $with! { ArticleReads {
            article(
                tenant: $crate::model::TenantId,
                article: $crate::model::ArticleId,
            ) -> Option<$crate::model::Article>;
            articles_with_slug(tenant: $crate::model::TenantId, slug: &str) -> Vec<$crate::model::Article>;
            articles(
                tenant: $crate::model::TenantId,
                filter: &$crate::ports::ArticleFilter,
                page: $crate::ports::PageRequest,
            ) -> $crate::ports::Page<$crate::model::Article>;
            articles_with_words(
                tenant: $crate::model::TenantId,
                search: &$crate::model::ArticleSearch,
                limit: u32,
            ) -> Vec<$crate::model::Article>;
            article_vote(
                tenant: $crate::model::TenantId,
                article: $crate::model::ArticleId,
                voter: &$crate::model::SecretHash,
            ) -> Option<bool>;
        } }
        $with! { ErasureReads {
            erasures(limit: u32) -> Vec<($crate::model::TenantId, $crate::model::Erasure)>;
            tickets_of_requester(
                tenant: $crate::model::TenantId,
                requester: $crate::model::Requester,
                limit: u32,
            ) -> Vec<$crate::model::Ticket>;
            tickets_to_forget(
                tenant: $crate::model::TenantId,
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<$crate::model::Ticket>;
            callbacks_to_forget(
                tenant: $crate::model::TenantId,
                customer: $crate::model::CustomerId,
                number: Option<String>,
                limit: u32,
            ) -> Vec<$crate::model::Callback>;
        } }
        $with! { PresenceStore {
            seen(
                tenant: $crate::model::TenantId,
                agent: $crate::model::AgentId,
                at: $crate::model::Timestamp,
                department: Option<$crate::model::DepartmentId>,
            ) -> bool;
            left(tenant: $crate::model::TenantId, agent: $crate::model::AgentId) -> bool;
            lapse(
                before: $crate::model::Timestamp,
                limit: u32,
            ) -> Vec<($crate::model::TenantId, $crate::model::AgentId)>;
            unhandled(limit: u32) -> Vec<($crate::model::TenantId, $crate::model::AgentId)>;
            handled(tenant: $crate::model::TenantId, agent: $crate::model::AgentId) -> ();
            tenants_online(limit: u32) -> Vec<$crate::model::TenantId>;
            presences(tenant: $crate::model::TenantId) -> Vec<$crate::model::Presence>;
        } }
        $with! { SearchReads {
            places_with_words(
                tenant: $crate::model::TenantId,
                search: &$crate::ports::TicketSearch,
                limit: u32,
            ) -> Vec<$crate::model::FoundPlace>;
            found_at(
                tenant: $crate::model::TenantId,
                places: &[$crate::model::FoundPlace],
            ) -> Vec<($crate::model::Ticket, Option<$crate::model::Message>)>;
        } }
        $with! { Upkeep {
            forget_expired(
                now: $crate::model::Timestamp,
                requests_before: $crate::model::Timestamp,
                guards_before: $crate::model::Timestamp,
                sent_before: $crate::model::Timestamp,
                limit: u32,
            ) -> u64;
            ping() -> ();
            wipe() -> ();
        } }
    };
}
