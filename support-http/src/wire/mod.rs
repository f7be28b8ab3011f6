//! Shapes that several faces share.

pub(crate) mod chat;
pub(crate) mod messages;
pub(crate) mod pagination;

use axum::Json;
use serde::Serialize;

/// An answer in the envelope `{success:true,data}`.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<T> {
    success: bool,
    data: T,
}

/// Puts an answer into its envelope.
pub(crate) fn enveloped<T: Serialize>(data: T) -> Json<Envelope<T>> {
    Json(Envelope { success: true, data })
}
