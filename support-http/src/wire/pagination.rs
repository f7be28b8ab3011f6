//! Lists by pages.

use serde::{Deserialize, Serialize};
use support_core::ports::PageRequest;
use utoipa::ToSchema;

use crate::error::{ApiError, Detail};

/// The longest page.
const LONGEST_PAGE: u32 = 100;
/// The page nobody asked to be of another length.
const USUAL_PAGE: u32 = 20;

/// Which page is asked for. To be flattened into a query, its numbers come as texts: a query's
/// flattened part loses its types.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct PageQuery {
    page: Option<String>,
    limit: Option<String>,
}

impl PageQuery {
    /// The page, checked.
    ///
    /// # Errors
    /// [`ApiError`] naming what is not a number or out of range.
    pub(crate) fn request(&self) -> Result<PageRequest, ApiError> {
        let mut wrong = Vec::new();
        let number = checked("page", self.page.as_deref(), 1, 1_000_000, &mut wrong);
        let limit = checked("limit", self.limit.as_deref(), USUAL_PAGE, LONGEST_PAGE, &mut wrong);
        if wrong.is_empty() {
            Ok(PageRequest { number, limit })
        } else {
            Err(ApiError::validation(wrong))
        }
    }
}

fn checked(field: &str, text: Option<&str>, usual: u32, most: u32, wrong: &mut Vec<Detail>) -> u32 {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return usual;
    };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => number,
        _ => {
            wrong.push(Detail::new(field, format!("Must be a number from 1 to {most}")));
            usual
        }
    }
}

/// Where a page lies in its list.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    current_page: u32,
    total_pages: u64,
    total_items: u64,
    items_per_page: u32,
    has_next_page: bool,
    has_prev_page: bool,
}

impl Pagination {
    /// Of a list of `total` items.
    pub(crate) fn new(request: PageRequest, total: u64) -> Self {
        let total_pages = total.div_ceil(u64::from(request.limit.max(1)));
        Self {
            current_page: request.number,
            total_pages,
            total_items: total,
            items_per_page: request.limit,
            has_next_page: u64::from(request.number) < total_pages,
            has_prev_page: request.number > 1,
        }
    }
}
