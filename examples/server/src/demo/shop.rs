//! Who there is in the demo tenant, and what it has settled.

use std::{collections::BTreeMap, time::Duration};

use support_core::{
    change::{ChangeSet, Claim, Expect, Policy},
    desk::{Desk, DeskError, FirstAdmin, NewAgent, NewTenant, Scope, SlaChanges, SlaTargetChanges, TenantChanges},
    model::{Agent, Contact, Customer, CustomerId, DepartmentId, InboxId, InboxKind, Role, TenantId, Timestamp},
    ports::Clock,
};

use super::{
    Asked,
    dice::Dice,
    seeding::commit,
    words::{FIRST_NAMES, LAST_NAMES},
};
use crate::{
    first_start::{generated_password, installation},
    start::Failure,
};

/// Tickets that an agent of the demo may have at once.
pub(super) const ROOM: u32 = 10;
/// The most known customers that it needs.
const MOST_CUSTOMERS: u64 = 20_000;
/// Customers added in one transaction.
const CUSTOMERS_AT_ONCE: usize = 1_000;
/// Minutes to the first answer, to each later one and to the solution, by priority.
const PROMISES: [(&str, u32, u32, u32); 4] = [
    ("low", 480, 960, 7_200),
    ("normal", 120, 240, 2_880),
    ("high", 45, 90, 1_440),
    ("urgent", 15, 30, 480),
];

/// Somebody who can log in.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) role: Role,
    pub(crate) email: String,
    pub(crate) password: String,
}

/// What stories take place in.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(super) tenant: TenantId,
    pub(super) name: String,
    pub(super) policy: Policy,
    pub(super) widget: InboxId,
    pub(super) api: InboxId,
    pub(super) departments: BTreeMap<String, DepartmentId>,
    pub(super) agents: Vec<Agent>,
    pub(super) customers: Vec<(CustomerId, Contact)>,
    pub(super) now: Timestamp,
}

/// A clock that stands where the story begins.
#[derive(Debug)]
pub(super) struct Standing(pub(super) Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Shop {
    /// Makes the tenant, if it isn't there, and its people, and tells who can log in.
    ///
    /// # Errors
    /// [`Failure`] when the tenant has tickets already, or somebody's address is taken.
    pub(super) async fn open(desk: &Desk, asked: &Asked, now: Timestamp) -> Result<(Self, Vec<Login>), Failure> {
        let mut logins = Vec::new();
        let found = desk.stores().tenants.tenant_by_slug(&asked.tenant).await?;
        let tenant = match found {
            Some(tenant) => tenant,
            None => {
                let login = login(desk, Role::Admin, "admin", asked);
                let new = new_tenant(asked, &login);
                logins.push(login);
                desk.create_tenant(&installation(desk), new).await?
            }
        };
        // Numbers have no gaps: whoever has tickets has the first.
        if desk.stores().tickets.ticket_by_number(tenant.id, 1).await?.is_some() {
            return Err(Failure::Missing(format!(
                "the tenant `{}` has tickets already: name another one with --tenant",
                asked.tenant
            )));
        }
        let scope = Scope::system(tenant.id);
        desk.update_tenant(&scope, tenant.id, promises()).await?;
        let departments = desk.active_departments(tenant.id).await?;
        let slugs: Vec<String> = departments.iter().map(|department| department.slug.clone()).collect();
        let mut dice = Dice::seeded(asked.seed());
        let mut agents = Vec::new();
        for place in 0..asked.agents {
            let (agent, login) = add_agent(desk, &scope, asked, place, &slugs).await?;
            agents.push(agent);
            logins.push(login);
        }
        let inboxes = desk.stores().inboxes.inboxes(tenant.id).await?;
        let inbox = |kind| {
            let mut inboxes = inboxes.iter().filter(|inbox| inbox.is_active);
            let of_kind = inboxes.find(|inbox| inbox.kind == kind).or_else(|| inboxes.next());
            of_kind.map(|inbox| inbox.id)
        };
        let no_inbox = || Failure::Missing(format!("the tenant `{}` has no inbox", asked.tenant));
        let shop = Self {
            tenant: tenant.id,
            name: tenant.name,
            policy: Policy {
                terms: desk.terms(&scope).await?,
                ..Policy::default()
            },
            widget: inbox(InboxKind::Widget).ok_or_else(no_inbox)?,
            api: inbox(InboxKind::Api).ok_or_else(no_inbox)?,
            departments: departments
                .into_iter()
                .map(|department| (department.slug, department.id))
                .collect(),
            agents,
            customers: add_customers(desk, &scope, asked, &mut dice).await?,
            now,
        };
        Ok((shop, logins))
    }
}

fn login(desk: &Desk, role: Role, name: &str, asked: &Asked) -> Login {
    Login {
        role,
        email: format!("{name}@{}.example", asked.tenant),
        password: generated_password(desk).reveal().to_owned(),
    }
}

fn new_tenant(asked: &Asked, admin: &Login) -> NewTenant {
    NewTenant {
        slug: asked.tenant.clone(),
        name: "Alder & Birch".to_owned(),
        timezone: "UTC".to_owned(),
        domains: Vec::new(),
        admin: FirstAdmin {
            name: "Robin Alder".to_owned(),
            email: admin.email.clone(),
            password: admin.password.clone(),
        },
    }
}

fn promises() -> TenantChanges {
    let targets = PROMISES.map(|(priority, first, next, solution)| {
        let targets = SlaTargetChanges {
            first_response_minutes: Some(Some(first)),
            next_response_minutes: Some(Some(next)),
            resolution_minutes: Some(Some(solution)),
        };
        (priority.to_owned(), Some(targets))
    });
    TenantChanges {
        sla: Some(Some(SlaChanges {
            targets: targets.into(),
            warn_percent: None,
        })),
        ..TenantChanges::default()
    }
}

async fn add_agent(
    desk: &Desk,
    scope: &Scope,
    asked: &Asked,
    place: usize,
    departments: &[String],
) -> Result<(Agent, Login), DeskError> {
    let first = FIRST_NAMES.get(place % FIRST_NAMES.len()).copied().unwrap_or("Robin");
    let last = LAST_NAMES.get(place % LAST_NAMES.len()).copied().unwrap_or("Alder");
    // Names come again once all were given out.
    let again = place / FIRST_NAMES.len();
    let handle = match again {
        0 => first.to_lowercase(),
        again => format!("{}{again}", first.to_lowercase()),
    };
    let role = if place == 0 { Role::Supervisor } else { Role::Agent };
    let login = login(desk, role, &handle, asked);
    let department = departments.get(place % departments.len().max(1));
    let new = NewAgent {
        name: format!("{first} {last}"),
        email: login.email.clone(),
        password: login.password.clone(),
        role,
        departments: department.cloned().into_iter().collect(),
        skills: Vec::new(),
        languages: vec!["en".to_owned()],
        max_concurrent_tickets: Some(ROOM),
    };
    Ok((desk.create_agent(scope, new).await?, login))
}

async fn add_customers(
    desk: &Desk,
    scope: &Scope,
    asked: &Asked,
    dice: &mut Dice,
) -> Result<Vec<(CustomerId, Contact)>, Failure> {
    let count = (asked.tickets / 5).clamp(10, MOST_CUSTOMERS);
    let mut customers = Vec::new();
    let mut changes = Vec::new();
    for place in 1..=count {
        let at = desk.now().plus(Duration::from_secs(place));
        let contact = somebody(dice);
        let customer = Customer {
            id: CustomerId::new(dice.id(at)),
            external_id: Some(format!("demo-{place:06}")),
            contact: contact.clone(),
            version: 0,
            created_at: at,
            updated_at: at,
        };
        customers.push((customer.id, contact));
        let mut change = ChangeSet::new(scope, at);
        change.expect(Expect::Free(Claim::ExternalId(
            customer.external_id.clone().unwrap_or_default(),
        )));
        change.put_customer(customer);
        changes.push(change.seal(desk.ids()));
        if changes.len() >= CUSTOMERS_AT_ONCE {
            commit(desk, &std::mem::take(&mut changes)).await?;
        }
    }
    commit(desk, &changes).await?;
    Ok(customers)
}

/// Somebody, and how to reach them.
pub(super) fn somebody(dice: &mut Dice) -> Contact {
    let (first, last) = (dice.word(&FIRST_NAMES), dice.word(&LAST_NAMES));
    let number = dice.between(1, 999);
    let handle = format!("{}.{}{number}", first.to_lowercase(), last.to_lowercase());
    Contact {
        name: Some(format!("{first} {last}")),
        email: Some(format!("{handle}@mail.example")),
        phone: None,
    }
}
