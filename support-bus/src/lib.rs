//! Carries hints and signals between the nodes of an installation, over Redis' publish and
//! subscribe.
//!
//! A node needs Redis for nothing else: while it is away, everything is still told within the
//! node, and other nodes' events are found in the journal, a moment later.
//!
//! ```no_run
//! # fn example() -> Result<(), support_bus::InvalidRedisUrl> {
//! use std::sync::Arc;
//!
//! use support_bus::RedisBus;
//! use support_core::{desk::DeskBuilder, ports::EventBus};
//!
//! fn with_other_nodes(desk: DeskBuilder, url: &str) -> Result<DeskBuilder, support_bus::InvalidRedisUrl> {
//!     Ok(desk.bus(Arc::new(RedisBus::connect(url)?)))
//! }
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

mod bus;
mod connection;
mod envelope;
mod link;
mod pause;
mod url;

pub use bus::{RedisBus, RedisBusSettings};
pub use url::{InvalidRedisUrl, RedisUrl};
