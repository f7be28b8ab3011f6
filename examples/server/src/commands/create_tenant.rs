//! `create-tenant`: a company more, with its first admin.

use clap::{ArgAction, ArgMatches, Command};
use support_core::desk::NewTenant;

use super::{argument, create_admin::NewAdmin, say, text};
use crate::{
    first_start::installation,
    settings::Settings,
    start::{Failure, open},
};

pub(super) const NAME: &str = "create-tenant";

pub(super) fn line() -> Command {
    Command::new(NAME)
        .about("Make a tenant with its first admin, departments and inboxes")
        .args([
            argument("slug", "SLUG", "The tenant's short name").required(true),
            argument("title", "TITLE", "The tenant's name [default: its slug]"),
            argument("timezone", "ZONE", "The tenant's time zone").default_value("UTC"),
            argument(
                "domain",
                "HOST",
                "A web domain of its widget; may be given several times",
            )
            .action(ArgAction::Append),
            argument("email", "EMAIL", "The first admin's address").required(true),
            argument("name", "NAME", "The first admin's name").default_value("Admin"),
            argument(
                "password",
                "PASSWORD",
                "Their password [default: generated and printed]",
            ),
        ])
}

pub(super) async fn run(settings: &Settings, asked: &ArgMatches) -> Result<(), Failure> {
    let opened = open(settings).await?;
    let admin = NewAdmin::of(&opened.desk, asked);
    let slug = text(asked, "slug").unwrap_or_default();
    let new = NewTenant {
        name: text(asked, "title").unwrap_or_else(|| slug.clone()),
        slug,
        timezone: text(asked, "timezone").unwrap_or_default(),
        domains: asked.get_many("domain").into_iter().flatten().cloned().collect(),
        admin: admin.account.clone(),
    };
    let tenant = opened.desk.create_tenant(&installation(&opened.desk), new).await?;
    opened.store.close().await;
    say(&format!("tenant: {}", tenant.slug))?;
    admin.tell()
}
