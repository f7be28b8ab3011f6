//! What is owed to the outside, as admins see it.

use serde::Serialize;
use support_core::{desk::ChannelTest, model::Delivery};
use utoipa::ToSchema;

use super::pagination::Pagination;

/// One thing owed to one recipient.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(crate) struct DeliveryRow {
    id: String,
    /// `email`, `telegram`, `messenger`, `webhook`, `sms`, `bot`.
    channel: &'static str,
    /// What it says.
    kind: &'static str,
    recipient: String,
    ticket_id: Option<String>,
    callback_id: Option<String>,
    /// `queued`, `sending`, `sent`, `failed`, `dead`.
    status: &'static str,
    attempts: u32,
    last_error: Option<String>,
    next_attempt_at: String,
    sent_at: Option<String>,
    /// What the other side calls it.
    provider_id: Option<String>,
    created_at: String,
}

/// A page of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    deliveries: Vec<DeliveryRow>,
    pagination: Pagination,
}

/// What came of trying a channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelTested {
    /// Whether the other side took it.
    delivered: bool,
    /// The other side's own words.
    response: String,
}

impl From<Delivery> for DeliveryRow {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id.to_string(),
            channel: delivery.channel.as_str(),
            kind: delivery.notice.kind(),
            recipient: delivery.recipient,
            ticket_id: delivery.ticket.map(|ticket| ticket.to_string()),
            callback_id: delivery.callback.map(|callback| callback.to_string()),
            status: delivery.status.as_str(),
            attempts: delivery.attempts,
            last_error: delivery.last_error,
            next_attempt_at: delivery.next_attempt_at.to_string(),
            sent_at: delivery.sent_at.map(|at| at.to_string()),
            provider_id: delivery.provider_id,
            created_at: delivery.created_at.to_string(),
        }
    }
}

impl Deliveries {
    pub(crate) fn new(deliveries: Vec<Delivery>, pagination: Pagination) -> Self {
        Self {
            deliveries: deliveries.into_iter().map(DeliveryRow::from).collect(),
            pagination,
        }
    }
}

impl From<ChannelTest> for ChannelTested {
    fn from(tested: ChannelTest) -> Self {
        Self {
            delivered: tested.is_delivered,
            response: tested.response,
        }
    }
}
