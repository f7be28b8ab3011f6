//! Sends what a support desk owes.
