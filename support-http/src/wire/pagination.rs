//! Lists by pages.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Serialize};
use support_core::{model::Input, ports::PageRequest};
use utoipa::ToSchema;

use crate::error::{ApiError, finish};

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
        let mut input = Input::new();
        let page = self.read(&mut input);
        finish(input)?;
        Ok(page)
    }

    /// The page, checked as part of a larger input.
    pub(crate) fn read(&self, input: &mut Input) -> PageRequest {
        PageRequest {
            number: number("page", self.page.as_deref(), 1, 1..=MOST_PAGES, input),
            limit: number("limit", self.limit.as_deref(), USUAL_PAGE, 1..=LONGEST_PAGE, input),
        }
    }
}

/// A number in a query, within a range; the usual one when none is named.
pub(crate) fn number<N>(field: &str, text: Option<&str>, usual: N, range: RangeInclusive<N>, input: &mut Input) -> N
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
            input.refuse(field, format!("Must be a number from {least} to {most}"));
            usual
        }
    }
}

/// A place in a thread or journal: each is numbered by signed 64-bit integers in every store.
pub(crate) fn read_sequence(field: &str, text: Option<&str>, usual: u64, input: &mut Input) -> u64 {
    number(field, text, usual, 0..=i64::MAX.unsigned_abs(), input)
}

/// The same, as the only thing to be checked.
///
/// # Errors
/// [`ApiError`] naming the field.
pub(crate) fn sequence(field: &str, text: Option<&str>, usual: u64) -> Result<u64, ApiError> {
    let mut input = Input::new();
    let place = read_sequence(field, text, usual, &mut input);
    finish(input)?;
    Ok(place)
}

/// Where a page lies in its list.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    current_page: u32,
    total_pages: u64,
    /// At most 10,000 of a list of tickets: those after them are not counted.
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

    /// Of a list that was not counted to the end, so that its last counted page may not be the last.
    pub(crate) const fn or_more(self, is_more: bool) -> Self {
        Self {
            has_next_page: self.has_next_page || is_more,
            ..self
        }
    }
}
