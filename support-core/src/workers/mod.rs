//! What a node does by itself, again and again. Every node runs it; nothing has a single owner.

mod deliveries;
mod sweeps;
mod webhooks;

pub use deliveries::run_deliveries;
pub use sweeps::run_sweeps;
pub use webhooks::run_webhooks;
