//! In whose tenant and name something is done.

use std::net::IpAddr;

use crate::{
    change::RequestKey,
    model::{Actor, ActorRef, Requester, TenantId},
};

/// A tenant and an actor. Made where somebody proved who they are, or explicitly by a host that
/// embeds the desk, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    tenant: TenantId,
    actor: Actor,
    request: Option<RequestKey>,
    address: Option<IpAddr>,
}

impl Scope {
    /// In the tenant's and the actor's name. Whoever calls this vouches for both.
    #[must_use]
    pub const fn new(tenant: TenantId, actor: Actor) -> Self {
        Self {
            tenant,
            actor,
            request: None,
            address: None,
        }
    }

    /// In the software's own name.
    #[must_use]
    pub const fn system(tenant: TenantId) -> Self {
        Self::new(tenant, Actor::System)
    }

    /// The same, for a request that may come again with this key and is then not done again.
    #[must_use]
    pub fn once(mut self, request: RequestKey) -> Self {
        self.request = Some(request);
        self
    }

    /// The same, for a call from this address: whoever is [kept out](super::Desk::block) by it is refused.
    #[must_use]
    pub const fn from_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Where it is called from, if that is known.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The same for a part of what a request leads to: the request's key stands for another part.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            request: None,
            ..self.clone()
        }
    }

    /// Whose everything is that is done here.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What makes it the same request again.
    #[must_use]
    pub const fn request(&self) -> Option<&RequestKey> {
        self.request.as_ref()
    }

    /// Who acts, as the journal remembers it.
    #[must_use]
    pub const fn actor_ref(&self) -> ActorRef {
        match &self.actor {
            Actor::Anyone => ActorRef::Anyone,
            Actor::Visitor {
                requester: Requester::Visitor(visitor),
                ..
            } => ActorRef::Visitor(*visitor),
            Actor::Visitor {
                requester: Requester::Customer(customer),
                ..
            }
            | Actor::Customer(customer) => ActorRef::Customer(*customer),
            Actor::Agent(agent) => ActorRef::Agent(agent.id),
            Actor::ApiKey { id, .. } => ActorRef::ApiKey(*id),
            Actor::Platform(agent) => ActorRef::Agent(*agent),
            Actor::Bot => ActorRef::Bot,
            Actor::System => ActorRef::System,
        }
    }
}
