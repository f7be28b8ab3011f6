//! The verbs.
mod scope;
pub use scope::Scope;
