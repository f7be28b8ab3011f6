//! `create-admin`: one admin more, for a tenant that is there.

use clap::{ArgMatches, Command};
use support_core::{
    desk::{Desk, FirstAdmin},
    model::Role,
};

use super::{argument, say, text};
use crate::{
    first_start::{DEFAULT_TENANT, generated_password},
    settings::Settings,
    start::{Failure, open},
};

pub(super) const NAME: &str = "create-admin";

pub(super) fn line() -> Command {
    Command::new(NAME).about("Add an admin to a tenant").args([
        argument("tenant", "SLUG", "The tenant").default_value(DEFAULT_TENANT),
        argument("email", "EMAIL", "The admin's address").required(true),
        argument("name", "NAME", "The admin's name").default_value("Admin"),
        argument(
            "password",
            "PASSWORD",
            "Their password [default: generated and printed]",
        ),
    ])
}

pub(super) async fn run(settings: &Settings, asked: &ArgMatches) -> Result<(), Failure> {
    let opened = open(settings).await?;
    let slug = text(asked, "tenant").unwrap_or_default();
    let tenant = opened.desk.stores().tenants.tenant_by_slug(&slug).await?;
    let tenant = tenant.ok_or_else(|| Failure::Missing(format!("there is no tenant `{slug}`")))?;
    let new = NewAdmin::of(&opened.desk, asked);
    let account = new.account.clone();
    opened.desk.create_first_agent(tenant.id, account, Role::Admin).await?;
    opened.store.close().await;
    new.tell()
}

/// An admin as a command line asks for one.
pub(super) struct NewAdmin {
    pub(super) account: FirstAdmin,
    is_generated: bool,
}

impl NewAdmin {
    pub(super) fn of(desk: &Desk, asked: &ArgMatches) -> Self {
        let given = text(asked, "password");
        Self {
            is_generated: given.is_none(),
            account: FirstAdmin {
                name: text(asked, "name").unwrap_or_default(),
                email: text(asked, "email").unwrap_or_default(),
                password: given.unwrap_or_else(|| generated_password(desk).reveal().to_owned()),
            },
        }
    }

    pub(super) fn tell(&self) -> Result<(), Failure> {
        say(&format!("admin: {}", self.account.email))?;
        if self.is_generated {
            say(&format!("password: {} (shown only now)", self.account.password))?;
        }
        Ok(())
    }
}
