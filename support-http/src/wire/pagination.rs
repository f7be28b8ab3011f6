//! Lists by pages.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Serialize};
use support_core::ports::PageRequest;
use utoipa::ToSchema;

use crate::error::{ApiError, Detail};

/// The longest page.
const LONGEST_PAGE: u32 = 100;
/// Further on, lists are read by cursor.
const MOST_PAGES: u32 = 1_000_000;
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
        let page = number("page", self.page.as_deref(), 1, 1..=MOST_PAGES, &mut wrong);
        let limit = number("limit", self.limit.as_deref(), USUAL_PAGE, 1..=LONGEST_PAGE, &mut wrong);
        if wrong.is_empty() {
            Ok(PageRequest { number: page, limit })
        } else {
            Err(ApiError::validation(wrong))
        }
    }
}

/// A number in a query, within a range; the usual one when none is named.
pub(crate) fn number<N>(
    field: &str,
    text: Option<&str>,
    usual: N,
    range: RangeInclusive<N>,
    wrong: &mut Vec<Detail>,
) -> N
where
    N: FromStr + PartialOrd + Display,
{
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return usual;
    };
    match text.parse() {
        Ok(number) if range.contains(&number) => number,
        _ => {
            let (least, most) = (range.start(), range.end());
            wrong.push(Detail::new(field, format!("Must be a number from {least} to {most}")));
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
