//! Teams that tickets can be routed to.

use std::sync::Arc;

use super::{DepartmentId, OfficeHours, Timestamp};

/// A team. Tickets name one or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// Its name, unique within the tenant.
    pub name: String,
    /// Its short name, unique within the tenant.
    pub slug: String,
    /// What it is for, shown to visitors who choose.
    pub description: Option<String>,
    /// Where its mail goes.
    pub email: Option<String>,
    /// Whether new tickets may name it.
    pub is_active: bool,
    /// Its place in lists, ascending.
    pub sort_order: i32,
    /// When somebody is there for it; as everywhere at the tenant's, where none are set.
    pub office_hours: Option<Arc<OfficeHours>>,
    /// Counts changes.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Names and slugs of the departments that a new tenant begins with.
pub const FIRST_DEPARTMENTS: [(&str, &str); 4] = [
    ("General Support", "general"),
    ("Sales", "sales"),
    ("Technical Support", "technical"),
    ("Billing & Finance", "finance"),
];
