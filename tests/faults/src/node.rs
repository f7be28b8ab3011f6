//! A node of a shop that sends its mail, with a lease as short as a test wants it.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use support_core::{
    desk::{
        Desk, FirstAdmin, InstallationChannels, NewMessage, NewTenant, NewTicket, NewTicketRequester, OutboundSettings,
        Scope, Stores,
    },
    model::{
        Actor, Contact, Delivery, InboxKind, Principal, RetrySchedule, Secret, Tenant, TenantId, TicketChannel, TlsMode,
    },
    ports::{DeliveryFilter, PageRequest, SmtpRoute},
};
use support_notify::{SmtpNotifier, Templates};
use support_store_postgres::{PostgresConfig, PostgresStore};
use support_store_sqlite::{SqliteConfig, SqliteStore};

use crate::outgoing::recipient;

const SLUG: &str = "shop";
const AT_ONCE: usize = 32;

/// How a node sends.
#[derive(Debug, Clone)]
pub struct Sending {
    /// `sqlite://<file>` or `postgres://…`.
    pub database: String,
    /// Where its mail server listens on this machine.
    pub smtp_port: u16,
    /// For how long it holds what it sends.
    pub lease: Duration,
}

/// All ports of the store at this URL.
///
/// # Panics
/// When it can't be opened.
pub async fn open_stores(database: &str) -> Stores {
    if let Some(file) = database.strip_prefix("sqlite://") {
        return Stores::of(&Arc::new(SqliteStore::open(SqliteConfig::new(file)).await.unwrap()));
    }
    Stores::of(&Arc::new(
        PostgresStore::open(PostgresConfig::new(database)).await.unwrap(),
    ))
}

/// What admins of a tenant are told inside the product: titles.
///
/// # Panics
/// When the store can't be asked.
pub async fn told_to_admins(stores: &Stores, slug: &str) -> Vec<String> {
    let tenant = stores.tenants.tenant_by_slug(slug).await.unwrap().unwrap();
    let mut titles = Vec::new();
    for candidate in stores.assignment.candidates(tenant.id).await.unwrap() {
        let admin = Principal::Agent(candidate.agent.id);
        let told = stores.notifications.notifications(tenant.id, admin, true, 50).await;
        titles.extend(told.unwrap().into_iter().map(|told| told.title));
    }
    titles
}

/// A node's desk.
///
/// # Panics
/// When the store can't be opened.
pub async fn desk(sending: &Sending) -> Desk {
    let templates = Arc::new(Templates::new());
    let smtp = SmtpRoute {
        host: "127.0.0.1".to_owned(),
        port: sending.smtp_port,
        user: None,
        password: None,
        tls: TlsMode::None,
        from_email: "support@shop.example".to_owned(),
        from_name: String::new(),
    };
    Desk::builder_over(open_stores(&sending.database).await)
        .mail_templates(templates.clone())
        .notifier(Arc::new(SmtpNotifier::new(templates)))
        // The same on all nodes.
        .link_key(Secret::presented("a key that all nodes of the test share"))
        .outbound(OutboundSettings {
            channels: InstallationChannels {
                smtp: Some(smtp),
                ..InstallationChannels::default()
            },
            retries: RetrySchedule::new(vec![Duration::from_millis(200); 60]),
            lease: sending.lease,
            digest_delay: Duration::from_secs(86_400),
            ..OutboundSettings::default()
        })
        .build()
}

/// Opens the shop, which owes so many confirmations then.
///
/// # Panics
/// When it can't be.
pub async fn open_shop(desk: &Desk, owing: usize) -> Tenant {
    let system = Scope::system(TenantId::new(desk.ids().uuid()));
    let new = NewTenant {
        slug: SLUG.to_owned(),
        name: "Shop".to_owned(),
        timezone: "UTC".to_owned(),
        domains: Vec::new(),
        admin: FirstAdmin {
            name: "Ada".to_owned(),
            email: "ada@shop.example".to_owned(),
            password: "correct horse battery".to_owned(),
        },
    };
    let tenant = desk.create_tenant(&system, new).await.unwrap();
    let widget = desk.default_inbox(tenant.id, InboxKind::Widget).await.unwrap();
    let anyone = Scope::new(tenant.id, Actor::Anyone);
    let requests = (0..owing).map(|number| {
        let contact = Contact {
            name: Some("Robin".to_owned()),
            email: Some(recipient(number)),
            phone: None,
        };
        let mut new = NewTicket::new(widget.id, TicketChannel::Web, NewTicketRequester::Visitor(contact));
        new.message = Some(NewMessage::text("A human, please"));
        let (desk, anyone) = (desk, &anyone);
        async move {
            desk.open_ticket(anyone, new).await.unwrap();
        }
    });
    stream::iter(requests)
        .buffer_unordered(AT_ONCE)
        .for_each(|()| std::future::ready(()))
        .await;
    tenant
}

/// All confirmations of the shop.
///
/// # Panics
/// When the store can't be asked.
pub async fn confirmations(desk: &Desk, tenant: TenantId) -> Vec<Delivery> {
    let mut found = Vec::new();
    for number in 1.. {
        let page = PageRequest { number, limit: 500 };
        let owed = &desk.stores().owed;
        let page = owed.deliveries(tenant, &DeliveryFilter::default(), page).await.unwrap();
        let is_last = page.items.is_empty();
        let confirmations = page.items.into_iter();
        found.extend(confirmations.filter(|delivery| delivery.notice.kind() == "request_confirmed"));
        if is_last {
            break;
        }
    }
    found
}
