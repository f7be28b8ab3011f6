//! Teams.

use std::sync::Arc;

use super::{Change, Desk, DeskError, Scope, TicketChanges, lookup::require, retry::Committed};
use crate::{
    change::{ChangeSet, Claim, Expect},
    model::{Department, DepartmentId, Input, LONGEST_NAME, NewOfficeHours, Role, Status, TenantId},
    ports::{TicketFilter, TicketPosition},
};

/// A department to be added.
#[derive(Debug, Clone, Default)]
pub struct NewDepartment {
    /// Its name.
    pub name: String,
    /// Its short name.
    pub slug: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where its mail goes.
    pub email: Option<String>,
    /// Whether new tickets may name it; yes unless said.
    pub is_active: Option<bool>,
    /// Its place in lists.
    pub sort_order: Option<i32>,
    /// When somebody is there for it; as everywhere at the tenant's unless said.
    pub office_hours: Option<NewOfficeHours>,
}

/// Changes to a department. What is not named stays.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of `NewDepartment`")]
pub struct DepartmentChanges {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub description: Option<String>,
    pub email: Option<String>,
    pub is_active: Option<bool>,
    pub sort_order: Option<i32>,
    pub office_hours: Change<NewOfficeHours>,
}

/// Tickets moved in one round when a department is removed.
const MOVED_AT_ONCE: u32 = 100;

impl Desk {
    /// The departments that visitors may choose from.
    ///
    /// # Errors
    /// [`DeskError`] when the store can't be asked.
    pub async fn active_departments(&self, tenant: TenantId) -> Result<Vec<Department>, DeskError> {
        let departments = self.stores().departments.departments(tenant).await?;
        Ok(departments
            .into_iter()
            .filter(|department| department.is_active)
            .collect())
    }

    /// All departments.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than agents.
    pub async fn departments(&self, scope: &Scope) -> Result<Vec<Department>, DeskError> {
        require(scope, Role::Agent)?;
        Ok(self.stores().departments.departments(scope.tenant()).await?)
    }

    /// Adds a department.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::Invalid`],
    /// [`DeskError::Conflict`] when name or slug is another's.
    pub async fn create_department(&self, scope: &Scope, new: NewDepartment) -> Result<Department, DeskError> {
        require(scope, Role::Admin)?;
        let mut input = Input::new();
        let now = self.now();
        let department = Department {
            id: DepartmentId::new(self.ids().uuid()),
            name: input.line("name", &new.name, 1..=LONGEST_NAME),
            slug: input.slug("slug", &new.slug),
            description: input.optional_line("description", new.description.as_deref(), 1_000),
            email: input.optional_email("email", new.email.as_deref()),
            is_active: new.is_active.unwrap_or(true),
            sort_order: new.sort_order.unwrap_or(0),
            office_hours: new
                .office_hours
                .map(|hours| Arc::new(hours.check(&mut input, "office_hours"))),
            version: 0,
            created_at: now,
            updated_at: now,
        };
        input.finish()?;
        let department = &department;
        let committed = self
            .decide(scope, || async move {
                let mut change = ChangeSet::new(scope, now);
                change.expect(Expect::Free(Claim::DepartmentSlug(department.slug.clone())));
                change.expect(Expect::Free(Claim::DepartmentName(department.name.clone())));
                change.put_department(department.clone());
                self.commit(change).await
            })
            .await?;
        self.recent_calendars().forget(&scope.tenant());
        match committed {
            Committed::Now(_) => self.department_record(scope, department.id).await,
            Committed::Before(_) => self.active_department(scope.tenant(), "slug", &department.slug).await,
        }
    }

    async fn department_record(&self, scope: &Scope, department: DepartmentId) -> Result<Department, DeskError> {
        self.stores()
            .departments
            .department(scope.tenant(), department)
            .await?
            .ok_or(DeskError::NotFound)
    }

    /// Changes a department.
    ///
    /// # Errors
    /// As [`create_department`](Self::create_department), and [`DeskError::NotFound`].
    pub async fn update_department(
        &self,
        scope: &Scope,
        department: DepartmentId,
        changes: DepartmentChanges,
    ) -> Result<Department, DeskError> {
        require(scope, Role::Admin)?;
        self.department_record(scope, department).await?;
        let mut input = Input::new();
        let name = changes
            .name
            .as_deref()
            .map(|name| input.line("name", name, 1..=LONGEST_NAME));
        let slug = changes.slug.as_deref().map(|slug| input.slug("slug", slug));
        let description = input.optional_line("description", changes.description.as_deref(), 1_000);
        let email = input.optional_email("email", changes.email.as_deref());
        let office_hours = changes
            .office_hours
            .map(|hours| hours.map(|hours| Arc::new(hours.check(&mut input, "office_hours"))));
        input.finish()?;
        let revise = |mut department: Department| {
            department.name = name.clone().unwrap_or(department.name);
            department.slug = slug.clone().unwrap_or(department.slug);
            department.description = description.clone().or(department.description);
            department.email = email.clone().or(department.email);
            department.is_active = changes.is_active.unwrap_or(department.is_active);
            department.sort_order = changes.sort_order.unwrap_or(department.sort_order);
            department.office_hours = office_hours.clone().unwrap_or(department.office_hours);
            department
        };
        let revise = &revise;
        self.decide(scope, || async move {
            let before = self.department_record(scope, department).await?;
            let mut after = revise(before.clone());
            after.updated_at = self.now();
            let mut change = ChangeSet::new(scope, after.updated_at);
            if after.slug != before.slug {
                change.expect(Expect::Free(Claim::DepartmentSlug(after.slug.clone())));
            }
            if after.name != before.name {
                change.expect(Expect::Free(Claim::DepartmentName(after.name.clone())));
            }
            change.put_department(after);
            self.commit(change).await
        })
        .await?;
        self.recent_calendars().forget(&scope.tenant());
        self.department_record(scope, department).await
    }

    /// Removes a department. Its unfinished tickets go to `move_to`; without that, there must be
    /// none. Should it fail half-way, the tickets that went stay where they went and the
    /// department stays.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than admins, [`DeskError::NotFound`],
    /// [`DeskError::Invalid`] when `move_to` is no other department, [`DeskError::Conflict`] when
    /// unfinished tickets name it.
    pub async fn remove_department(
        &self,
        scope: &Scope,
        department: DepartmentId,
        move_to: Option<DepartmentId>,
    ) -> Result<(), DeskError> {
        require(scope, Role::Admin)?;
        self.department_record(scope, department).await?;
        let target = match move_to {
            Some(target) => Some(self.move_target(scope, department, target).await?),
            None => None,
        };
        if let Some(target) = &target {
            self.move_tickets(scope, department, target).await?;
        }
        let moved_to = target.map(|target| target.id);
        self.decide(scope, || async move {
            let mut change = ChangeSet::new(scope, self.now());
            change.remove_department(department, moved_to);
            self.commit(change).await
        })
        .await?;
        Ok(())
    }

    async fn move_target(
        &self,
        scope: &Scope,
        department: DepartmentId,
        target: DepartmentId,
    ) -> Result<Department, DeskError> {
        let found = self.stores().departments.department(scope.tenant(), target).await?;
        found
            .filter(|target| target.id != department && target.is_active)
            .ok_or_else(|| DeskError::field("move_to", "There is no such other department"))
    }

    async fn move_tickets(
        &self,
        scope: &Scope,
        department: DepartmentId,
        target: &Department,
    ) -> Result<(), DeskError> {
        // The request's key belongs to the removal: with it, only the first ticket would move.
        let scope = &Scope::new(scope.tenant(), scope.actor().clone());
        let unfinished = Status::ALL
            .iter()
            .copied()
            .filter(|status| status.is_unfinished())
            .collect();
        let filter = TicketFilter {
            department: Some(department),
            statuses: unfinished,
            ..TicketFilter::default()
        };
        loop {
            let page = self
                .tickets(scope, filter.clone(), TicketPosition::Page(1), MOVED_AT_ONCE)
                .await?;
            if page.items.is_empty() {
                return Ok(());
            }
            for ticket in page.items {
                let changes = TicketChanges {
                    department: Some(Some(target.slug.clone())),
                    ..TicketChanges::default()
                };
                self.update_ticket(scope, ticket.id, changes).await?;
            }
        }
    }
}
