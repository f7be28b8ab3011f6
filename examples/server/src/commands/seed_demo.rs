//! `seed-demo`: a tenant to look at and to measure with.

use clap::{Arg, ArgMatches, Command, value_parser};
use support_core::model::Role;
use tokio::time::Instant;

use super::{argument, say, text};
use crate::{
    demo::{Asked, Login, seed},
    settings::Settings,
    start::{Failure, open},
};

pub(super) const NAME: &str = "seed-demo";

const DEFAULT_MESSAGES_OF_A_TICKET: u64 = 6;
/// So many tickets would be too busy a month.
const TICKETS_OF_A_YEAR: u64 = 10_000;

pub(super) fn line() -> Command {
    let number = |name, help, least: u64, most: u64| -> Arg {
        argument(name, "N", help).value_parser(value_parser!(u64).range(least..=most))
    };
    Command::new(NAME)
        .about("Make up a tenant with agents, customers, tickets, ratings and callbacks")
        .long_about(
            "Make up a tenant with agents, customers, tickets, ratings and callbacks.\n\n\
             Everything is stored the way real use stores it, so lists, search and statistics show it. The tenant \
             is made if it isn't there; one that has tickets is left alone. Nothing is sent to anybody. The logins \
             are printed once.",
        )
        .args([
            number("tickets", "How many tickets", 1, 100_000_000).default_value("300"),
            number(
                "messages",
                "About how many messages [default: 6 a ticket]",
                1,
                1_000_000_000,
            ),
            number(
                "days",
                "Over how many days up to now [default: 30, or 365 for more than 10000 tickets]",
                1,
                3_650,
            ),
            argument("tenant", "SLUG", "The tenant").default_value("demo"),
            number("agents", "How many agents", 1, 1_000).default_value("8"),
        ])
}

pub(super) async fn run(settings: &Settings, given: &ArgMatches) -> Result<(), Failure> {
    let asked = asked(given);
    let opened = open(settings).await?;
    let began = Instant::now();
    let told = seed(&opened.desk, &asked).await?;
    opened.store.close().await;
    say(&format!("tenant: {}", asked.tenant))?;
    for Login { role, email, password } in &told.logins {
        let role = if *role == Role::Admin { "admin" } else { "agent" };
        say(&format!("{role}: {email} password: {password} (shown only now)"))?;
    }
    let agents = told.logins.iter().filter(|login| login.role != Role::Admin).count();
    say(&format!(
        "seeded: {} tickets with {} messages over {} days, {agents} agents, {} customers and {} callbacks in {} s",
        told.tickets,
        told.messages,
        asked.days,
        told.customers,
        told.callbacks,
        began.elapsed().as_secs(),
    ))?;
    Ok(())
}

fn asked(given: &ArgMatches) -> Asked {
    let number = |name: &str| given.get_one::<u64>(name).copied();
    let tickets = number("tickets").unwrap_or(1);
    let usual_days = if tickets > TICKETS_OF_A_YEAR { 365 } else { 30 };
    Asked {
        tenant: text(given, "tenant").unwrap_or_default(),
        tickets,
        messages: number("messages").unwrap_or(tickets * DEFAULT_MESSAGES_OF_A_TICKET),
        days: number("days").unwrap_or(usual_days),
        agents: usize::try_from(number("agents").unwrap_or(1)).unwrap_or(usize::MAX),
    }
}
