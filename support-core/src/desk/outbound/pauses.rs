//! Channels whose credentials are refused: nothing goes over them until they work again.

use crate::{
    change::ChangeSet,
    desk::{Desk, DeskError, Scope, retry::Attempt},
    model::{
        Channel, Delivery, DeliveryId, Notice, Notification, NotificationId, NotificationKind, Pause, Principal,
        Priority, Role, Tenant, TenantId, TicketId,
    },
    ports::Lane,
};

/// What is known of the way that a lane's deliveries go.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// Which account they go over, when all go over one.
    pub(crate) account: Option<String>,
    /// Why nothing may go over it.
    pub(crate) pause: Option<Pause>,
}

impl Desk {
    /// Over what a lane's deliveries go, and whether nothing may because its credentials were
    /// refused; now and then one delivery may, to find out.
    pub(crate) async fn way_of(&self, lane: Lane) -> Result<Way, DeskError> {
        let Some(tenant) = self.stores().tenants.tenant(lane.tenant).await? else {
            return Ok(Way::default());
        };
        let Ok(route) = self.route(&tenant, lane.channel) else {
            return Ok(Way::default());
        };
        let account = route.fingerprint();
        let pause = tenant.settings.pauses.get(&lane.channel);
        let pause = pause.filter(|pause| pause.route == account).cloned();
        Ok(Way {
            account: Some(account),
            pause,
        })
    }

    pub(super) async fn pause_channel(
        &self,
        tenant: TenantId,
        channel: Channel,
        route: String,
        problem: String,
    ) -> Result<(), DeskError> {
        let scope = Scope::system(tenant);
        let pause = Pause {
            since: self.now(),
            problem,
            route,
        };
        tracing::warn!(%tenant, %channel, "the channel's credentials are refused: it is paused");
        self.decide(&scope, || self.try_pause(&scope, channel, &pause)).await?;
        self.forget_policy(tenant);
        Ok(())
    }

    async fn try_pause(&self, scope: &Scope, channel: Channel, pause: &Pause) -> Result<(), Attempt> {
        let mut tenant = self.tenant_of(scope).await?;
        let is_current = self
            .route(&tenant, channel)
            .is_ok_and(|route| route.fingerprint() == pause.route);
        if !is_current {
            return Ok(());
        }
        let earlier = tenant.settings.pauses.insert(channel, pause.clone());
        let is_known = earlier.is_some_and(|earlier| earlier.route == pause.route);
        tenant.updated_at = self.now();
        let mut change = ChangeSet::new(scope, self.now());
        if !is_known {
            self.alarm(&mut change, &tenant, channel, &pause.problem).await?;
        }
        change.pause_channel(tenant, channel, true);
        self.commit(change).await?;
        Ok(())
    }

    /// Tells the admins inside the product, and by mail unless it is the mail that doesn't work.
    pub(super) async fn alarm(
        &self,
        change: &mut ChangeSet,
        tenant: &Tenant,
        channel: Channel,
        problem: &str,
    ) -> Result<(), DeskError> {
        let title = format!("Nothing can be sent over {channel}");
        for admin in self.admins(tenant.id).await? {
            change.notify(self.trouble(Principal::Agent(admin.id), title.clone(), problem.to_owned(), None));
            if channel != Channel::Email && self.has_route(tenant, Channel::Email) {
                let notice = Notice::ChannelPaused {
                    channel,
                    problem: problem.to_owned(),
                };
                change.owe(self.mail_to(admin.email, notice));
            }
        }
        Ok(())
    }

    pub(in crate::desk) fn mail_to(&self, email: String, notice: Notice) -> Delivery {
        let id = DeliveryId::new(self.ids().uuid());
        Delivery::new(id, Channel::Email, email, notice, self.now())
    }

    /// Active admins of a tenant.
    pub(in crate::desk) async fn admins(&self, tenant: TenantId) -> Result<Vec<crate::model::Agent>, DeskError> {
        let candidates = self.candidates(tenant).await?;
        let agents = candidates.into_iter().map(|candidate| candidate.agent);
        Ok(agents.filter(|agent| agent.role == Role::Admin).collect())
    }

    pub(in crate::desk) fn trouble(
        &self,
        recipient: Principal,
        title: String,
        message: String,
        ticket: Option<TicketId>,
    ) -> Notification {
        Notification {
            id: NotificationId::new(self.ids().uuid()),
            recipient,
            kind: NotificationKind::DeliveryTrouble,
            title,
            message,
            priority: Priority::High,
            ticket,
            callback: None,
            created_at: self.now(),
            read_at: None,
        }
    }

    /// A channel turned out to work over a route.
    pub(super) async fn resume_channel(
        &self,
        tenant: TenantId,
        channel: Channel,
        route: &str,
    ) -> Result<(), DeskError> {
        let scope = &Scope::system(tenant);
        let is_paused = |tenant: &Tenant| {
            let pause = tenant.settings.pauses.get(&channel);
            pause.is_some_and(|pause| pause.route == route)
        };
        if !is_paused(&self.tenant_of(scope).await?) {
            return Ok(());
        }
        self.decide(scope, || async move {
            let mut tenant = self.tenant_of(scope).await?;
            if is_paused(&tenant) {
                tenant.settings.pauses.remove(&channel);
                tenant.updated_at = self.now();
                let mut change = ChangeSet::new(scope, self.now());
                change.pause_channel(tenant, channel, false);
                self.commit(change).await?;
            }
            Ok(())
        })
        .await?;
        self.forget_policy(tenant);
        self.tell_owed();
        Ok(())
    }
}
