//! What a node does by itself, again and again. Every node runs it; nothing has a single owner.

mod sweeps;

pub use sweeps::run_sweeps;
