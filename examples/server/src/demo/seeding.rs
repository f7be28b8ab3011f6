//! Telling the stories to the store: many at once, since every batch is one transaction.

use std::{collections::VecDeque, time::Duration};

use support_core::{
    change::{Receipt, Rejected, SealedChange},
    desk::{Desk, DeskError},
};
use tokio::time::Instant;

use super::{Asked, Told, conversation::Story, days::moments, dice::Dice, phone::callback, plot::Plots, shop::Shop};
use crate::{commands::remark, start::Failure};

/// Conversations that are told at the same time.
const AT_ONCE: usize = 400;
/// How long nobody hears how far it is.
const REMARKS: Duration = Duration::from_secs(3);
/// Of how many tickets one is a callback, and how many there are at most.
const CALLBACKS: (u64, u64) = (8, 2_000);
/// Unfinished tickets are among so many of the last.
const LATE: std::ops::RangeInclusive<u64> = 10..=240;
/// Lines that the software itself adds to a conversation.
const OF_THE_SOFTWARE: u64 = 2;

/// Commits change sets that build on nothing but what is there.
///
/// # Errors
/// [`Failure`] when one of them is refused.
pub(super) async fn commit(desk: &Desk, changes: &[SealedChange]) -> Result<Vec<Receipt>, Failure> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut receipts = Vec::with_capacity(changes.len());
    for outcome in desk.stores().commit.commit(changes).await? {
        receipts.push(match outcome {
            Ok(receipt) => receipt,
            Err(Rejected::Duplicate(receipt)) => receipt,
            Err(Rejected::Conflict(conflict)) => return Err(DeskError::from(conflict).into()),
        });
    }
    Ok(receipts)
}

/// Tells all conversations.
///
/// # Errors
/// [`Failure`] when the store refuses something.
pub(super) async fn conversations(desk: &Desk, shop: &Shop, asked: &Asked, told: &mut Told) -> Result<(), Failure> {
    let mut dice = Dice::seeded(asked.seed() + 1);
    let said = (asked.messages / asked.tickets.max(1)).saturating_sub(OF_THE_SOFTWARE);
    let mut plots = Plots::new(shop, said.max(1), Dice::seeded(asked.seed() + 2));
    let late = (asked.tickets / 12).clamp(*LATE.start(), *LATE.end());
    let moments = moments(shop.now, asked.days, asked.tickets, Dice::seeded(asked.seed() + 3));
    let mut moments = (1..).zip(moments);
    let mut progress = Progress::begin(asked.tickets);
    let mut stories: Vec<Story> = Vec::with_capacity(AT_ONCE);
    loop {
        let room = AT_ONCE.saturating_sub(stories.len());
        let new = moments.by_ref().take(room);
        stories.extend(new.map(|(place, at)| plots.story(shop, at, place + late > asked.tickets)));
        if stories.is_empty() {
            return Ok(());
        }
        tell(desk, shop, &mut stories, &mut dice).await?;
        for story in stories.extract_if(.., |story| story.is_over()) {
            told.tickets += 1;
            told.messages += story.messages();
        }
        progress.remark(told);
    }
}

/// Tells what comes next in each story, all in one transaction.
async fn tell(desk: &Desk, shop: &Shop, stories: &mut [Story], dice: &mut Dice) -> Result<(), Failure> {
    let mut changes = Vec::new();
    let mut tellers = Vec::new();
    for (teller, story) in stories.iter_mut().enumerate() {
        let round = story.next_round(shop, dice)?;
        tellers.extend(round.iter().map(|_| teller));
        changes.extend(round);
    }
    for (teller, receipt) in tellers.into_iter().zip(commit(desk, &changes).await?) {
        if let (Some(story), Some((_, number))) = (stories.get_mut(teller), receipt.tickets.first()) {
            story.number(*number);
        }
    }
    Ok(())
}

/// Tells all callbacks.
///
/// # Errors
/// [`Failure`] when the store refuses something.
pub(super) async fn callbacks(desk: &Desk, shop: &Shop, asked: &Asked, told: &mut Told) -> Result<(), Failure> {
    let mut dice = Dice::seeded(asked.seed() + 4);
    let count = (asked.tickets / CALLBACKS.0).clamp(6, CALLBACKS.1);
    let mut tales: Vec<VecDeque<SealedChange>> = Vec::new();
    for at in moments(shop.now, asked.days, count, Dice::seeded(asked.seed() + 5)) {
        tales.push(callback(shop, at, &mut dice)?.into());
    }
    told.callbacks = count;
    loop {
        let next: Vec<SealedChange> = tales.iter_mut().filter_map(VecDeque::pop_front).collect();
        if next.is_empty() {
            return Ok(());
        }
        commit(desk, &next).await?;
    }
}

/// Says now and then how far it is.
struct Progress {
    tickets: u64,
    began: Instant,
    remarked: Instant,
}

impl Progress {
    fn begin(tickets: u64) -> Self {
        let now = Instant::now();
        Self {
            tickets,
            began: now,
            remarked: now,
        }
    }

    fn remark(&mut self, told: &Told) {
        if self.remarked.elapsed() < REMARKS || told.tickets == 0 {
            return;
        }
        self.remarked = Instant::now();
        let took = self.began.elapsed();
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let left = self.tickets.saturating_sub(told.tickets);
        remark(&format!(
            "{} of {} tickets, {} messages, {} messages a second, {} s left",
            told.tickets,
            self.tickets,
            told.messages,
            told.messages * 1_000 / millis,
            left * (millis / 1_000) / told.tickets,
        ));
    }
}
