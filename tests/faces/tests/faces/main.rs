//! Every documented call, what it refuses, and who may never see what.

#![expect(clippy::indexing_slicing, reason = "a missing field is a failed test")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod administration;
mod agents;
mod customers;
mod sessions;
