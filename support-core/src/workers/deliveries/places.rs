//! How much of a node may be taken by what goes the same way, so that a way that hangs leaves
//! places for the others.

use std::{collections::HashMap, sync::Arc};

use crate::model::Channel;

/// Sends over one account that may be under way at once, whoever's they are.
const OF_ACCOUNT: usize = 128;

/// Sends over one channel that may be under way at once, which bounds a node's memory whatever
/// the queue's length. Every channel has its own, so that none waits for another.
const fn of_channel(channel: Channel) -> usize {
    match channel {
        Channel::Email | Channel::Webhook | Channel::Bot => 512,
        Channel::Telegram | Channel::Messenger | Channel::Sms => 128,
    }
}

/// The part of the free places of a channel, or of an account, that one lane may take at a time:
/// something is left for those who come later.
const PART_OF_CHANNEL: usize = 8;
const PART_OF_ACCOUNT: usize = 4;

/// What a send takes a place of.
#[derive(Debug, Clone)]
pub(super) struct Place {
    channel: Channel,
    account: Option<Arc<str>>,
}

impl Place {
    pub(super) fn new(channel: Channel, account: Option<String>) -> Self {
        Self {
            channel,
            account: account.map(Arc::from),
        }
    }
}

/// The places that are taken.
#[derive(Debug, Default)]
pub(super) struct Places {
    channels: HashMap<Channel, usize>,
    accounts: HashMap<Arc<str>, usize>,
}

impl Places {
    /// How many more a lane may take now.
    pub(super) fn share(&self, place: &Place) -> usize {
        let taken = self.channels.get(&place.channel).copied().unwrap_or_default();
        let of_channel = of_channel(place.channel).saturating_sub(taken);
        let of_channel = of_channel.div_ceil(PART_OF_CHANNEL);
        let Some(account) = &place.account else {
            return of_channel;
        };
        let taken = self.accounts.get(account).copied().unwrap_or_default();
        let of_account = OF_ACCOUNT.saturating_sub(taken).div_ceil(PART_OF_ACCOUNT);
        of_channel.min(of_account)
    }

    pub(super) fn take(&mut self, place: &Place) {
        *self.channels.entry(place.channel).or_default() += 1;
        if let Some(account) = &place.account {
            *self.accounts.entry(Arc::clone(account)).or_default() += 1;
        }
    }

    pub(super) fn leave(&mut self, place: &Place) {
        if let Some(taken) = self.channels.get_mut(&place.channel) {
            *taken = taken.saturating_sub(1);
        }
        let Some(account) = &place.account else {
            return;
        };
        if let Some(taken) = self.accounts.get_mut(account) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                self.accounts.remove(account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(account: &str) -> Place {
        Place::new(Channel::Email, Some(account.to_owned()))
    }

    fn fill(places: &mut Places, place: &Place) -> usize {
        let mut taken = 0;
        loop {
            let share = places.share(place);
            if share == 0 {
                return taken;
            }
            for _ in 0..share {
                places.take(place);
            }
            taken += share;
        }
    }

    #[test]
    fn an_account_that_many_share_leaves_places_to_other_accounts_and_channels() {
        let mut places = Places::default();
        assert_eq!(fill(&mut places, &over("hangs")), OF_ACCOUNT);
        assert!(places.share(&over("works")) >= 16);
        let chat = Place::new(Channel::Telegram, Some("bot".to_owned()));
        assert!(places.share(&chat) >= 4);
        let subscribers = Place::new(Channel::Webhook, None);
        assert!(places.share(&subscribers) >= 32);
    }

    #[test]
    fn no_lane_takes_all_that_is_left() {
        let mut places = Places::default();
        let shared = over("shared");
        let mut lanes = 0;
        while places.share(&shared) > 0 {
            // As many as a lane takes at most.
            for _ in 0..places.share(&shared).min(16) {
                places.take(&shared);
            }
            lanes += 1;
        }
        assert!(lanes > 16, "{lanes}");
    }

    #[test]
    fn a_place_that_was_left_is_free() {
        let mut places = Places::default();
        let place = over("account");
        assert_eq!(fill(&mut places, &place), OF_ACCOUNT);
        places.leave(&place);
        assert_eq!(places.share(&place), 1);
        for _ in 1..OF_ACCOUNT {
            places.leave(&place);
        }
        assert!(places.accounts.is_empty());
    }
}
