//! The faces over a store in memory, called without a network.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::indexing_slicing, reason = "a missing field is a failed test")]

mod administration;
mod auth;
mod authorisation;
mod boundary;
mod callbacks;
mod captcha;
mod fields;
mod hooks;
mod idempotency;
mod identity;
mod limits;
mod lists;
mod pages;
mod portal;
mod tenancy;
mod world;
