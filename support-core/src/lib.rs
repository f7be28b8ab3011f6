//! Customer support as a library.

#![warn(missing_docs)]

pub mod change;
pub mod desk;
#[cfg(feature = "memory")]
pub mod memory;
pub mod model;
pub mod ports;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod workers;
