//! Two nodes with one database and one Redis are one server, and two servers of one mind when Redis dies.

#![expect(clippy::indexing_slicing, reason = "a missing field is a failed test")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod away;
mod encrypted;
mod installation;
mod portal;
mod together;
