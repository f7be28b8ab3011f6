//! An office in which a bot answers first, as it is told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use support_core::{
    desk::{Desk, DeskBuilder, NewMessage, Opened, Posted, ResponderSettings, Scope, Speaker, Stores},
    memory::MemoryStore,
    model::{Channel, Delivery, Message, SenderKind, Ticket},
    ports::{Conversation, DeliveryFilter, Lane, Leased, PageRequest, Responder, ResponderError, Response},
    workers::run_deliveries,
};
use tokio::{sync::Semaphore, task::JoinHandle, time::Instant};

use crate::office::{Office, eventually};

pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long a question may wait in all.
pub(crate) const ANSWER_TIME: Duration = Duration::from_secs(12);
pub(crate) const SILENCE: Duration = Duration::from_secs(600);

/// What a bot does when it is asked.
pub(crate) enum Act {
    Say(Response),
    Fail,
    Panic,
    Hang,
    /// Says it when it is let to.
    SayLater(Response),
}

/// A bot that does what it is told, and else answers what it is asked with the same words.
pub(crate) struct Script {
    acts: Mutex<VecDeque<Act>>,
    asked: Mutex<Vec<Conversation>>,
    allowed: Semaphore,
}

impl Script {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            acts: Mutex::default(),
            asked: Mutex::default(),
            allowed: Semaphore::new(0),
        })
    }

    pub(crate) fn act(&self, act: Act) {
        self.acts.lock().unwrap().push_back(act);
    }

    /// Lets it say what it was to say later.
    pub(crate) fn allow(&self) {
        self.allowed.add_permits(1);
    }

    pub(crate) fn asked(&self) -> Vec<Conversation> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Responder for Script {
    async fn respond(&self, conversation: &Conversation) -> Result<Response, ResponderError> {
        self.asked.lock().unwrap().push(conversation.clone());
        let act = self.acts.lock().unwrap().pop_front();
        match act {
            None => Ok(Response::reply(format!("{}!", conversation.question.content))),
            Some(Act::Say(response)) => Ok(response),
            Some(Act::Fail) => Err(ResponderError("out of order".to_owned())),
            Some(Act::Panic) => panic!("the bot was told to"),
            Some(Act::Hang) => std::future::pending().await,
            Some(Act::SayLater(response)) => {
                self.allowed.acquire().await.unwrap().forget();
                Ok(response)
            }
        }
    }
}

/// An office with a bot, and workers that ask it if they are told to work.
pub(crate) struct BotOffice {
    pub(crate) office: Office,
    pub(crate) bot: Arc<Script>,
    workers: Vec<JoinHandle<()>>,
}

impl Drop for BotOffice {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.abort();
        }
    }
}

pub(crate) fn settings() -> ResponderSettings {
    ResponderSettings {
        patience: PATIENCE,
        silence: SILENCE,
        ..ResponderSettings::default()
    }
}

impl BotOffice {
    /// One whose worker is at work.
    pub(crate) async fn open() -> Self {
        let mut office = Self::quiet().await;
        office.work();
        office
    }

    /// One in which nobody asks the bot by themselves.
    pub(crate) async fn quiet() -> Self {
        Self::over(Stores::of(&Arc::new(MemoryStore::new())), settings()).await
    }

    pub(crate) async fn over(stores: Stores, settings: ResponderSettings) -> Self {
        Self::with(Desk::builder_over(stores), settings).await
    }

    pub(crate) async fn with(desk: DeskBuilder, settings: ResponderSettings) -> Self {
        let bot = Script::new();
        let desk = desk.responder(bot.clone()).responder_settings(settings);
        Self {
            office: Office::with(desk).await,
            bot,
            workers: Vec::new(),
        }
    }

    pub(crate) fn work(&mut self) {
        let worker = run_deliveries(self.office.desk.clone(), std::future::pending());
        self.workers.push(tokio::spawn(worker));
    }

    pub(crate) async fn ask(&self, ticket: &Ticket, words: &str) -> Posted {
        let visitor = self.office.visitor_of(ticket);
        let words = NewMessage::text(words);
        self.office
            .desk
            .post(&visitor, ticket.id, words, Speaker::Own)
            .await
            .unwrap()
    }

    pub(crate) async fn said(&self, ticket: &Ticket, by: SenderKind) -> Vec<Message> {
        let mut thread = self.office.thread(ticket.id).await;
        thread.retain(|message| message.sender.kind() == by);
        thread
    }

    pub(crate) async fn said_by_bot(&self, ticket: &Ticket) -> Vec<String> {
        let said = self.said(ticket, SenderKind::Bot).await.into_iter();
        said.map(|message| message.content).collect()
    }

    /// A chat that the bot has answered.
    pub(crate) async fn answered_chat(&self) -> Opened {
        let opened = self.office.chat(None).await;
        self.hears(&opened.ticket, 1).await;
        opened
    }

    /// Waits until the bot has said so much in a ticket.
    pub(crate) async fn hears(&self, ticket: &Ticket, messages: usize) {
        eventually(|| async { (self.said_by_bot(ticket).await.len() == messages).then_some(()) }).await;
    }

    /// Waits until the ticket is not the bot's any more.
    pub(crate) async fn is_left(&self, ticket: &Ticket) -> Ticket {
        eventually(|| async {
            let ticket = self.office.ticket(ticket.id).await;
            ticket.held_for_bot_until.is_none().then_some(ticket)
        })
        .await
    }

    /// Waits until somebody has the ticket.
    pub(crate) async fn is_given(&self, ticket: &Ticket) -> Ticket {
        eventually(|| async {
            let ticket = self.office.ticket(ticket.id).await;
            ticket.assignee().is_some().then_some(ticket)
        })
        .await
    }

    /// What the bot was asked and is not forgotten, newest first.
    pub(crate) async fn questions(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter {
            channel: Some(Channel::Bot),
            ..DeliveryFilter::default()
        };
        let page = PageRequest { number: 1, limit: 100 };
        let office = &self.office;
        let found = office.desk.deliveries(&office.admin, &filter, page).await;
        found.unwrap().items
    }

    /// Takes what is to be asked, as a node that may die then.
    pub(crate) async fn take(&self) -> Vec<Leased> {
        let desk = &self.office.desk;
        let lane = Lane {
            tenant: self.office.tenant.id,
            channel: Channel::Bot,
        };
        let queue = &desk.stores().deliveries;
        queue.claim(lane, desk.now(), ANSWER_TIME, 100).await.unwrap()
    }

    /// Asks all that is to be asked.
    pub(crate) async fn work_off(&self) {
        loop {
            let taken = self.take().await;
            if taken.is_empty() {
                return;
            }
            for leased in taken {
                self.office.desk.attempt(leased, Instant::now()).await.unwrap();
            }
        }
    }

    pub(crate) async fn agent(&self, name: &str) -> Scope {
        self.office.available_agent(name, &[], 5).await
    }
}
