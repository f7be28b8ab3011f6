//! Shapes that several faces share.

pub(crate) mod analytics;
pub(crate) mod callbacks;
pub(crate) mod chat;
pub(crate) mod csv;
pub(crate) mod cursor;
pub(crate) mod dates;
pub(crate) mod deliveries;
pub(crate) mod figures;
pub(crate) mod files;
pub(crate) mod handoff;
pub(crate) mod identity;
pub(crate) mod messages;
pub(crate) mod named;
pub(crate) mod notifications;
pub(crate) mod office_hours;
pub(crate) mod pagination;
pub(crate) mod people;
pub(crate) mod portal;
pub(crate) mod sorting;
pub(crate) mod tickets;
pub(crate) mod visits;

use axum::Json;
use serde::Serialize;

/// An answer in the envelope `{success:true,data}`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Envelope<T> {
    success: bool,
    data: T,
}

/// Puts an answer into its envelope.
pub(crate) fn enveloped<T: Serialize>(data: T) -> Json<Envelope<T>> {
    Json(Envelope { success: true, data })
}

/// What was removed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Removed {
    id: String,
}

impl Removed {
    pub(crate) fn new(id: impl std::fmt::Display) -> Self {
        Self { id: id.to_string() }
    }
}
