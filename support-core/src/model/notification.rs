//! What people are told inside the product.

use super::{CallbackId, NotificationId, Principal, Priority, TicketId, Timestamp, named};

named! {
    /// What a notification is about.
    NotificationKind {
        /// A ticket was opened.
        NewTicket = "new_ticket",
        /// A ticket was given to the recipient.
        TicketAssigned = "ticket_assigned",
        /// Somebody wrote in the recipient's ticket.
        NewMessage = "new_message",
        /// The recipient's ticket changed its status.
        TicketStatusChange = "ticket_status_change",
        /// A ticket became more urgent, or needs more than its agent.
        PriorityEscalation = "priority_escalation",
        /// What was promised about time is not, or soon won't be, kept.
        SlaBreach = "sla_breach",
        /// Somebody asked to be phoned, or still waits for it.
        CallbackRequested = "callback_requested",
        /// Something owed to the outside can't be sent.
        DeliveryTrouble = "delivery_trouble",
        /// The customer of the recipient's ticket went away.
        CustomerDisconnect = "customer_disconnect",
        /// An agent is there no longer.
        AgentOffline = "agent_offline",
    }
}

/// One thing one person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who is told.
    pub recipient: Principal,
    /// What about.
    pub kind: NotificationKind,
    /// A few words.
    pub title: String,
    /// A sentence.
    pub message: String,
    /// How urgent it is.
    pub priority: Priority,
    /// The ticket it is about.
    pub ticket: Option<TicketId>,
    /// The callback it is about.
    pub callback: Option<CallbackId>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When they read it.
    pub read_at: Option<Timestamp>,
}
