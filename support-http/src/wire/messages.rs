//! Shapes of messages.

use serde::Serialize;
use support_core::model::{Attachment, Message, SenderKind, Side, Thread, Timestamp};
use utoipa::ToSchema;
use uuid::Uuid;

use super::files::{AttachmentRow, FileUrls};

/// A message of the website chat.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatMessage<'a> {
    id: Uuid,
    seq: u64,
    /// `VISITOR`, `ADMIN`, `BOT` or `SYSTEM`.
    sender: &'static str,
    sender_name: &'a str,
    message: &'a str,
    /// `TEXT`, `IMAGE` or `FILE`.
    message_type: &'static str,
    file_url: Option<String>,
    file_name: Option<&'a str>,
    file_size: Option<u64>,
    is_read: bool,
    /// All files that it carries, of which `fileUrl` is the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentRow>,
    /// Whether it is for agents only; visitors are not even told that there is such a thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_note: Option<bool>,
    client_message_id: Option<&'a str>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl<'a> ChatMessage<'a> {
    /// As its customer sees it. Without a `thread`, as it was when it was accepted.
    pub(crate) fn for_visitor(message: &'a Message, thread: Option<&Thread>, urls: &FileUrls<'_>) -> Self {
        let file = message.attachments.first();
        Self {
            id: message.id.uuid(),
            seq: message.seq,
            sender: chat_sender(message.sender.kind()),
            sender_name: &message.sender_name,
            message: &message.content,
            message_type: message_type(message),
            file_url: file.map(|file| urls.url(file.file)),
            file_name: file.map(|file| file.name.as_str()),
            file_size: file.map(|file| file.size),
            attachments: urls.attachments(message),
            is_read: is_read(message, thread),
            is_note: None,
            client_message_id: message.client_id.as_deref(),
            created_at: message.created_at,
        }
    }

    /// As agents see it.
    pub(crate) fn for_agent(message: &'a Message, thread: Option<&Thread>, urls: &FileUrls<'_>) -> Self {
        Self {
            is_note: Some(!message.is_public()),
            ..Self::for_visitor(message, thread, urls)
        }
    }
}

fn is_read(message: &Message, thread: Option<&Thread>) -> bool {
    message
        .unread_by()
        .is_none_or(|side| thread.is_some_and(|thread| thread.read_by(side) >= message.seq))
}

/// Notes carry files too.
fn message_type(message: &Message) -> &'static str {
    let are_images = |files: &[Attachment]| files.iter().all(|file| file.kind.is_image());
    match message.attachments.as_slice() {
        [] => "TEXT",
        files if are_images(files) => "IMAGE",
        _ => "FILE",
    }
}

/// A kind of sender as the website chat calls it.
pub(crate) const fn chat_sender(kind: SenderKind) -> &'static str {
    match kind {
        SenderKind::Customer => "VISITOR",
        SenderKind::Agent => "ADMIN",
        SenderKind::Bot => "BOT",
        SenderKind::System => "SYSTEM",
    }
}

/// A side as the website chat calls it.
pub(crate) const fn chat_side(side: Side) -> &'static str {
    match side {
        Side::Customer => "VISITOR",
        Side::Agents => "ADMIN",
    }
}

/// A message of a request for a human.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandoffMessage<'a> {
    id: Uuid,
    seq: u64,
    request_id: Uuid,
    /// `user`, `admin`, `bot` or `system`.
    sender_type: &'static str,
    sender_name: &'a str,
    message: &'a str,
    /// Present and `true` on words among agents, which users never see.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_note: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_message_id: Option<&'a str>,
    /// The files it carries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentRow>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl<'a> HandoffMessage<'a> {
    pub(crate) fn new(message: &'a Message, urls: &FileUrls<'_>) -> Self {
        Self {
            id: message.id.uuid(),
            seq: message.seq,
            request_id: message.ticket.uuid(),
            sender_type: handoff_sender(message.sender.kind()),
            sender_name: &message.sender_name,
            message: &message.content,
            is_note: !message.is_public(),
            client_message_id: message.client_id.as_deref(),
            attachments: urls.attachments(message),
            created_at: message.created_at,
        }
    }
}

const fn handoff_sender(kind: SenderKind) -> &'static str {
    match kind {
        SenderKind::Customer => "user",
        SenderKind::Agent => "admin",
        SenderKind::Bot => "bot",
        SenderKind::System => "system",
    }
}

/// A side as requests for a human call it.
pub(crate) const fn handoff_side(side: Side) -> &'static str {
    match side {
        Side::Customer => "user",
        Side::Agents => "admin",
    }
}
