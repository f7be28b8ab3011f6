//! Reads the workspace as its own subject: the dependency graph as cargo sees it, and the sources as outlines.
//!
//! The rules themselves are in `tests/`; this library only answers questions about the tree.

mod outline;
mod source;
mod workspace;

pub use outline::outline;
pub use source::{Source, rust_files};
pub use workspace::{Declared, Member, Workspace, all_packages, root, ships_with};
