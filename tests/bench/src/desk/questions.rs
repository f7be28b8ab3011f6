//! What is asked, with other parameters each time.

use chrono::{Days, Utc};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use super::known::Known;

/// Pages by number end where counting does.
const DEEPEST_PAGE: u32 = 400;
/// Days over which the tickets lie.
const DAYS: u64 = 365;

const STATUSES: [&str; 6] = ["open", "waiting", "assigned", "pending", "resolved", "closed"];
const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];
const COMMON: [&str; 4] = ["order", "thank", "please", "hello"];
const TAGS: [&str; 7] = ["delivery", "late", "damaged", "return", "refund", "fault", "vip"];

/// A kind of question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) name: &'static str,
    /// Whether an agent asks who may not see everything.
    pub(super) is_asked_by_member: bool,
    /// Its path, with names in braces for what differs from one to the next.
    path: &'static str,
}

const fn admin(name: &'static str, path: &'static str) -> Question {
    Question {
        name,
        is_asked_by_member: false,
        path,
    }
}

const fn member(name: &'static str, path: &'static str) -> Question {
    Question {
        name,
        is_asked_by_member: true,
        path,
    }
}

/// Everything that is asked, in the order of the table.
pub(super) const ALL: [Question; 52] = [
    admin("newest", "{list}"),
    admin("oldest", "{list}&sortBy=createdAt&sortOrder=asc"),
    admin("last active", "{list}{active}"),
    admin("longest silent", "{list}&sortBy=updatedAt&sortOrder=asc"),
    admin("most urgent", "{list}{urgent}"),
    admin("least urgent", "{list}&sortBy=priority&sortOrder=asc"),
    admin("status", "{list}&status={status}"),
    admin("status, last active", "{list}&status={status}{active}"),
    admin("unfinished", "{list}&status=open,waiting,assigned,pending"),
    admin("priority", "{list}&priority={priority}"),
    admin("priority, last active", "{list}&priority={priority}{active}"),
    admin("department", "{list}&department={department}"),
    admin("department, last active", "{list}&department={department}{active}"),
    admin(
        "department and status",
        "{list}&department={department}&status={status}",
    ),
    admin(
        "department and status, most urgent",
        "{list}&department={department}&status={status}{urgent}",
    ),
    admin("agent", "{list}&agentId={agent}"),
    admin("agent, last active", "{list}&agentId={agent}{active}"),
    admin("agent and status", "{list}&agentId={agent}&status={status}"),
    admin("nobody", "{list}&agentId=none"),
    admin("nobody and status", "{list}&agentId=none&status={status}"),
    admin("customer", "{list}&customerId={customer}"),
    admin("tag", "{list}&tag={tag}"),
    admin("tag, last active", "{list}&tag={tag}{active}"),
    admin("tag and status", "{list}&tag={tag}&status={status}"),
    admin("a tag that nobody gave", "{list}&tag=unknown-{number}"),
    admin("a day", "{list}&dateFrom={day}&dateTo={day}"),
    admin("some months, last active", "{list}{months}{active}"),
    admin(
        "department, tag and months",
        "{list}&department={department}&tag={tag}{months}",
    ),
    admin("page after page", "{list}{cursor}"),
    admin("page after page, last active", "{list}{active}{cursor}"),
    admin("pages by number", "{list}&page={page}"),
    admin("a ticket with its messages", "/api/tickets/{ticket}"),
    member("a member's newest", "{list}"),
    member("a member's last active", "{list}{active}"),
    member("a member's, status", "{list}&status={status}"),
    member("a member's, tag", "{list}&tag={tag}"),
    admin("search: rare", "/api/tickets/search/{rare}"),
    admin("search: common", "/api/tickets/search/{common}"),
    admin("search: common and rare", "/api/tickets/search/{common}%20{rare}"),
    admin("search: first letters", "/api/tickets/search/{letters}"),
    member("a member's search: common", "/api/tickets/search/{common}"),
    member("a member's search: rare", "/api/tickets/search/{rare}"),
    admin("overview of 30 days", "/api/tickets/stats/overview"),
    admin("overview of a year", "/api/tickets/stats/overview?dateFrom={year}"),
    admin("dashboard", "/api/dashboard/stats"),
    admin("dashboard of agents", "/api/dashboard/agents"),
    admin("agents with figures", "/api/agents?limit=100"),
    admin("analytics of 7 days", "/api/v1/admin/chat/analytics?days=7"),
    admin("analytics of 30 days", "/api/v1/admin/chat/analytics?days=30"),
    admin("analytics of 365 days", "/api/v1/admin/chat/analytics?days=365"),
    admin(
        "analytics of a department, 365 days",
        "/api/v1/admin/chat/analytics?days=365&department={department}",
    ),
    admin("chats with one star", "/api/v1/admin/chat?rating=1&limit=25"),
];

impl Question {
    /// The path asked next; the list's next part where it goes on.
    pub(super) fn path(&self, known: &Known, cursor: Option<&str>, dice: &mut StdRng) -> String {
        let mut path = String::new();
        let mut rest = self.path;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            path += before;
            path += &filled(name, known, cursor, dice);
            rest = after;
        }
        path + rest
    }
}

fn filled(name: &str, known: &Known, cursor: Option<&str>, dice: &mut StdRng) -> String {
    let of = |texts: &[String], dice: &mut StdRng| texts.choose(dice).cloned().unwrap_or_default();
    let fixed = |texts: &[&str], dice: &mut StdRng| texts.choose(dice).copied().unwrap_or_default().to_owned();
    match name {
        "list" => "/api/tickets?limit=25".to_owned(),
        "active" => "&sortBy=updatedAt&sortOrder=desc".to_owned(),
        "urgent" => "&sortBy=priority&sortOrder=desc".to_owned(),
        "cursor" => cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default(),
        "status" => fixed(&STATUSES, dice),
        "priority" => fixed(&PRIORITIES, dice),
        "tag" => fixed(&TAGS, dice),
        "common" => fixed(&COMMON, dice),
        "department" => of(&known.departments, dice),
        "agent" => of(&known.agents, dice),
        "customer" => of(&known.customers, dice),
        "ticket" => of(&known.tickets, dice),
        "rare" => of(&known.rare, dice),
        "letters" => of(&known.rare, dice).chars().take(6).collect(),
        "day" => known.day.clone(),
        "number" => dice.random::<u32>().to_string(),
        "page" => dice.random_range(1..=DEEPEST_PAGE).to_string(),
        "months" => {
            let from = day_before_today(dice.random_range(90..DAYS));
            let to = day_before_today(dice.random_range(0..60));
            format!("&dateFrom={from}&dateTo={to}")
        }
        "year" => day_before_today(DAYS),
        unknown => format!("{{{unknown}}}"),
    }
}

fn day_before_today(days: u64) -> String {
    (Utc::now().date_naive() - Days::new(days)).to_string()
}
