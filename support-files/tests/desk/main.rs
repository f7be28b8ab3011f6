//! A desk over what keeps, looks through and shows files: what is left, what is let in, what is seen.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod office;
#[cfg(feature = "clamd")]
mod scanning;
mod sweeping;
#[cfg(feature = "thumbnails")]
mod thumbnails;
