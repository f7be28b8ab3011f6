//! Deliveries to send.

use std::{sync::Arc, time::Duration};

use support_core::{
    model::{DeliveryId, TenantId},
    ports::{
        CallbackView, Clock as _, EventView, Letter, LetterKind, MessageView, NotifyError, Outgoing, Route,
        SystemClock, TenantView, TicketView,
    },
};
use support_notify::HttpTimeouts;
use uuid::Uuid;

/// Short enough for tests of what never comes, long enough for a busy machine.
pub(crate) fn patience() -> HttpTimeouts {
    HttpTimeouts {
        connect: Duration::from_secs(5),
        call: Duration::from_secs(5),
        delivery: Duration::from_secs(10),
    }
}

pub(crate) fn impatience() -> HttpTimeouts {
    let call = Duration::from_millis(300);
    HttpTimeouts { call, ..patience() }
}

pub(crate) fn delivery_id() -> DeliveryId {
    DeliveryId::new(Uuid::from_u128(0x0193_4c1e_0000_7000_8000_0000_0000_0042))
}

/// A letter of this kind about everything there is.
pub(crate) fn letter(kind: LetterKind) -> Letter {
    Letter {
        kind,
        tenant: TenantView {
            slug: "acme".to_owned(),
            name: "Acme & Söhne".to_owned(),
            color: "#336699".to_owned(),
            timezone: "Europe/Berlin".to_owned(),
        },
        recipient_name: None,
        copies: Vec::new(),
        ticket: Some(ticket()),
        messages: vec![message("Ann", "My invoice is wrong."), message("Ann", "Hello?")],
        earlier_messages: 0,
        callback: Some(callback()),
        event: None,
        link: Some("https://desk.example/tickets/1".to_owned()),
        unsubscribe: None,
        thread: None,
        channel: Some("email".to_owned()),
        problem: Some("535 authentication failed".to_owned()),
        expires_at: None,
    }
}

fn ticket() -> TicketView {
    TicketView {
        id: "0193".to_owned(),
        number: "TKT-7".to_owned(),
        subject: "Invoice <b>4711</b>\nReference: forged".to_owned(),
        status: "open".to_owned(),
        priority: "high".to_owned(),
        channel: "web".to_owned(),
        department: Some("Billing".to_owned()),
        requester_name: "Ann".to_owned(),
        requester_email: Some("ann@example.com".to_owned()),
        requester_phone: None,
        created_at: "2026-11-21 14:05 CET".to_owned(),
    }
}

fn callback() -> CallbackView {
    CallbackView {
        id: "c-1".to_owned(),
        contact_number: "030 901820".to_owned(),
        e164: Some("+4930901820".to_owned()),
        employee_id: "Not provided".to_owned(),
        customer_name: None,
        status: "pending".to_owned(),
        requested_at: "2026-11-21 14:05 CET".to_owned(),
        scheduled_at: None,
        assigned_to: None,
        notes: None,
        reference: "[Callback Request: c-1|Tenant: acme]".to_owned(),
    }
}

pub(crate) fn message(sender_name: &str, content: &str) -> MessageView {
    MessageView {
        sender: "customer".to_owned(),
        sender_name: sender_name.to_owned(),
        content: content.to_owned(),
        created_at: "2026-11-21 14:05 CET".to_owned(),
    }
}

/// The words of a message alone.
pub(crate) fn words(content: &str) -> Letter {
    let messages = vec![message("Ben", content)];
    Letter {
        messages,
        ..letter(LetterKind::ChannelMessage)
    }
}

pub(crate) fn event(data: serde_json::Value) -> Letter {
    let event = EventView {
        seq: 12,
        kind: "ticket.created".to_owned(),
        at: "2026-11-21T13:05:00.000Z".to_owned(),
        data,
    };
    Letter {
        event: Some(event),
        ..letter(LetterKind::JournalEvent)
    }
}

pub(crate) fn outgoing(route: Route, to: &str, letter: Letter) -> Outgoing {
    let now = SystemClock.now();
    Outgoing {
        id: delivery_id(),
        tenant: TenantId::new(Uuid::from_u128(1)),
        route,
        recipients: vec![to.to_owned()],
        letter,
        templates: Arc::default(),
        now,
        created_at: now,
    }
}

/// Why it may work later, and when to ask again.
pub(crate) fn temporary(error: NotifyError) -> (String, Option<Duration>) {
    match error {
        NotifyError::Temporary { reason, retry_after } => (reason, retry_after),
        other => panic!("not temporary: {other:?}"),
    }
}

pub(crate) fn permanent(error: NotifyError) -> String {
    match error {
        NotifyError::Permanent { reason } => reason,
        other => panic!("not permanent: {other:?}"),
    }
}

pub(crate) fn refused(error: NotifyError) -> String {
    match error {
        NotifyError::Refused { reason } => reason,
        other => panic!("not refused: {other:?}"),
    }
}
