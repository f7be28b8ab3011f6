//! Nouns with sensible values, to be changed where a test cares.

use std::time::Duration;

use chrono_tz::Tz;
use serde_json::json;

use super::{ManualClock, SequentialIds};
use crate::{
    model::{
        ALL_EVENTS, Account, ActorRef, Agent, AgentId, ApiKey, ApiKeyId, ApiScope, Article, ArticleId, Availability,
        Block, BlockId, BlockKind, CALLBACK_OVERDUE, Callback, CallbackId, CallbackStatus, CannedResponse,
        CannedResponseId, Channel, Contact, Customer, CustomerId, DEFAULT_MAX_CONCURRENT_TICKETS, Delivery, DeliveryId,
        DeliveryStatus, Department, DepartmentId, Dimensions, File, FileId, FileKind, FileState, Inbox, InboxId,
        InboxKind, Message, MessageId, MessageKind, Notice, Notification, NotificationId, NotificationKind, Office,
        Principal, Priority, Requester, Role, SealedSecret, Sender, SenderKind, Source, Tenant, TenantId,
        TenantSettings, Thread, Ticket, TicketChannel, TicketId, TicketState, Timestamp, VisitedPage, Visitor,
        VisitorContext, VisitorId, Webhook, WebhookId,
    },
    ports::{Clock, Ids},
};

/// Makes nouns that differ in ids, names and whatever else must be unique, the same in every run.
/// They are new: of version 0, and without the numbers that a store gives out.
///
/// ```
/// use support_core::{model::Agent, testing::Samples};
/// let samples = Samples::new();
/// let mara = Agent { name: "Mara".to_owned(), max_concurrent_tickets: 3, ..samples.agent() };
/// assert!(mara.id < samples.agent().id);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Samples {
    /// Where their ids come from.
    pub ids: SequentialIds,
    /// When they are made: each a millisecond after the one before.
    pub clock: ManualClock,
}

impl Samples {
    /// Begins with the first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A later point in time than any given before.
    #[must_use]
    pub fn later(&self) -> Timestamp {
        self.clock.advance(Duration::from_millis(1));
        self.clock.now()
    }

    /// A text that no other sample has.
    #[must_use]
    pub fn unique(&self, prefix: &str) -> String {
        let count = self.ids.uuid().get_timestamp().map_or(0, |at| {
            let (seconds, nanos) = at.to_unix();
            seconds
                .saturating_mul(1_000)
                .saturating_add(u64::from(nanos / 1_000_000))
        });
        format!("{prefix}-{count}")
    }

    /// A tenant with one domain.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        let now = self.later();
        let slug = self.unique("tenant");
        Tenant {
            id: TenantId::new(self.ids.uuid()),
            name: slug.clone(),
            timezone: Tz::Europe__Berlin,
            domains: vec![format!("{slug}.example")],
            slug,
            settings: TenantSettings::default(),
            is_active: true,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// A widget.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        let now = self.later();
        Inbox {
            id: InboxId::new(self.ids.uuid()),
            kind: InboxKind::Widget,
            name: self.unique("inbox"),
            admin_email: None,
            allowed_origins: Vec::new(),
            is_active: true,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// An active department.
    #[must_use]
    pub fn department(&self) -> Department {
        let now = self.later();
        let slug = self.unique("department");
        Department {
            id: DepartmentId::new(self.ids.uuid()),
            name: slug.clone(),
            slug,
            description: None,
            email: None,
            is_active: true,
            sort_order: 0,
            office_hours: None,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// An available agent of no department.
    #[must_use]
    pub fn agent(&self) -> Agent {
        let now = self.later();
        let name = self.unique("agent");
        Agent {
            id: AgentId::new(self.ids.uuid()),
            email: format!("{name}@support.example"),
            name,
            role: Role::Agent,
            departments: Vec::new(),
            skills: Vec::new(),
            languages: Vec::new(),
            max_concurrent_tickets: DEFAULT_MAX_CONCURRENT_TICKETS,
            availability: Availability::Available,
            is_active: true,
            last_login_at: None,
            last_logout_at: None,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// How to reach somebody.
    #[must_use]
    pub fn contact(&self) -> Contact {
        let name = self.unique("person");
        Contact {
            email: Some(format!("{name}@mail.example")),
            name: Some(name),
            phone: Some("+49 30 1234567".to_owned()),
        }
    }

    /// A customer whom the tenant's own system knows.
    #[must_use]
    pub fn customer(&self) -> Customer {
        let now = self.later();
        Customer {
            id: CustomerId::new(self.ids.uuid()),
            external_id: Some(self.unique("external")),
            contact: self.contact(),
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// A visitor who told their name.
    #[must_use]
    pub fn visitor(&self) -> Visitor {
        let now = self.later();
        Visitor {
            id: VisitorId::new(self.ids.uuid()),
            contact: self.contact(),
            created_at: now,
            updated_at: now,
        }
    }

    /// An account without a password.
    #[must_use]
    pub fn account(&self, principal: Principal) -> Account {
        Account {
            principal,
            email: format!("{}@login.example", self.unique("account")),
            password_hash: None,
            tokens_valid_from: self.later(),
            version: 0,
        }
    }

    /// A key for tickets.
    #[must_use]
    pub fn api_key(&self) -> ApiKey {
        ApiKey {
            id: ApiKeyId::new(self.ids.uuid()),
            name: self.unique("key"),
            hash: self.ids.secret("").hash(),
            last_characters: "wxyz".to_owned(),
            scopes: vec![ApiScope::Tickets],
            created_at: self.later(),
            revoked_at: None,
        }
    }

    /// An open ticket of a visitor.
    #[must_use]
    pub fn ticket(&self, inbox: InboxId) -> Ticket {
        let now = self.later();
        Ticket {
            id: TicketId::new(self.ids.uuid()),
            number: 0,
            version: 0,
            inbox,
            channel: TicketChannel::Web,
            source: Source::Web,
            requester: Requester::Visitor(VisitorId::new(self.ids.uuid())),
            contact: self.contact(),
            access: None,
            session: None,
            subject: self.unique("subject"),
            department: None,
            priority: Priority::Normal,
            category: None,
            subcategory: None,
            tags: Vec::new(),
            required_skills: Vec::new(),
            languages: Vec::new(),
            state: TicketState::new(Office::Staffed),
            escalation: None,
            rating: None,
            reopened_count: 0,
            is_offline: false,
            accept_by: None,
            passed_over: Vec::new(),
            held_for_bot_until: None,
            metadata: json!({}),
            created_at: now,
            updated_at: now,
            thread: Thread::default(),
        }
    }

    /// A few words in a ticket.
    #[must_use]
    pub fn message(&self, ticket: TicketId, sender: Sender) -> Message {
        Message {
            id: MessageId::new(self.ids.uuid()),
            ticket,
            seq: 0,
            sender,
            sender_name: self.unique("sender"),
            kind: match sender.kind() {
                SenderKind::System => MessageKind::SystemNotification,
                SenderKind::Customer | SenderKind::Agent | SenderKind::Bot => MessageKind::Text,
            },
            content: self.unique("content"),
            attachments: Vec::new(),
            client_id: None,
            metadata: json!({}),
            created_at: self.later(),
        }
    }

    /// Words of a ticket's own customer or visitor.
    #[must_use]
    pub fn question(&self, ticket: &Ticket) -> Message {
        self.message(ticket.id, Sender::Customer(ticket.requester))
    }

    /// Somebody's wish to be phoned, which nobody has followed yet.
    #[must_use]
    pub fn callback(&self) -> Callback {
        let now = self.later();
        let id = CallbackId::new(self.ids.uuid());
        let subscriber = format!("{:07}", id.uuid().as_u128() % 10_000_000);
        Callback {
            id,
            // Spelled out: reading the world's numbering plans takes a test longer than all else.
            e164: Some(format!("+4930{subscriber}")),
            contact_number: format!("+49 30 {subscriber}"),
            employee_id: None,
            customer: None,
            ticket: None,
            status: CallbackStatus::Pending,
            scheduled_at: None,
            assigned_to: None,
            notes: None,
            contacted_at: None,
            contacted_by: None,
            resolved_at: None,
            attempts: Vec::new(),
            reminded_at: None,
            overdue_at: Some(now.plus(CALLBACK_OVERDUE)),
            escalated_at: None,
            metadata: json!({}),
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// An active subscription to everything, from the journal's beginning.
    #[must_use]
    pub fn webhook(&self) -> Webhook {
        let now = self.later();
        Webhook {
            id: WebhookId::new(self.ids.uuid()),
            url: format!("https://{}.example/hook", self.unique("subscriber")),
            events: vec![ALL_EVENTS.to_owned()],
            is_active: true,
            secret: SealedSecret {
                key_id: "key".to_owned(),
                sealed: self.unique("sealed"),
            },
            former_secret: None,
            failing_since: None,
            disabled_reason: None,
            cursor: 0,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// A mail that is due.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        let now = self.later();
        Delivery {
            id: DeliveryId::new(self.ids.uuid()),
            channel: Channel::Email,
            recipient: format!("{}@mail.example", self.unique("recipient")),
            ticket: None,
            callback: None,
            key: None,
            notice: Notice::RequestConfirmed {
                ticket: TicketId::new(self.ids.uuid()),
            },
            status: DeliveryStatus::Queued,
            attempts: 0,
            last_error: None,
            next_attempt_at: now,
            sent_at: None,
            provider_id: None,
            created_at: now,
        }
    }

    /// Something that somebody was told and has not read.
    #[must_use]
    pub fn notification(&self, recipient: Principal) -> Notification {
        Notification {
            id: NotificationId::new(self.ids.uuid()),
            recipient,
            kind: NotificationKind::NewTicket,
            title: self.unique("title"),
            message: self.unique("notification"),
            priority: Priority::High,
            ticket: None,
            callback: None,
            created_at: self.later(),
            read_at: None,
        }
    }

    /// An answer at hand.
    #[must_use]
    pub fn canned_response(&self) -> CannedResponse {
        let now = self.later();
        CannedResponse {
            id: CannedResponseId::new(self.ids.uuid()),
            shortcut: self.unique("shortcut"),
            title: self.unique("title"),
            content: "Hello {{customer.name}}".to_owned(),
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// A picture that a visitor sent in and no message carries.
    #[must_use]
    pub fn file(&self) -> File {
        File {
            id: FileId::new(self.ids.uuid()),
            ticket: None,
            uploader: ActorRef::Visitor(VisitorId::new(self.ids.uuid())),
            name: format!("{}.png", self.unique("picture")),
            kind: FileKind::Png,
            size: 5_000_000_000,
            dimensions: Some(Dimensions {
                width: 640,
                height: 480,
            }),
            key: format!("{}/{}", self.ids.uuid(), self.unique("key")),
            thumbnail_size: Some(5_000_000_001),
            state: FileState::Loose,
            version: 0,
            created_at: self.later(),
        }
    }

    /// A published article.
    #[must_use]
    pub fn article(&self) -> Article {
        let now = self.later();
        Article {
            id: ArticleId::new(self.ids.uuid()),
            slug: self.unique("article"),
            title: self.unique("title"),
            content: "Send it back within *14 days*.".to_owned(),
            category: Some("Refunds".to_owned()),
            tags: vec!["money".to_owned()],
            language: "en".to_owned(),
            is_published: true,
            sort_order: 0,
            views: 0,
            helpful: 0,
            unhelpful: 0,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// A visit of two pages.
    #[must_use]
    pub fn visitor_context(&self) -> VisitorContext {
        let page = |path: &str| VisitedPage {
            url: format!("https://shop.example/{path}"),
            title: Some(self.unique("page")),
            at: self.later(),
        };
        let pages = vec![page("start"), page("cart")];
        VisitorContext {
            page: pages.last().cloned(),
            referrer: Some("https://search.example/?q=shop".to_owned()),
            language: Some("pt-BR".to_owned()),
            user_agent: Some("Mozilla/5.0".to_owned()),
            address: Some([203, 0, 113, 7].into()),
            pages,
        }
    }

    /// A mail address from which nothing is wanted.
    #[must_use]
    pub fn block(&self) -> Block {
        let now = self.later();
        Block {
            id: BlockId::new(self.ids.uuid()),
            kind: BlockKind::Email,
            value: format!("{}@mail.example", self.unique("pest")),
            reason: Some(self.unique("reason")),
            expires_at: Some(now),
            created_by: Some(AgentId::new(self.ids.uuid())),
            created_at: now,
        }
    }
}
