//! Owing to subscribers what the journal tells.

use std::{future::Future, pin::pin, time::Duration};

use crate::desk::Desk;

/// How often it is looked for what the journal tells and subscribers don't know yet.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Subscriptions looked at in one round.
const WEBHOOKS_AT_ONCE: u32 = 10_000;

/// Owes to every webhook what the journal tells, until `shutdown` is done. Several nodes may do
/// it at once: where a webhook stands in the journal moves with what it is owed, in one commit.
pub async fn run_webhooks(desk: Desk, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    loop {
        let found = match desk.stores().webhooks.webhooks_behind(WEBHOOKS_AT_ONCE).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "webhooks could not be looked at and will be again");
                Vec::new()
            }
        };
        let mut is_behind = false;
        for (tenant, webhook) in found {
            match desk.advance_webhook(tenant, webhook).await {
                Ok(more) => is_behind |= more,
                Err(error) => tracing::warn!(%tenant, %error, "a webhook could not be advanced and will be again"),
            }
        }
        let pause = if is_behind { Duration::ZERO } else { LOOK_INTERVAL };
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
