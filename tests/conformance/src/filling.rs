//! One of everything in a tenant, and what could be done to it.

use support_core::{
    change::{ChangeSet, RequestKey},
    desk::Scope,
    model::{
        Account, Agent, Alarm, ApiKey, Article, ArticleVote, Assignment, Block, Callback, CannedResponse, Channel,
        Customer, Delivery, Department, Erasure, EventBody, File, FileState, LoginGuard, Message, Notification,
        Principal, Promise, Requester, Resolution, Side, TenantId, Ticket, TicketState, Visitor, VisitorContext,
        VisitorId, Webhook,
    },
};
use uuid::Uuid;

use crate::world::World;

/// One of everything, as it is first written.
pub(crate) struct Filling {
    pub(crate) department: Department,
    pub(crate) agent: Agent,
    pub(crate) customer: Customer,
    pub(crate) visitor: Visitor,
    pub(crate) visit: VisitorContext,
    pub(crate) block: Block,
    pub(crate) account: Account,
    pub(crate) guard: LoginGuard,
    pub(crate) token: Uuid,
    pub(crate) api_key: ApiKey,
    pub(crate) ticket: Ticket,
    pub(crate) message: Message,
    pub(crate) request: RequestKey,
    pub(crate) callback: Callback,
    pub(crate) webhook: Webhook,
    pub(crate) canned_response: CannedResponse,
    pub(crate) file: File,
    pub(crate) article: Article,
    pub(crate) vote: ArticleVote,
    /// What the agent was told.
    pub(crate) notification: Notification,
    /// A ticket that was resolved and rated.
    pub(crate) rated: Ticket,
    /// A mail about the callback, and a call of the webhook.
    pub(crate) deliveries: [Delivery; 2],
}

impl Filling {
    pub(crate) fn of(world: &World) -> Self {
        let samples = &world.samples;
        let (agent, customer) = (samples.agent(), samples.customer());
        let at = samples.later();
        let ticket = Ticket {
            access: Some(world.hash()),
            session: Some("s-1".to_owned()),
            state: TicketState::Assigned(Assignment { agent: agent.id, at }),
            ..samples.ticket(world.inbox.id)
        };
        let callback = Callback {
            employee_id: Some("E-1".to_owned()),
            assigned_to: Some(agent.id),
            ..samples.callback()
        };
        let webhook = samples.webhook();
        let article = samples.article();
        let mail = Delivery {
            callback: Some(callback.id),
            key: Some("gathered".to_owned()),
            ..samples.delivery()
        };
        let call = Delivery {
            channel: Channel::Webhook,
            recipient: webhook.id.to_string(),
            ..samples.delivery()
        };
        let notification = Notification {
            ticket: Some(ticket.id),
            ..samples.notification(Principal::Agent(agent.id))
        };
        let resolution = Resolution {
            at,
            by: Some(agent.id),
            notes: None,
        };
        let resolved = Ticket {
            state: TicketState::Resolved(None, resolution),
            ..samples.ticket(world.inbox.id)
        };
        Self {
            canned_response: samples.canned_response(),
            file: File {
                ticket: Some(ticket.id),
                ..samples.file()
            },
            vote: ArticleVote {
                article: article.id,
                voter: world.hash(),
                is_helpful: true,
            },
            article,
            notification,
            rated: resolved.rate(4, None, at).unwrap(),
            deliveries: [mail, call],
            callback,
            webhook,
            department: samples.department(),
            account: samples.account(Principal::Customer(customer.id)),
            guard: LoginGuard::new(world.hash(), at),
            token: samples.visitor().id.uuid(),
            api_key: samples.api_key(),
            message: samples.question(&ticket),
            visitor: samples.visitor(),
            visit: samples.visitor_context(),
            block: samples.block(),
            request: world.request(),
            agent,
            customer,
            ticket,
        }
    }

    /// The change sets that store all of it in a tenant, each with its name.
    pub(crate) fn writes(&self, tenant: TenantId, world: &World) -> Vec<(&'static str, ChangeSet)> {
        let mut all = Vec::new();
        let mut write = |name, fill: &dyn Fn(&mut ChangeSet)| {
            let mut change = ChangeSet::new(&Scope::system(tenant), world.samples.later());
            fill(&mut change);
            all.push((name, change));
        };
        let agent = self.agent.id;
        write("put_department", &|change| {
            change.put_department(self.department.clone());
        });
        write("put_agent", &|change| {
            change.put_agent(self.agent.clone(), EventBody::AgentCreated { agent });
        });
        write("put_customer", &|change| change.put_customer(self.customer.clone()));
        write("put_visitor", &|change| change.put_visitor(self.visitor.clone()));
        write("put_account", &|change| change.put_account(self.account.clone()));
        write("put_login_guard", &|change| {
            change.count_login_failure(self.guard.clone());
        });
        write("revoke_token", &|change| {
            change.revoke_token(self.principal(), self.token, world.tenant.created_at);
        });
        write("put_api_key", &|change| change.put_api_key(self.api_key.clone()));
        write("open_ticket", &|change| change.open_ticket(self.ticket.clone()));
        write("append", &|change| change.append(&self.ticket, self.message.clone()));
        write("put_visitor_context", &|change| {
            change.put_visitor_context(self.ticket.id, self.visit.clone());
        });
        write("put_block", &|change| change.put_block(self.block.clone()));
        write("rate_ticket", &|change| {
            change.open_ticket(self.rated.clone());
            if let Some(rating) = self.rated.rating.clone() {
                change.rate_ticket(self.rated.clone(), rating);
            }
        });
        write("put_callback", &|change| {
            let callback = self.callback.id;
            change.put_callback(self.callback.clone(), [EventBody::CallbackRequested { callback }]);
        });
        write("put_webhook", &|change| {
            let webhook = self.webhook.id;
            change.put_webhook(self.webhook.clone(), EventBody::WebhookSaved { webhook });
        });
        write("put_canned_response", &|change| {
            change.put_canned_response(self.canned_response.clone());
        });
        write("save_file", &|change| change.save_file(self.file.clone()));
        write("put_article", &|change| {
            change.put_article(self.article.clone());
            change.put_article_vote(self.vote.clone());
        });
        write("notify", &|change| change.notify(self.notification.clone()));
        for delivery in &self.deliveries {
            write("owe", &|change| change.owe(delivery.clone()));
        }
        let once = Scope::system(tenant).once(self.request.clone());
        all.push(("request", ChangeSet::new(&once, world.samples.later())));
        all
    }

    /// Change sets that would touch what is stored, if they reached it.
    pub(crate) fn meddling(&self, tenant: TenantId, world: &World) -> Vec<(&'static str, ChangeSet)> {
        let mut all = Vec::new();
        let mut write = |name, fill: &dyn Fn(&mut ChangeSet)| {
            let mut change = ChangeSet::new(&Scope::system(tenant), world.samples.later());
            fill(&mut change);
            all.push((name, change));
        };
        let agent = self.agent.id;
        let stored = Ticket {
            subject: "meddled with".to_owned(),
            version: 1,
            ..self.ticket.clone()
        };
        let renamed = Department {
            name: "meddled with".to_owned(),
            version: 1,
            ..self.department.clone()
        };
        let promoted = Agent {
            name: "meddled with".to_owned(),
            version: 1,
            ..self.agent.clone()
        };
        let opened = Account {
            password_hash: Some("meddled with".to_owned()),
            version: 1,
            ..self.account.clone()
        };
        let known = Customer {
            version: 1,
            ..self.customer.clone()
        };
        let promised = Callback {
            notes: Some("meddled with".to_owned()),
            version: 1,
            ..self.callback.clone()
        };
        let redirected = Webhook {
            url: "https://meddler.example".to_owned(),
            version: 1,
            ..self.webhook.clone()
        };
        let reworded = CannedResponse {
            content: "meddled with".to_owned(),
            version: 1,
            ..self.canned_response.clone()
        };
        let taken = File {
            state: FileState::Leaving,
            version: 1,
            ..self.file.clone()
        };
        let rewritten = Article {
            content: "meddled with".to_owned(),
            version: 1,
            ..self.article.clone()
        };
        write("put_tenant", &|change| {
            change.put_tenant(world.tenant.clone(), EventBody::TenantSaved);
        });
        write("put_inbox", &|change| change.put_inbox(world.inbox.clone()));
        write("put_department", &|change| change.put_department(renamed.clone()));
        write("remove_department", &|change| {
            change.remove_department(self.department.id, None);
        });
        write("put_agent", &|change| {
            change.put_agent(promoted.clone(), EventBody::AgentUpdated { agent });
        });
        write("note_assignment", &|change| change.note_assignment(agent));
        write("put_customer", &|change| change.put_customer(known.clone()));
        write("remove_customer", &|change| change.remove_customer(&self.customer));
        write("put_account", &|change| change.put_account(opened.clone()));
        write("remove_login_guard", &|change| {
            change.log_in(self.principal(), Some(self.guard.email_hash.clone()));
        });
        write("update_ticket", &|change| change.update_ticket(stored.clone(), []));
        write("append", &|change| {
            change.append(&self.ticket, world.samples.question(&self.ticket));
        });
        write("append with version", &|change| {
            change.append(&stored, world.samples.question(&stored));
        });
        write("note_alarm", &|change| {
            let alarm = Alarm {
                promise: Promise::Resolution,
                is_breach: true,
            };
            change.note_alarm(&self.ticket, world.tenant.created_at, alarm);
        });
        write("mark_read", &|change| change.mark_read(&self.ticket, Side::Agents, 1));
        write("put_callback", &|change| change.put_callback(promised.clone(), []));
        write("put_webhook", &|change| change.note_webhook_health(redirected.clone()));
        write("advance_webhook", &|change| {
            change.advance_webhook(self.webhook.id, 0, 1);
        });
        write("remove_webhook", &|change| change.remove_webhook(&self.webhook));
        write("remove_webhook with version", &|change| {
            change.remove_webhook(&redirected);
        });
        write("put_canned_response", &|change| {
            change.put_canned_response(reworded.clone());
        });
        write("remove_canned_response", &|change| {
            change.remove_canned_response(&self.canned_response);
        });
        write("remove_canned_response with version", &|change| {
            change.remove_canned_response(&reworded);
        });
        let nobody = VisitorId::new(self.token);
        write("erase_ticket", &|change| {
            change.erase_ticket(self.ticket.clone(), nobody);
        });
        write("erase_ticket with version", &|change| {
            change.erase_ticket(stored.clone(), nobody);
        });
        write("erase_callback", &|change| change.erase_callback(self.callback.clone()));
        write("erase_callback with version", &|change| {
            change.erase_callback(promised.clone());
        });
        write("forget_customer", &|change| change.forget_customer(&self.customer));
        write("forget_visitor", &|change| {
            let address = Some(&self.deliveries[0].recipient);
            change.forget_visitor(self.visitor.id, address);
        });
        write("ask_erasure", &|change| {
            change.ask_erasure(Erasure {
                requester: Requester::Visitor(self.visitor.id),
                asked_at: world.tenant.created_at,
            });
        });
        write("doom_file", &|change| change.doom_file(taken.clone()));
        write("remove_file", &|change| change.remove_file(&self.file));
        write("remove_file with version", &|change| change.remove_file(&taken));
        write("put_article", &|change| change.put_article(rewritten.clone()));
        write("remove_article", &|change| change.remove_article(&self.article));
        write("remove_article with version", &|change| {
            change.remove_article(&rewritten);
        });
        write("count_article_views", &|change| {
            change.count_article_views(self.article.id, 1);
        });
        write("put_article_vote", &|change| {
            change.put_article_vote(ArticleVote {
                is_helpful: false,
                ..self.vote.clone()
            });
        });
        write("mark_notifications_read", &|change| {
            change.mark_notifications_read(self.notification.recipient, vec![self.notification.id]);
        });
        write("put_visitor_context", &|change| {
            change.put_visitor_context(self.ticket.id, VisitorContext::default());
        });
        write("put_block", &|change| {
            change.put_block(Block {
                reason: Some("meddled with".to_owned()),
                ..self.block.clone()
            });
        });
        write("remove_block", &|change| change.remove_block(self.block.id));
        write("forget_block", &|change| change.forget_block(self.block.id));
        write("store_response", &|change| {
            change.store_response(self.request.key.clone(), 418, String::new());
        });
        all
    }

    const fn principal(&self) -> Principal {
        Principal::Customer(self.customer.id)
    }
}
