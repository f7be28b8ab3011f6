//! Companies on this installation.

use std::sync::Arc;

use chrono_tz::Tz;

use super::{Change, ChannelChanges, Desk, DeskError, FileChanges, Scope, SlaChanges};
use crate::{
    change::{ChangeSet, Claim, Expect},
    model::{
        ACCEPT_TIMEOUTS, Account, Actor, Agent, AgentId, AssignmentSettings, Availability, Branding,
        DEFAULT_MAX_CONCURRENT_TICKETS, Department, DepartmentId, EventBody, FIRST_DEPARTMENTS, FileSettings, Inbox,
        InboxId, InboxKind, Input, LONGEST_NAME, NewOfficeHours, Principal, RETENTION_DAYS, Role, SlaSettings, Tenant,
        TenantId, TenantSettings, Timestamp, domain_of,
    },
    ports::{Page, PageRequest, RecordOrder},
};

/// The longest first words that a visitor sees, in characters.
const LONGEST_GREETING: usize = 500;

/// The first admin of a new tenant.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their first password.
    pub password: String,
}

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// Web domains of its widget, as hosts or origins.
    pub domains: Vec<String>,
    /// Its first admin.
    pub admin: FirstAdmin,
}

/// Changes to a tenant. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct TenantChanges {
    /// Another name.
    pub name: Option<String>,
    /// Another time zone.
    pub timezone: Option<String>,
    /// Other domains.
    pub domains: Option<Vec<String>>,
    /// Open or shut.
    pub is_active: Option<bool>,
    /// Other settings.
    pub settings: Option<TenantSettings>,
    /// Other ways out and in.
    pub channels: ChannelChanges,
    /// Other office hours.
    pub office_hours: Change<NewOfficeHours>,
    /// Other promises; nothing for none.
    pub sla: Change<SlaChanges>,
    /// Other files that may be sent in; nothing for what the installation says.
    pub files: Change<FileChanges>,
    /// After how many days a closed conversation is erased; never when none.
    pub retention_days: Change<u32>,
}

impl Desk {
    /// Makes a tenant with its first departments, inboxes and admin, all at once.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than operators and the software itself,
    /// [`DeskError::Invalid`] with every bad field, [`DeskError::Conflict`] when slug or domain
    /// is another's.
    pub async fn create_tenant(&self, scope: &Scope, new: NewTenant) -> Result<Tenant, DeskError> {
        require_operator(scope)?;
        let mut input = Input::new();
        let slug = input.slug("slug", &new.slug);
        let name = input.line("name", &new.name, 1..=LONGEST_NAME);
        let timezone = check_timezone(&mut input, &new.timezone);
        let domains = check_domains(&mut input, &new.domains);
        let admin_name = input.line("admin.name", &new.admin.name, 1..=LONGEST_NAME);
        let admin_email = input.email("admin.email", &new.admin.email);
        input.password("admin.password", &new.admin.password);
        input.finish()?;
        let now = self.now();
        let tenant = Tenant {
            id: TenantId::new(self.ids().uuid()),
            slug,
            name,
            timezone,
            domains,
            settings: TenantSettings::default(),
            is_active: true,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let admin = self.new_admin(admin_name, admin_email, now, Role::Admin);
        let password_hash = self.hash_password(&new.admin.password).await?;
        let account = Account {
            principal: Principal::Agent(admin.id),
            email: admin.email.clone(),
            password_hash: Some(password_hash),
            tokens_valid_from: now,
            version: 0,
        };
        let own = Scope::new(tenant.id, scope.actor().clone());
        let first_articles = self.first_articles(now)?;
        let (tenant, own, admin, account) = (&tenant, &own, &admin, &account);
        let first_articles = &first_articles;
        self.decide(own, || async move {
            let mut change = ChangeSet::new(own, now);
            change.expect(Expect::Free(Claim::TenantSlug(tenant.slug.clone())));
            for domain in &tenant.domains {
                change.expect(Expect::Free(Claim::Domain(domain.clone())));
            }
            change.put_tenant(tenant.clone(), EventBody::TenantSaved);
            for inbox in self.first_inboxes(now) {
                change.put_inbox(inbox);
            }
            for department in self.first_departments(now) {
                change.put_department(department);
            }
            for article in first_articles {
                change.put_article(article.clone());
            }
            change.put_agent(admin.clone(), EventBody::AgentCreated { agent: admin.id });
            change.put_account(account.clone());
            self.commit(change).await
        })
        .await?;
        self.public_tenants().forget_all();
        self.tenant_record(tenant.id).await
    }

    /// Adds an agent of any role, operators too, as the software itself: for first starts and
    /// command lines.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] with every bad field, [`DeskError::Conflict`] when the address has
    /// an account.
    pub async fn create_first_agent(&self, tenant: TenantId, new: FirstAdmin, role: Role) -> Result<Agent, DeskError> {
        let mut input = Input::new();
        let name = input.line("name", &new.name, 1..=LONGEST_NAME);
        let email = input.email("email", &new.email);
        input.password("password", &new.password);
        input.finish()?;
        let agent = self.new_admin(name, email, self.now(), role);
        self.add_agent(&Scope::system(tenant), agent, &new.password).await
    }

    fn new_admin(&self, name: String, email: String, now: Timestamp, role: Role) -> Agent {
        Agent {
            id: AgentId::new(self.ids().uuid()),
            name,
            email,
            role,
            departments: Vec::new(),
            skills: Vec::new(),
            languages: Vec::new(),
            max_concurrent_tickets: DEFAULT_MAX_CONCURRENT_TICKETS,
            availability: Availability::Offline,
            is_active: true,
            last_login_at: None,
            last_logout_at: None,
            version: 0,
            created_at: now,
            updated_at: now,
        }
    }

    fn first_inboxes(&self, now: Timestamp) -> Vec<Inbox> {
        [(InboxKind::Widget, "Website"), (InboxKind::Api, "API")]
            .into_iter()
            .map(|(kind, name)| Inbox {
                id: InboxId::new(self.ids().uuid()),
                kind,
                name: name.to_owned(),
                admin_email: None,
                allowed_origins: Vec::new(),
                is_active: true,
                version: 0,
                created_at: now,
                updated_at: now,
            })
            .collect()
    }

    fn first_departments(&self, now: Timestamp) -> Vec<Department> {
        (1..)
            .zip(FIRST_DEPARTMENTS)
            .map(|(sort_order, (name, slug))| Department {
                id: DepartmentId::new(self.ids().uuid()),
                name: name.to_owned(),
                slug: slug.to_owned(),
                description: None,
                email: None,
                is_active: true,
                sort_order,
                office_hours: None,
                version: 0,
                created_at: now,
                updated_at: now,
            })
            .collect()
    }

    async fn tenant_record(&self, tenant: TenantId) -> Result<Tenant, DeskError> {
        self.stores().tenants.tenant(tenant).await?.ok_or(DeskError::NotFound)
    }

    /// All tenants, inactive ones too.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`] for others than operators.
    pub async fn tenants(
        &self,
        scope: &Scope,
        order: RecordOrder,
        page: PageRequest,
    ) -> Result<Page<Tenant>, DeskError> {
        require_operator(scope)?;
        Ok(self.stores().tenants.tenants(order, page).await?)
    }

    /// One tenant: any for operators, their own for admins.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`], [`DeskError::NotFound`].
    pub async fn tenant(&self, scope: &Scope, tenant: TenantId) -> Result<Tenant, DeskError> {
        require_operator_or_own_admin(scope, tenant)?;
        self.tenant_record(tenant).await
    }

    /// Changes a tenant: operators any, admins their own but for its being open, and operators
    /// none of its settings.
    ///
    /// # Errors
    /// [`DeskError::Forbidden`], [`DeskError::NotFound`], [`DeskError::Invalid`],
    /// [`DeskError::Conflict`] when a domain is another's.
    pub async fn update_tenant(
        &self,
        scope: &Scope,
        tenant: TenantId,
        changes: TenantChanges,
    ) -> Result<Tenant, DeskError> {
        require_operator_or_own_admin(scope, tenant)?;
        if changes.is_active.is_some() {
            require_operator(scope)?;
        }
        let before = self.tenant_record(tenant).await?;
        let mut input = Input::new();
        let name = changes
            .name
            .as_deref()
            .map(|name| input.line("name", name, 1..=LONGEST_NAME));
        let timezone = changes
            .timezone
            .as_deref()
            .map(|timezone| check_timezone(&mut input, timezone));
        let domains = changes
            .domains
            .as_deref()
            .map(|domains| check_domains(&mut input, domains));
        let settings = changes.settings.map(|settings| TenantSettings {
            branding: check_branding(&mut input, settings.branding),
            assignment: check_assignment(&mut input, settings.assignment),
            ..settings
        });
        let channels = self.check_channels(&mut input, &before, changes.channels).await?;
        let office_hours = changes
            .office_hours
            .map(|hours| hours.map(|hours| Arc::new(hours.check(&mut input, "office_hours"))));
        let retention_days = changes.retention_days;
        if retention_days
            .flatten()
            .is_some_and(|days| !RETENTION_DAYS.contains(&days))
        {
            let (least, most) = (RETENTION_DAYS.start(), RETENTION_DAYS.end());
            input.refuse("retention_days", format!("Must be from {least} to {most}"));
        }
        let sla = changes.sla.map(|sla| sla.map(|sla| sla.check(&mut input, "sla")));
        let files = changes
            .files
            .map(|files| files.map(|files| files.check(&mut input, "files")));
        input.finish()?;
        let revise = |mut tenant: Tenant| {
            tenant.name = name.clone().unwrap_or(tenant.name);
            tenant.timezone = timezone.unwrap_or(tenant.timezone);
            tenant.domains = domains.clone().unwrap_or(tenant.domains);
            tenant.is_active = changes.is_active.unwrap_or(tenant.is_active);
            if let Some(TenantSettings {
                assignment,
                branding,
                rating,
                ..
            }) = settings.clone()
            {
                tenant.settings.assignment = assignment;
                tenant.settings.branding = branding;
                tenant.settings.rating = rating;
            }
            channels.apply(&mut tenant.settings);
            tenant.settings.office_hours = office_hours.clone().unwrap_or(tenant.settings.office_hours);
            tenant.settings.retention_days = retention_days.unwrap_or(tenant.settings.retention_days);
            match &sla {
                None => {}
                Some(None) => tenant.settings.sla = SlaSettings::default(),
                Some(Some(sla)) => sla.apply(&mut tenant.settings.sla),
            }
            match &files {
                None => {}
                Some(None) => tenant.settings.files = FileSettings::default(),
                Some(Some(files)) => files.apply(&mut tenant.settings.files),
            }
            tenant
        };
        let own = Scope::new(tenant, scope.actor().clone());
        let (own, revise) = (&own, &revise);
        self.decide(own, || async move {
            let before = self.tenant_record(tenant).await?;
            let mut after = revise(before.clone());
            after.updated_at = self.now();
            let mut change = ChangeSet::new(own, after.updated_at);
            for domain in after.domains.iter().filter(|domain| !before.domains.contains(domain)) {
                change.expect(Expect::Free(Claim::Domain(domain.clone())));
            }
            let is_shut = before.is_active && !after.is_active;
            change.put_tenant(
                after,
                if is_shut {
                    EventBody::TenantDeactivated
                } else {
                    EventBody::TenantSaved
                },
            );
            self.commit(change).await
        })
        .await?;
        self.public_tenants().forget_all();
        self.recent_calendars().forget(&tenant);
        self.forget_policy(tenant);
        self.tell_owed();
        self.tenant_record(tenant).await
    }

    /// The tenant that a public call is meant for: the one that claims `domain`, else the one
    /// named by `slug`, which may be its id too, else the only one there is. While there is only one, a domain that nobody
    /// claims is its own; with several, it is nobody's.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is meant for none.
    pub async fn public_tenant(&self, domain: Option<&str>, slug: Option<&str>) -> Result<Tenant, DeskError> {
        let key = (domain.map(domain_of), slug.map(|slug| slug.trim().to_owned()));
        if let Some(tenant) = self.public_tenants().recall(&key) {
            return Ok(tenant);
        }
        let tenant = self.find_public_tenant(key.0.as_deref(), key.1.as_deref()).await?;
        self.public_tenants().remember(key, tenant.clone());
        Ok(tenant)
    }

    async fn find_public_tenant(&self, domain: Option<&str>, slug: Option<&str>) -> Result<Tenant, DeskError> {
        let tenants = &self.stores().tenants;
        if let Some(domain) = domain.filter(|domain| !domain.is_empty())
            && let Some(tenant) = tenants.tenant_by_domain(domain).await?
        {
            return open(Some(tenant));
        }
        if let Some(slug) = slug.filter(|slug| !slug.is_empty()) {
            let named = tenants.tenant_by_slug(slug).await?;
            // Mailed links know their tenant by its id.
            return open(match (named, slug.parse()) {
                (None, Ok(id)) => tenants.tenant(id).await?,
                (named, _) => named,
            });
        }
        open(tenants.only_tenant().await?)
    }
}

fn open(tenant: Option<Tenant>) -> Result<Tenant, DeskError> {
    tenant.filter(|tenant| tenant.is_active).ok_or(DeskError::NotFound)
}

fn require_operator(scope: &Scope) -> Result<(), DeskError> {
    match scope.actor() {
        Actor::Platform(_) | Actor::System => Ok(()),
        _ => Err(DeskError::Forbidden),
    }
}

fn require_operator_or_own_admin(scope: &Scope, tenant: TenantId) -> Result<(), DeskError> {
    if scope.tenant() == tenant && scope.actor().is_at_least(Role::Admin) {
        return Ok(());
    }
    require_operator(scope)
}

fn check_branding(input: &mut Input, branding: Branding) -> Branding {
    if !is_color(&branding.color) {
        input.refuse("branding.color", "Must be a colour such as #2f6feb");
    }
    Branding {
        name: input.optional_line("branding.name", branding.name.as_deref(), LONGEST_NAME),
        greeting: input.text("branding.greeting", &branding.greeting, 0..=LONGEST_GREETING),
        color: branding.color,
    }
}

fn check_assignment(input: &mut Input, assignment: AssignmentSettings) -> AssignmentSettings {
    if assignment
        .accept_timeout_seconds
        .is_some_and(|seconds| !ACCEPT_TIMEOUTS.contains(&seconds))
    {
        let (least, most) = (ACCEPT_TIMEOUTS.start(), ACCEPT_TIMEOUTS.end());
        input.refuse(
            "assignment.accept_timeout_seconds",
            format!("Must be between {least} and {most}, or null"),
        );
    }
    assignment
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.chars().all(|digit| digit.is_ascii_hexdigit()))
}

fn check_timezone(input: &mut Input, timezone: &str) -> Tz {
    timezone.trim().parse().unwrap_or_else(|_| {
        input.refuse("timezone", "Must be an IANA time zone such as Europe/Berlin");
        Tz::UTC
    })
}

fn check_domains(input: &mut Input, domains: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for domain in domains {
        let domain = domain_of(&input.line("domains", domain, 1..=255));
        if domain.is_empty() || domain.contains(char::is_whitespace) {
            input.refuse("domains", "Must be hosts such as shop.example");
        } else if !kept.contains(&domain) {
            kept.push(domain);
        }
    }
    if kept.len() > 100 {
        input.refuse("domains", "Must have at most 100 entries");
    }
    kept
}
