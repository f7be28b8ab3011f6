//! In which order lists of records come.

use super::SortOrder;

/// What a list of agents, customers or tenants is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordSort {
    /// When they were added.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// What they are called, sign by sign by its number in Unicode; who has no name has an empty
    /// one.
    Name,
}

/// How a list of agents, customers or tenants is sorted. Equals are sorted by id in the same
/// direction, so that the pages of a list never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordOrder {
    /// By what.
    pub sort: RecordSort,
    /// In which direction.
    pub order: SortOrder,
}

impl RecordOrder {
    /// Who was added last comes first.
    pub const NEWEST_FIRST: Self = Self::new(RecordSort::CreatedAt, SortOrder::Descending);
    /// Who was added first comes first.
    pub const OLDEST_FIRST: Self = Self::new(RecordSort::CreatedAt, SortOrder::Ascending);
    /// As in an address book.
    pub const BY_NAME: Self = Self::new(RecordSort::Name, SortOrder::Ascending);

    /// By this in that direction.
    #[must_use]
    pub const fn new(sort: RecordSort, order: SortOrder) -> Self {
        Self { sort, order }
    }
}
