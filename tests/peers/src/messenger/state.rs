//! What Meta knows: pages, people, and what a test wants to go wrong.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::answer::Trouble;

#[derive(Debug, Default)]
pub(super) struct State {
    pages: BTreeMap<String, String>,
    last_actions: BTreeMap<String, SystemTime>,
    names: BTreeMap<String, (String, String)>,
    lasting: BTreeMap<String, Trouble>,
    passing: BTreeMap<String, VecDeque<Trouble>>,
    last_mid: u64,
}

impl State {
    pub(super) fn add_page(&mut self, page: &str, token: &str) {
        self.pages.insert(token.to_owned(), page.to_owned());
    }

    pub(super) fn page_of(&self, token: &str) -> Option<String> {
        self.pages.get(token).cloned()
    }

    pub(super) fn revoke(&mut self, token: &str) {
        self.pages.remove(token);
    }

    pub(super) fn acted(&mut self, psid: &str, at: SystemTime) {
        self.last_actions.insert(psid.to_owned(), at);
    }

    pub(super) fn last_action(&self, psid: &str) -> Option<SystemTime> {
        self.last_actions.get(psid).copied()
    }

    pub(super) fn name(&mut self, psid: &str, first: &str, last: &str) {
        self.names.insert(psid.to_owned(), (first.to_owned(), last.to_owned()));
    }

    pub(super) fn profile(&self, psid: &str) -> Option<Value> {
        let (first, last) = self.names.get(psid)?;
        Some(json!({ "first_name": first, "last_name": last, "id": psid }))
    }

    pub(super) fn trouble(&mut self, psid: &str, trouble: Trouble) {
        self.lasting.insert(psid.to_owned(), trouble);
    }

    pub(super) fn trouble_once(&mut self, psid: &str, trouble: Trouble) {
        self.passing.entry(psid.to_owned()).or_default().push_back(trouble);
    }

    pub(super) fn recover(&mut self, psid: &str) {
        self.lasting.remove(psid);
        self.passing.remove(psid);
    }

    pub(super) fn next_trouble(&mut self, psid: &str) -> Option<Trouble> {
        let passing = self.passing.get_mut(psid).and_then(VecDeque::pop_front);
        passing.or_else(|| self.lasting.get(psid).copied())
    }

    pub(super) fn new_mid(&mut self) -> String {
        self.last_mid += 1;
        format!("m_Peer{:08}", self.last_mid)
    }
}
