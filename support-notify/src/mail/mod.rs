//! Mails: their words, and their bytes.

mod builtin;
mod clean;
mod compose;
mod language;
mod templates;
mod view;

pub use compose::{ComposeError, ComposedMail, Recipient};
pub use templates::Templates;
