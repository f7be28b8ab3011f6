//! Whether it lives, whether it can work, and what it has done.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use serde::Serialize;
use support_core::model::{Channel, DeliveryStatus};
use utoipa::{OpenApi, ToSchema};

use crate::{counters::Others, error::ApiError, state::SupportState};

/// How long a store or bus may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);
/// When to ask again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What deliveries are until they are sent or given up.
const UNFINISHED: [DeliveryStatus; 3] = [DeliveryStatus::Queued, DeliveryStatus::Sending, DeliveryStatus::Failed];

/// What is documented of these calls.
#[derive(OpenApi)]
#[openapi(paths(healthz, readyz, counters))]
pub(crate) struct Document;

/// Whether it lives (`/healthz`) and whether it can work (`/readyz`).
pub fn health() -> Router<SupportState> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
}

/// What it has done (`/metrics`): a part of its own, to be put on a port that not everybody reaches.
pub fn metrics() -> Router<SupportState> {
    Router::new().route("/metrics", get(counters))
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    status: &'static str,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
async fn healthz() -> axum::Json<Health> {
    axum::Json(Health { status: "ok" })
}

/// Whether store and bus answer.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, body = Health), (status = 503, description = "Store or bus does not answer")))]
async fn readyz(State(state): State<SupportState>) -> Result<axum::Json<Health>, ApiError> {
    let desk = state.desk();
    let both = async { desk.stores().upkeep.ping().await.is_ok() && desk.bus().ping().await.is_ok() };
    if tokio::time::timeout(PATIENCE, both).await.unwrap_or(false) && !state.shutdown().is_cancelled() {
        Ok(axum::Json(Health { status: "ready" }))
    } else {
        Err(ApiError::unavailable(RETRY_AFTER))
    }
}

/// Counters in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, content_type = "text/plain", body = String)))]
async fn counters(State(state): State<SupportState>) -> impl IntoResponse {
    let desk = state.desk();
    let asked = tokio::time::timeout(PATIENCE, desk.stores().owed.deliveries_owed()).await;
    let others = Others {
        live_connections: state.hub().connections(),
        attempts: desk.attempts_counted(),
        // The other counters are worth having when the store is away, then most of all.
        owed: asked.ok().and_then(Result::ok).map(with_zeros),
    };
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        state.metrics().text(&others),
    )
}

/// A queue that is empty is said to be so: a gauge that goes away looks as it did last.
fn with_zeros(counted: Vec<(Channel, DeliveryStatus, u64)>) -> Vec<(Channel, DeliveryStatus, u64)> {
    let mut owed: BTreeMap<(Channel, DeliveryStatus), u64> = BTreeMap::new();
    for channel in Channel::ALL {
        for status in UNFINISHED {
            owed.insert((*channel, status), 0);
        }
    }
    for (channel, status, count) in counted {
        owed.insert((channel, status), count);
    }
    owed.into_iter()
        .map(|((channel, status), count)| (channel, status, count))
        .collect()
}
