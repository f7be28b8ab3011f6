//! The calls, one file per family: extract, ask the desk, translate.

pub(crate) mod agent_desk;
pub(crate) mod agents;
pub(crate) mod analytics;
pub(crate) mod api_keys;
pub(crate) mod auth;
pub(crate) mod available_agents;
pub(crate) mod callback;
pub(crate) mod callbacks;
pub(crate) mod calls;
pub(crate) mod canned_responses;
pub(crate) mod chat;
pub(crate) mod chat_desk;
pub(crate) mod chatbots;
pub(crate) mod customers;
pub(crate) mod dashboard;
pub(crate) mod deliveries;
pub(crate) mod departments;
pub(crate) mod events;
pub(crate) mod handoff;
mod handoff_party;
pub(crate) mod hooks;
pub(crate) mod portal;
pub(crate) mod presence;
pub(crate) mod settings;
pub(crate) mod tenants;
pub(crate) mod tickets;
pub(crate) mod webhooks;
