//! `export-customer`: all that is kept of somebody, for them.

use std::io::{self, Write};

use clap::{ArgMatches, Command};
use support_core::{
    desk::{Desk, Scope},
    model::{CustomerId, TenantId},
    ports::{CustomerFilter, PageRequest},
};
use support_http::export;

use super::{argument, text};
use crate::{
    first_start::DEFAULT_TENANT,
    settings::Settings,
    start::{Failure, open},
};

pub(super) const NAME: &str = "export-customer";

/// Customers looked at who have something like the address that was given.
const LOOKED_AT: u32 = 100;

pub(super) fn line() -> Command {
    Command::new(NAME)
        .about("Write all that is kept of a customer, as JSON")
        .args([
            argument("tenant", "SLUG", "The tenant").default_value(DEFAULT_TENANT),
            argument("customer", "WHO", "Their id, the host's id of them, or their address").required(true),
            argument("output", "FILE", "Where to write it [default: the output]"),
        ])
}

pub(super) async fn run(settings: &Settings, asked: &ArgMatches) -> Result<(), Failure> {
    let opened = open(settings).await?;
    let slug = text(asked, "tenant").unwrap_or_default();
    let tenant = opened.desk.stores().tenants.tenant_by_slug(&slug).await?;
    let tenant = tenant.ok_or_else(|| Failure::Missing(format!("there is no tenant `{slug}`")))?;
    let who = text(asked, "customer").unwrap_or_default();
    let customer = customer_named(&opened.desk, tenant.id, &who).await?;
    let customer = customer.ok_or_else(|| Failure::Missing("there is no such customer".to_owned()))?;
    let own = opened.desk.in_the_eyes_of(&Scope::system(tenant.id), customer).await?;
    let mut pieces = export(&opened.desk, own).await?;
    let mut output = output(asked)?;
    while let Some(piece) = pieces.recv().await {
        output.write_all(&piece?)?;
    }
    output.write_all(b"\n")?;
    output.flush()?;
    opened.store.close().await;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "nobody is served meanwhile")]
fn output(asked: &ArgMatches) -> io::Result<Box<dyn Write + Send>> {
    Ok(match text(asked, "output") {
        Some(path) => Box::new(std::fs::File::create(path)?),
        None => Box::new(io::stdout()),
    })
}

async fn customer_named(desk: &Desk, tenant: TenantId, who: &str) -> Result<Option<CustomerId>, Failure> {
    let people = &desk.stores().people;
    if let Ok(id) = who.parse()
        && let Some(known) = people.customer(tenant, id).await?
    {
        return Ok(Some(known.id));
    }
    if let Some(known) = people.customer_by_external_id(tenant, who).await? {
        return Ok(Some(known.id));
    }
    let address = who.to_lowercase();
    let filter = CustomerFilter {
        text: Some(address.clone()),
        ..CustomerFilter::default()
    };
    let page = PageRequest {
        number: 1,
        limit: LOOKED_AT,
    };
    let found = people.customers(tenant, &filter, page).await?.items;
    let mut with_address = found
        .into_iter()
        .filter(|customer| customer.contact.email.as_deref() == Some(address.as_str()));
    match (with_address.next(), with_address.next()) {
        (Some(only), None) => Ok(Some(only.id)),
        (Some(_), Some(_)) => Err(Failure::Missing(
            "several customers have this address: name one by id".to_owned(),
        )),
        (None, _) => Ok(None),
    }
}
