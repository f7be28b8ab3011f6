//! A store that fails when told to.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;

use crate::ports::{
    AccountReads, ArticleReads, AssignmentReads, CallbackReads, CannedResponseReads, CommitStore, DeliveryQueue,
    DeliveryReads, DepartmentReads, ErasureReads, EventReads, FigureReads, FileReads, InboxReads, MessageReads,
    NotificationReads, PeopleReads, PresenceStore, RequestReads, SearchReads, StoreError, TenantReads, TicketReads,
    Upkeep, WebhookReads,
};

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call never reaches the store.
    Before,
    /// The store does it, and the answer is lost.
    AnswerLost,
    /// The store can't do it, now or later: [`StoreError::Failed`].
    Broken,
}

/// Passes every call on to another store, and fails those it was told to, with
/// [`StoreError::Unavailable`] unless told otherwise. Methods are named as the ports name them: `"commit"`, `"ticket"`.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    planned: Mutex<VecDeque<(&'static str, Fault)>>,
    every: AtomicU64,
    calls: AtomicU64,
}

impl<S> FaultyStore<S> {
    /// Fails nothing yet.
    pub const fn new(inner: S) -> Self {
        Self {
            inner,
            planned: Mutex::new(VecDeque::new()),
            every: AtomicU64::new(0),
            calls: AtomicU64::new(0),
        }
    }

    /// The store that does the work.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Fails the next call of `method`; told again, the one after that too.
    pub fn fail_next(&self, method: &'static str, fault: Fault) {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.push_back((method, fault));
    }

    /// Fails every `nth` call, of whatever method, before it reaches the store; 0 for none.
    pub fn fail_every(&self, nth: u64) {
        self.every.store(nth, Ordering::SeqCst);
    }

    /// Calls that came in so far, failed ones too.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn fault(&self, method: &str) -> Option<Fault> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let place = planned.iter().position(|(name, _)| *name == method);
        if let Some((_, fault)) = place.and_then(|place| planned.remove(place)) {
            return Some(fault);
        }
        let every = self.every.load(Ordering::SeqCst);
        (every > 0 && call.is_multiple_of(every)).then_some(Fault::Before)
    }
}

fn unavailable(method: &str) -> StoreError {
    StoreError::Unavailable(format!("`{method}` was told to fail"))
}

macro_rules! fail_sometimes {
    (CommitStore { $($methods:tt)* }) => {
        fail_sometimes! { @port CommitStore { fn lanes(&self) -> usize { self.inner.lanes() } } $($methods)* }
    };
    ($port:ident { $($methods:tt)* }) => { fail_sometimes! { @port $port {} $($methods)* } };
    (@port $port:ident { $($other:item)* } $($method:ident($($argument:ident: $type:ty),* $(,)?) -> $answer:ty;)*) => {
        #[async_trait]
        impl<S: $port> $port for FaultyStore<S> {
            $(async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                let fault = self.fault(stringify!($method));
                if fault == Some(Fault::Before) {
                    return Err(unavailable(stringify!($method)));
                }
                if fault == Some(Fault::Broken) {
                    return Err(StoreError::Failed(concat!("`", stringify!($method), "` is broken").to_owned()));
                }
                let answer = self.inner.$method($($argument),*).await?;
                if fault == Some(Fault::AnswerLost) {
                    return Err(unavailable(stringify!($method)));
                }
                Ok(answer)
            })*

            $($other)*
        }
    };
}

crate::for_every_storage_port!(fail_sometimes);
