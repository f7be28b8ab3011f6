//! Every documented call, what it refuses, and who may never see what.

#![expect(clippy::indexing_slicing, reason = "a missing field is a failed test")]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod administration;
mod agents;
mod analytics;
mod assignment;
mod attachments;
mod audit;
mod blocks;
mod callback_lists;
mod callbacks;
mod canned_responses;
mod chat;
mod chat_desk;
mod customers;
mod deliveries;
mod departments;
mod erasure;
mod exports;
mod files;
mod handoff;
mod handoff_socket;
mod hooks_messenger;
mod hooks_telegram;
mod hostile;
mod hostile_files;
mod isolation;
mod knowledge;
mod limits;
mod logs;
mod office_hours;
mod outage;
mod passwords;
mod portal;
mod portal_events;
mod presence;
mod privacy;
mod repeats;
mod sessions;
mod settings;
mod sorting;
mod streams;
mod surface;
mod tickets;
mod transcripts;
mod visits;
mod ways_out;
mod webhooks;
mod widget;
