//! Customer support as a library.

#![warn(missing_docs)]

pub mod change;
pub mod desk;
pub mod model;
pub mod ports;
