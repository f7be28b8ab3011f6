//! What an installation has from its first start on: the tenant `default` with an admin, and an
//! operator where one is wanted. Nothing that is there already is changed.

use support_core::{
    desk::{Desk, DeskError, FirstAdmin, NewTenant, Scope},
    model::{Role, Secret, Tenant, TenantId},
    ports::{AgentFilter, PageRequest},
};

use crate::settings::{AdminLogin, Login};

/// The slug of the first tenant.
pub(crate) const DEFAULT_TENANT: &str = "default";
/// The length of generated passwords: about 120 bits.
const PASSWORD_LENGTH: usize = 20;
/// Agents looked at together for an admin among them.
const PAGE: u32 = 100;

/// A password that nobody can guess, short enough to be typed.
pub(crate) fn generated_password(desk: &Desk) -> Secret {
    let secret = desk.ids().secret("");
    Secret::presented(secret.reveal().chars().take(PASSWORD_LENGTH).collect::<String>())
}

/// Sees to it that the tenant and its admin are there, and gives back the admin's password if it
/// was generated just now. Several nodes may do this at once: one of them makes everything.
///
/// # Errors
/// [`DeskError`] when the store can't be asked.
pub(crate) async fn prepare(
    desk: &Desk,
    admin: &AdminLogin,
    operator: Option<&Login>,
) -> Result<Option<Secret>, DeskError> {
    let (tenant, password) = match desk.stores().tenants.tenant_by_slug(DEFAULT_TENANT).await? {
        Some(tenant) => {
            let password = ensure_admin(desk, &tenant, admin).await?;
            (tenant, password)
        }
        None => create_tenant(desk, admin).await?,
    };
    if let Some(operator) = operator {
        ensure_operator(desk, &tenant, operator).await?;
    }
    Ok(password)
}

async fn create_tenant(desk: &Desk, admin: &AdminLogin) -> Result<(Tenant, Option<Secret>), DeskError> {
    let (first_admin, generated) = first_admin(desk, admin);
    let new = NewTenant {
        slug: DEFAULT_TENANT.to_owned(),
        name: "Default".to_owned(),
        timezone: "UTC".to_owned(),
        domains: Vec::new(),
        admin: first_admin,
    };
    match desk.create_tenant(&installation(desk), new).await {
        Ok(tenant) => Ok((tenant, generated)),
        // Another node was quicker, and tells its own password.
        Err(DeskError::Conflict(reason)) => {
            let tenant = desk.stores().tenants.tenant_by_slug(DEFAULT_TENANT).await?;
            Ok((tenant.ok_or(DeskError::Conflict(reason))?, None))
        }
        Err(error) => Err(error),
    }
}

/// In the software's own name, in no tenant: for making one.
pub(crate) fn installation(desk: &Desk) -> Scope {
    Scope::system(TenantId::new(desk.ids().uuid()))
}

fn first_admin(desk: &Desk, admin: &AdminLogin) -> (FirstAdmin, Option<Secret>) {
    let generated = admin.password.is_none().then(|| generated_password(desk));
    let password = admin.password.as_ref().or(generated.as_ref());
    let first_admin = FirstAdmin {
        name: "Admin".to_owned(),
        email: admin.email.clone(),
        password: password
            .map(|password| password.reveal().to_owned())
            .unwrap_or_default(),
    };
    (first_admin, generated)
}

async fn ensure_admin(desk: &Desk, tenant: &Tenant, admin: &AdminLogin) -> Result<Option<Secret>, DeskError> {
    if has_account(desk, tenant, &admin.email).await? || has_admin(desk, tenant).await? {
        return Ok(None);
    }
    let (first_admin, generated) = first_admin(desk, admin);
    match desk.create_first_agent(tenant.id, first_admin, Role::Admin).await {
        Ok(_) => Ok(generated),
        Err(DeskError::Conflict(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn ensure_operator(desk: &Desk, tenant: &Tenant, operator: &Login) -> Result<(), DeskError> {
    if has_account(desk, tenant, &operator.email).await? {
        return Ok(());
    }
    let new = FirstAdmin {
        name: "Operator".to_owned(),
        email: operator.email.clone(),
        password: operator.password.reveal().to_owned(),
    };
    match desk.create_first_agent(tenant.id, new, Role::Platform).await {
        Ok(_) | Err(DeskError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn has_account(desk: &Desk, tenant: &Tenant, email: &str) -> Result<bool, DeskError> {
    let account = desk.stores().accounts.account_by_email(tenant.id, email).await?;
    Ok(account.is_some())
}

async fn has_admin(desk: &Desk, tenant: &Tenant) -> Result<bool, DeskError> {
    let filter = AgentFilter {
        is_active: Some(true),
        ..AgentFilter::default()
    };
    for number in 1.. {
        let page = PageRequest { number, limit: PAGE };
        let agents = desk.stores().people.agents(tenant.id, &filter, page).await?.items;
        if agents.iter().any(|agent| agent.role == Role::Admin) {
            return Ok(true);
        }
        if agents.is_empty() {
            break;
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use support_core::{memory::MemoryStore, ports::RecordOrder};

    use super::*;

    const GIVEN: &str = "a password that was given";

    fn admin(password: Option<&str>) -> AdminLogin {
        AdminLogin {
            email: "admin@localhost".to_owned(),
            password: password.map(Secret::presented),
        }
    }

    #[tokio::test]
    async fn a_first_start_makes_the_tenant_and_tells_the_generated_password_once() {
        let desk = Desk::builder(MemoryStore::new()).build();
        let password = prepare(&desk, &admin(None), None).await.unwrap().unwrap();
        desk.log_in(None, "admin@localhost", password.reveal()).await.unwrap();
        let tenant = desk.public_tenant(None, None).await.unwrap();
        assert_eq!((tenant.slug.as_str(), tenant.name.as_str()), ("default", "Default"));
        assert_eq!(prepare(&desk, &admin(None), None).await.unwrap(), None);
    }

    #[tokio::test]
    async fn another_password_later_changes_nothing() {
        let desk = Desk::builder(MemoryStore::new()).build();
        assert_eq!(prepare(&desk, &admin(Some(GIVEN)), None).await.unwrap(), None);
        prepare(&desk, &admin(Some("another password")), None).await.unwrap();
        desk.log_in(None, "admin@localhost", GIVEN).await.unwrap();
        let refused = desk.log_in(None, "admin@localhost", "another password").await;
        assert!(matches!(refused, Err(DeskError::Unauthenticated)));
    }

    #[tokio::test]
    async fn nodes_that_start_at_once_end_with_one_tenant_and_one_admin() {
        let store = MemoryStore::new();
        let nodes: Vec<_> = (0..4).map(|_| Desk::builder(store.clone()).build()).collect();
        let starts = nodes.iter().map(|node| {
            let node = node.clone();
            tokio::spawn(async move { prepare(&node, &admin(None), None).await.unwrap() })
        });
        let starts: Vec<_> = starts.collect();
        let mut told = Vec::new();
        for start in starts {
            told.extend(start.await.unwrap());
        }
        assert_eq!(told.len(), 1, "so many nodes told a password");
        let password = told.pop().unwrap();
        let desk = nodes.first().unwrap();
        desk.log_in(None, "admin@localhost", password.reveal()).await.unwrap();
        let page = PageRequest { number: 1, limit: 10 };
        assert_eq!(
            desk.tenants(&installation(desk), RecordOrder::OLDEST_FIRST, page)
                .await
                .unwrap()
                .total,
            1
        );
    }

    #[tokio::test]
    async fn an_operator_is_made_beside_the_admin() {
        let desk = Desk::builder(MemoryStore::new()).build();
        let operator = Login {
            email: "operator@localhost".to_owned(),
            password: Secret::presented(GIVEN),
        };
        for _ in 0..2 {
            prepare(&desk, &admin(None), Some(&operator)).await.unwrap();
        }
        let logged_in = desk.log_in(None, "operator@localhost", GIVEN).await.unwrap();
        assert!(matches!(
            logged_in.identified.actor(),
            support_core::model::Actor::Platform(_)
        ));
    }

    #[tokio::test]
    async fn no_second_admin_is_made_when_the_address_changes() {
        let desk = Desk::builder(MemoryStore::new()).build();
        prepare(&desk, &admin(Some(GIVEN)), None).await.unwrap();
        let other = AdminLogin {
            email: "other@localhost".to_owned(),
            password: Some(Secret::presented(GIVEN)),
        };
        prepare(&desk, &other, None).await.unwrap();
        assert!(desk.log_in(None, "other@localhost", GIVEN).await.is_err());
    }
}
