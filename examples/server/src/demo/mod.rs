//! A tenant that looks as if people had worked in it for a while, told to the store through the
//! write door, so that journal, figures and counters are those of real use.

mod conversation;
mod days;
mod dice;
mod phone;
mod plot;
mod seeding;
mod shop;
mod words;

use std::time::Duration;

use support_core::desk::{Desk, Stores};

pub(crate) use self::shop::Login;
use self::shop::{Shop, Standing};
use crate::start::Failure;

/// What is to be made up.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The tenant's slug.
    pub(crate) tenant: String,
    /// How many tickets.
    pub(crate) tickets: u64,
    /// About how many messages in all.
    pub(crate) messages: u64,
    /// Over how many days, up to now.
    pub(crate) days: u64,
    /// How many agents.
    pub(crate) agents: usize,
}

impl Asked {
    /// The same is asked, the same is told.
    const fn seed(&self) -> u64 {
        self.tickets ^ (self.days << 40)
    }
}

/// What was made up.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) logins: Vec<Login>,
    pub(crate) customers: usize,
    pub(crate) tickets: u64,
    pub(crate) messages: u64,
    pub(crate) callbacks: u64,
}

/// Makes everything up and stores it.
///
/// # Errors
/// [`Failure`] when the tenant has tickets, an address is taken, or the store refuses something.
pub(crate) async fn seed(desk: &Desk, asked: &Asked) -> Result<Told, Failure> {
    let now = desk.now();
    let began = now.minus(Duration::from_secs((asked.days + 1) * 24 * 60 * 60));
    let then = desk_of_then(desk.stores().clone(), began);
    let (shop, logins) = Shop::open(&then, asked, now).await?;
    let mut told = Told {
        logins,
        customers: shop.customers.len(),
        ..Told::default()
    };
    seeding::conversations(&then, &shop, asked, &mut told).await?;
    seeding::callbacks(&then, &shop, asked, &mut told).await?;
    Ok(told)
}

/// Whoever is added with it was there when the first customer wrote; and it has no way out, so
/// nothing made up is ever sent to anybody.
fn desk_of_then(stores: Stores, began: support_core::model::Timestamp) -> Desk {
    Desk::builder_over(stores).clock(Standing(began)).build()
}
