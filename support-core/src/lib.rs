//! Customer support as a library: live chat, tickets, people who answer, and one write door
//! behind which nothing is lost and nothing is doubled.
//!
//! # What it is
//! A [`Desk`](desk::Desk) has every use case as a method. Each reads what it needs, decides by
//! the pure rules of [`model`], and commits one [`ChangeSet`](change::ChangeSet): the rows, the
//! journal's events and what is owed to people, all or nothing. The [`Feed`](desk::Feed) tells
//! of each event after it is on disk, in order and once.
//!
//! This crate knows no database and no network. Adapters implement the traits in [`ports`];
//! faces such as `support-http` call the desk.
//!
//! # A conversation
//! ```
//! # #[cfg(feature = "memory")]
//! # async fn conversation() -> Result<(), support_core::desk::DeskError> {
//! use support_core::desk::{Desk, FirstAdmin, NewMessage, NewTenant, NewTicket, NewTicketRequester, Scope, Speaker};
//! use support_core::memory::MemoryStore;
//! use support_core::model::{Actor, Contact, InboxKind, TenantId, TicketChannel};
//!
//! let desk = Desk::builder(MemoryStore::new()).build();
//! let installation = Scope::system(TenantId::new(desk.ids().uuid()));
//! let admin = FirstAdmin { name: "Mara".into(), email: "mara@shop.example".into(), password: "correct horse".into() };
//! let shop = desk
//!     .create_tenant(&installation, NewTenant {
//!         slug: "shop".into(),
//!         name: "Shop".into(),
//!         timezone: "Europe/Berlin".into(),
//!         domains: vec!["shop.example".into()],
//!         admin,
//!     })
//!     .await?;
//!
//! let widget = desk.default_inbox(shop.id, InboxKind::Widget).await?;
//! let visitor = NewTicketRequester::Visitor(Contact::default());
//! let mut new = NewTicket::new(widget.id, TicketChannel::Web, visitor);
//! new.message = Some(NewMessage::text("Where is my parcel?"));
//! let opened = desk.open_ticket(&Scope::new(shop.id, Actor::Anyone), new).await?;
//!
//! let mara = desk.log_in(Some(shop.id), "mara@shop.example", "correct horse").await?;
//! let mara = Scope::new(shop.id, mara.identified.actor());
//! let answer = desk.post(&mara, opened.ticket.id, NewMessage::text("On its way!"), Speaker::Own).await?;
//! assert_eq!(answer.ticket.assignee(), mara.actor().agent().map(|agent| agent.id));
//! # Ok(())
//! # }
//! # #[cfg(feature = "memory")]
//! # tokio::runtime::Runtime::new().unwrap().block_on(conversation()).unwrap();
//! ```
//!
//! # Writing an adapter
//! The manual is in [`ports`]; the suite that every adapter must pass is the crate
//! `support-conformance`.
//!
//! # Features
//! * `memory`: in-memory adapters of every port.
//! * `testing`: mocks of every port, a clock set by hand, samples; for a host's own tests.

#![warn(missing_docs)]

pub mod change;
pub mod desk;
#[cfg(feature = "memory")]
pub mod memory;
pub mod model;
pub mod ports;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod workers;
