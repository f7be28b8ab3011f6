//! Files that people send in: what they are called, what they may be, and who may have them.

mod content;
mod jpeg;
mod kind;
mod metadata;
mod name;

pub use content::{Inspected, Inspection};
pub use kind::FileKind;
pub use name::{LONGEST_FILE_NAME, safe_file_name};

use serde::{Deserialize, Serialize};

use super::{Actor, ActorRef, FileId, MessageId, Role, TenantId, Ticket, TicketId, Timestamp};

/// The largest file that visitors of a widget send in unless it is settled otherwise, in bytes.
pub const LARGEST_WIDGET_FILE: u64 = 5 * 1024 * 1024;
/// The largest file that others send in unless it is settled otherwise, in bytes.
pub const LARGEST_FILE: u64 = 10 * 1024 * 1024;
/// The most files that one message carries.
pub const MOST_ATTACHMENTS: usize = 10;
/// The most points of an image: one that is larger is a burden for whoever looks at it.
pub const MOST_PIXELS: u64 = 100_000_000;
/// The longest side of a small picture of an image, in points.
pub const THUMBNAIL_SIDE: u32 = 320;
/// How long a file is kept that no message carries.
pub const LOOSE_FILES_KEPT: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Width and height of an image, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dimensions {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

impl Dimensions {
    /// How many points there are.
    #[must_use]
    pub fn pixels(self) -> u64 {
        u64::from(self.width).saturating_mul(u64::from(self.height))
    }
}

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// Its bytes are coming in, or stopped coming.
    Arriving,
    /// It is there, and no message carries it.
    Loose,
    /// A message carries it.
    Attached {
        /// The message.
        message: MessageId,
        /// Whether the message is a note, so that customers never get the file.
        is_note: bool,
    },
    /// Its bytes are being removed.
    Leaving,
}

/// A file that somebody sent in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// The conversation it is for; none while that is not known.
    pub ticket: Option<TicketId>,
    /// Who sent it in.
    pub uploader: ActorRef,
    /// What they call it, made [safe](safe_file_name).
    pub name: String,
    /// What it is, by its bytes.
    pub kind: FileKind,
    /// How many bytes it has, as it is stored.
    pub size: u64,
    /// How large it is, if it is an image that says so.
    pub dimensions: Option<Dimensions>,
    /// What the file store knows it by.
    pub key: String,
    /// How many bytes the [small picture](File::thumbnail) of it has, if there is one.
    pub thumbnail_size: Option<u64>,
    /// Where it stands.
    pub state: FileState,
    /// Counts changes.
    pub version: u64,
    /// When it began to come in.
    pub created_at: Timestamp,
}

/// What a message says of a file that it carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Attachment {
    /// The file.
    pub file: FileId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// How many bytes it has.
    pub size: u64,
    /// How large it is, if it is an image that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// Whether there is a [small picture](File::thumbnail) of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_thumbnail: bool,
}

impl File {
    /// What the file store knows a tenant's file by: unguessable, and under the tenant's prefix.
    #[must_use]
    pub fn key_of(tenant: TenantId, random: &str) -> String {
        format!("{tenant}/{random}")
    }

    /// Whether a message of `actor` in `ticket` may carry it: their own that no message carries,
    /// sent in for this conversation or for none in particular.
    #[must_use]
    pub fn may_be_attached_by(&self, actor: ActorRef, ticket: TicketId) -> bool {
        self.state == FileState::Loose
            && self.uploader == actor
            && self.ticket.is_none_or(|meant_for| meant_for == ticket)
    }

    /// The same file, carried by a message.
    #[must_use]
    pub fn attached_to(self, ticket: TicketId, message: MessageId, is_note: bool) -> Self {
        Self {
            ticket: Some(ticket),
            state: FileState::Attached { message, is_note },
            ..self
        }
    }

    /// Whether `actor` may have its bytes. `ticket` is the conversation that it is in.
    #[must_use]
    pub fn is_open_to(&self, actor: &Actor, as_ref: ActorRef, ticket: Option<&Ticket>) -> bool {
        match self.state {
            FileState::Arriving | FileState::Leaving => false,
            FileState::Loose => self.uploader == as_ref,
            FileState::Attached { is_note, .. } => {
                ticket.is_some_and(|ticket| actor.sees(ticket)) && (!is_note || actor.is_at_least(Role::Agent))
            }
        }
    }

    /// What a message says of it.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        Attachment {
            file: self.id,
            name: self.name.clone(),
            kind: self.kind,
            size: self.size,
            dimensions: self.dimensions,
            has_thumbnail: self.thumbnail_size.is_some(),
        }
    }

    /// What the file store knows the small picture of an image by.
    #[must_use]
    pub fn thumbnail_key(&self) -> String {
        format!("{}-thumbnail", self.key)
    }

    /// The small picture of it, at most [`THUMBNAIL_SIDE`] wide and high, as a file that whoever
    /// may have the large one may have too.
    #[must_use]
    pub fn thumbnail(&self) -> Option<Self> {
        let kind = self.kind.of_thumbnail()?;
        let ending = kind.extensions().first().copied().unwrap_or_default();
        Some(Self {
            name: if kind == self.kind {
                self.name.clone()
            } else {
                format!("{}.{ending}", self.name)
            },
            kind,
            size: self.thumbnail_size?,
            dimensions: None,
            key: self.thumbnail_key(),
            thumbnail_size: None,
            ..self.clone()
        })
    }
}
