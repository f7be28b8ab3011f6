//! Letters to try things on.

use std::collections::BTreeMap;
use std::sync::Arc;

use support_core::model::{DeliveryId, TenantId, Timestamp, TlsMode};
use support_core::ports::{
    CallbackView, Letter, LetterKind, MailThread, MessageView, Outgoing, Route, SmtpRoute, TenantView, TicketView,
};
use uuid::Uuid;

/// 2026-11-21T13:05:07Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_266_307_000);

/// Nothing but what every letter has.
pub(crate) fn minimal(kind: LetterKind) -> Letter {
    Letter {
        kind,
        tenant: TenantView {
            slug: "acme".to_owned(),
            name: "Acme Ltd".to_owned(),
            color: "#0a7d55".to_owned(),
            timezone: "Europe/Berlin".to_owned(),
        },
        recipient_name: None,
        copies: Vec::new(),
        ticket: None,
        messages: Vec::new(),
        earlier_messages: 0,
        callback: None,
        event: None,
        link: None,
        unsubscribe: None,
        thread: None,
        channel: None,
        problem: None,
        expires_at: None,
    }
}

/// All that a letter can have.
pub(crate) fn full(kind: LetterKind) -> Letter {
    Letter {
        recipient_name: Some("Zoë Ångström".to_owned()),
        ticket: Some(TicketView {
            id: Uuid::from_u128(7).to_string(),
            number: "TKT-17".to_owned(),
            subject: "Rechnung für Oktober fehlt".to_owned(),
            status: "waiting".to_owned(),
            priority: "high".to_owned(),
            channel: "widget".to_owned(),
            department: Some("Billing & Finance".to_owned()),
            requester_name: "Zoë Ångström".to_owned(),
            requester_email: Some("zoe@example.com".to_owned()),
            requester_phone: Some("+49 30 1234567".to_owned()),
            created_at: "2026-11-21 14:05 CET".to_owned(),
        }),
        messages: vec![
            message(
                "customer",
                "Zoë Ångström",
                "Hello,\nmy invoice is missing.\n\nThank you 🙏",
            ),
            message("agent", "Mara", "Hi Zoë, I'll send it <today>."),
            message("customer", "Zoë Ångström", "שלום, תודה רבה על העזרה"),
        ],
        earlier_messages: 4,
        callback: Some(CallbackView {
            id: Uuid::from_u128(9).to_string(),
            contact_number: "(030) 123-4567".to_owned(),
            e164: Some("+49301234567".to_owned()),
            employee_id: "E-4711".to_owned(),
            customer_name: Some("Zoë Ångström".to_owned()),
            status: "pending".to_owned(),
            requested_at: "2026-11-21 14:05 CET".to_owned(),
            scheduled_at: Some("2026-11-23 09:30 CET".to_owned()),
            assigned_to: Some("Mara".to_owned()),
            notes: Some("Please ring twice.\nAsk for Zoë.".to_owned()),
            reference: format!("[Callback Request: {}|Tenant: acme]", Uuid::from_u128(9)),
        }),
        link: Some("https://support.example.com/c/abc?x=1&y=2".to_owned()),
        unsubscribe: (kind == LetterKind::OfflineDigest)
            .then(|| "https://support.example.com/unsubscribe/abc".to_owned()),
        channel: Some("telegram".to_owned()),
        problem: Some("401 Unauthorized".to_owned()),
        expires_at: Some("2026-11-21 15:05 CET".to_owned()),
        ..minimal(kind)
    }
}

pub(crate) fn message(sender: &str, name: &str, content: &str) -> MessageView {
    MessageView {
        sender: sender.to_owned(),
        sender_name: name.to_owned(),
        content: content.to_owned(),
        created_at: "2026-11-21 14:05 CET".to_owned(),
    }
}

pub(crate) fn thread(is_root: bool) -> Option<MailThread> {
    Some(MailThread {
        root: "ticket.4fGq-unguessable_77".to_owned(),
        is_root,
    })
}

pub(crate) fn route(port: u16) -> SmtpRoute {
    SmtpRoute {
        host: "127.0.0.1".to_owned(),
        port,
        user: None,
        password: None,
        tls: TlsMode::None,
        from_email: "desk@support.example.org".to_owned(),
        from_name: "Acme Ltd Supporť".to_owned(),
    }
}

pub(crate) fn outgoing(route: &SmtpRoute, recipients: &[&str], letter: Letter) -> Outgoing {
    Outgoing {
        id: DeliveryId::new(Uuid::from_u128(0xfeed)),
        tenant: TenantId::new(Uuid::from_u128(1)),
        route: Route::Smtp(route.clone()),
        recipients: recipients.iter().map(ToString::to_string).collect(),
        letter,
        templates: Arc::new(BTreeMap::new()),
        now: NOW,
        created_at: NOW,
    }
}
