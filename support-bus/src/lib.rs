//! Carries hints and signals between the nodes of an installation, over Redis' publish and
//! subscribe.
//!
//! A node needs Redis for nothing else: while it is away, everything is still told within the
//! node, and other nodes' events are found in the journal, a moment later.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use support_bus::RedisBus;
//! # use support_core::desk::{Desk, DeskBuilder};
//!
//! # fn example(builder: DeskBuilder) -> Result<Desk, support_bus::InvalidRedisUrl> {
//! let bus = RedisBus::connect("redis://:password@redis.example")?;
//! let desk = builder.bus(Arc::new(bus)).build();
//! # Ok(desk)
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
