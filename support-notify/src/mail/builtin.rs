//! The words that mails have by themselves.

use support_core::model::MailTemplate;
use support_core::ports::LetterKind;

/// The common look of HTML parts.
pub(super) const LAYOUT: &str = include_str!("../../templates/layout.html");

macro_rules! parts {
    ($name:literal) => {
        [
            include_str!(concat!("../../templates/", $name, "/subject.txt")),
            include_str!(concat!("../../templates/", $name, "/body.txt")),
            include_str!(concat!("../../templates/", $name, "/body.html")),
        ]
    };
}

/// The built-in words; none for what never goes by mail.
pub(super) fn of(kind: LetterKind) -> MailTemplate {
    let [subject, text, html] = match kind {
        LetterKind::TicketOpened => parts!("ticket_opened"),
        LetterKind::RequestConfirmed => parts!("request_confirmed"),
        LetterKind::OfflineDigest => parts!("offline_digest"),
        LetterKind::AgentReplied => parts!("agent_replied"),
        LetterKind::CustomerReplied => parts!("customer_replied"),
        LetterKind::CallbackRequested => parts!("callback_requested"),
        LetterKind::CallbackReminder => parts!("callback_reminder"),
        LetterKind::CallbackOverdue => parts!("callback_overdue"),
        LetterKind::PasswordReset => parts!("password_reset"),
        LetterKind::ChannelPaused => parts!("channel_paused"),
        LetterKind::WebhookDisabled => parts!("webhook_disabled"),
        LetterKind::Test => parts!("test"),
        LetterKind::Transcript => parts!("transcript"),
        LetterKind::RatingRequested => parts!("rating_requested"),
        LetterKind::MessageAlert
        | LetterKind::ChannelMessage
        | LetterKind::CallbackConfirmed
        | LetterKind::JournalEvent => return MailTemplate::default(),
    };
    MailTemplate {
        subject: subject.trim_end().to_owned(),
        text: text.to_owned(),
        html: html.to_owned(),
    }
}
