//! One type per kind of id, so that a ticket's id can't be passed where an agent's is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to name this kind of thing.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, as stores and wires carry it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A company whose support this is.
    TenantId;
    /// An entry point of a tenant: a widget, a chatbot, an API client.
    InboxId;
    /// A team that tickets can be routed to.
    DepartmentId;
    /// Somebody who answers.
    AgentId;
    /// A known person of a tenant.
    CustomerId;
    /// Somebody in a widget who need not be known.
    VisitorId;
    /// One conversation.
    TicketId;
    /// One entry of a conversation's thread.
    MessageId;
    /// An in-app notification to one person.
    NotificationId;
    /// Something owed to the outside over one channel.
    DeliveryId;
    /// A server's credential.
    ApiKeyId;
    /// A wish to be phoned.
    CallbackId;
    /// A URL that a tenant subscribed to what happens.
    WebhookId;
    /// An answer that agents have at hand.
    CannedResponseId;
    /// A file that somebody sent in.
    FileId;
    /// Something that customers can read before they ask.
    ArticleId;
    /// That somebody may not write.
    BlockId;
}
