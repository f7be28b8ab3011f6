//! Letters about made-up people, for looking at templates.

use crate::{
    desk::Desk,
    model::{Channel, Tenant},
    ports::{CallbackView, Letter, LetterKind, MailThread, MessageView, TicketView},
};

const WHEN: &str = "2026-03-02 09:30 UTC";

impl Desk {
    /// A letter in which everything is there that a template may speak of.
    pub(in crate::desk) fn sample_letter(&self, kind: LetterKind, tenant: &Tenant) -> Letter {
        let public_url = &self.outbound().settings.public_url;
        Letter {
            recipient_name: Some("Robin Sample".to_owned()),
            ticket: Some(sample_ticket()),
            messages: sample_messages(),
            callback: Some(sample_callback(tenant)),
            link: Some(format!("{public_url}/")),
            unsubscribe: Some(format!("{public_url}/unsubscribe")),
            thread: Some(MailThread {
                root: "ticket.sample".to_owned(),
                is_root: false,
            }),
            channel: Some(Channel::Telegram.to_string()),
            problem: Some("401 Unauthorized".to_owned()),
            expires_at: Some(WHEN.to_owned()),
            ..self.bare_letter(kind, tenant)
        }
    }
}

fn sample_ticket() -> TicketView {
    TicketView {
        id: "00000000-0000-7000-8000-000000000001".to_owned(),
        number: "TKT-42".to_owned(),
        subject: "Where is my parcel?".to_owned(),
        status: "waiting".to_owned(),
        priority: "normal".to_owned(),
        channel: "web".to_owned(),
        department: Some("General Support".to_owned()),
        requester_name: "Robin Sample".to_owned(),
        requester_email: Some("robin@mail.example".to_owned()),
        requester_phone: Some("+49 30 1234567".to_owned()),
        created_at: WHEN.to_owned(),
    }
}

fn sample_messages() -> Vec<MessageView> {
    let said = |sender: &str, name: &str, content: &str| MessageView {
        sender: sender.to_owned(),
        sender_name: name.to_owned(),
        content: content.to_owned(),
        created_at: WHEN.to_owned(),
    };
    vec![
        said("customer", "Robin Sample", "Hello!\nMy parcel has not come yet."),
        said("agent", "Mara", "It is on its way & should be there <tomorrow>."),
    ]
}

fn sample_callback(tenant: &Tenant) -> CallbackView {
    let id = "00000000-0000-7000-8000-000000000002";
    CallbackView {
        id: id.to_owned(),
        contact_number: "030 1234567".to_owned(),
        e164: Some("+49301234567".to_owned()),
        employee_id: "Not provided".to_owned(),
        customer_name: Some("Robin Sample".to_owned()),
        status: "pending".to_owned(),
        requested_at: WHEN.to_owned(),
        scheduled_at: Some("2026-03-02 14:00 UTC".to_owned()),
        assigned_to: Some("Mara".to_owned()),
        notes: Some("After lunch, please".to_owned()),
        reference: format!("[Callback Request: {id}|Tenant: {}]", tenant.slug),
    }
}
