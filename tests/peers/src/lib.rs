//! The other sides of a support desk's deliveries.
