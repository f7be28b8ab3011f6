//! Connections, each on a thread of its own.
//!
//! SQLite makes its caller wait, which no task may. Work is handed over whole, however many
//! statements it has: a call costs one hop to the thread and one back.

use std::{
    collections::VecDeque,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use support_core::ports::StoreError;
use tokio::sync::{oneshot, watch};

use crate::error::Failure;

/// How long work waits for its turn before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// Threads that take turns at one queue. Dropping them lets them finish what is queued.
pub(crate) struct Threads {
    queue: Arc<Queue>,
    /// Nothing is ever sent: the channel closes when the last thread has ended.
    ended: watch::Receiver<()>,
}

impl Threads {
    /// Starts `count` threads, each with a connection that it opens itself; at most `room`
    /// calls wait for them.
    pub(crate) async fn start(
        name: &'static str,
        count: u32,
        room: usize,
        open: impl Fn() -> Result<Connection, StoreError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let (alive, ended) = watch::channel(());
        let queue = Arc::new(Queue::of(room));
        let threads = Self { queue, ended };
        let open = Arc::new(open);
        let mut starting = Vec::new();
        for _ in 0..count {
            let (opening, opened) = oneshot::channel();
            let (queue, open, alive) = (Arc::clone(&threads.queue), Arc::clone(&open), alive.clone());
            let run = move || {
                // Whoever gave up starting has closed the queue too.
                let _ = match open() {
                    Ok(connection) => {
                        let told = opening.send(Ok(()));
                        queue.serve(connection);
                        told
                    }
                    Err(error) => opening.send(Err(error)),
                };
                drop(alive);
            };
            let thread = thread::Builder::new().name(name.to_owned()).spawn(run);
            thread.map_err(|error| StoreError::Unavailable(error.to_string()))?;
            starting.push(opened);
        }
        for opened in starting {
            opened.await.map_err(|_| given_up())??;
        }
        Ok(threads)
    }

    /// Has one of the threads do something with its connection. Work that nobody waits for any
    /// more when its turn comes is not begun.
    pub(crate) async fn call<T, W>(&self, work: W) -> Result<T, Failure>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let queued = now();
        self.queue.push(Box::new(move |connection| {
            if answer.is_closed() {
                return;
            }
            let result = if now().duration_since(queued) > PATIENCE {
                Err(unavailable("others kept the database busy for too long"))
            } else {
                work(connection)
            };
            // The caller may have gone while this was done.
            let _ = answer.send(result);
        }))?;
        answered.await.unwrap_or_else(|_| Err(given_up().into()))
    }

    /// Takes no more work, and returns when what was queued is done and the connections are closed.
    pub(crate) async fn close(&self) {
        self.queue.close();
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Threads").finish_non_exhaustive()
    }
}

/// The real time: the threads know nothing of a clock that a test has stopped.
#[expect(
    clippy::disallowed_methods,
    reason = "measures a wait on threads outside of any runtime"
)]
fn now() -> Instant {
    Instant::now()
}

fn given_up() -> StoreError {
    StoreError::Failed("work on the database panicked".to_owned())
}

fn unavailable(why: &str) -> Failure {
    Failure::Store(StoreError::Unavailable(why.to_owned()))
}

/// Work that waits for a thread.
struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    room: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    is_closed: bool,
}

impl Queue {
    fn of(room: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            room,
        }
    }

    /// No work is done under the lock, so that nothing can be left half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, work: Work) -> Result<(), Failure> {
        let mut state = self.state();
        if state.is_closed {
            return Err(unavailable("the store is closed"));
        }
        if state.waiting.len() >= self.room {
            return Err(unavailable("too much waits for the database"));
        }
        state.waiting.push_back(work);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for work; nothing once the queue is closed and empty.
    fn next(&self) -> Option<Work> {
        let mut state = self.state();
        loop {
            if let Some(work) = state.waiting.pop_front() {
                return Some(work);
            }
            if state.is_closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Does one thing after another. One that panics leaves the connection as it was: the
    /// transaction rolls back as it is dropped, and the caller's answer is dropped with it.
    fn serve(&self, mut connection: Connection) {
        while let Some(work) = self.next() {
            let _ = catch_unwind(AssertUnwindSafe(|| work(&mut connection)));
        }
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

    use std::sync::mpsc;

    use rusqlite::TransactionBehavior;

    use super::*;

    async fn start(room: usize) -> Threads {
        let open = || Ok(Connection::open_in_memory().unwrap());
        Threads::start("test", 1, room, open).await.unwrap()
    }

    async fn call(threads: &Threads) -> Result<i64, Failure> {
        let one = |connection: &mut Connection| Ok(connection.query_row("select 1", (), |row| row.get(0))?);
        threads.call(one).await
    }

    /// Keeps the only thread busy until the answer is dropped.
    async fn occupy(threads: &Arc<Threads>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), Failure>>) {
        let (release, released) = mpsc::channel();
        let (begin, begun) = oneshot::channel();
        let busy = Arc::clone(threads);
        let task = tokio::spawn(async move {
            let wait = move |_: &mut Connection| {
                begin.send(()).unwrap();
                let _ = released.recv();
                Ok(())
            };
            busy.call(wait).await
        });
        begun.await.unwrap();
        (release, task)
    }

    #[tokio::test]
    async fn a_panic_ends_the_call_and_its_transaction_but_not_the_thread() {
        let threads = start(8).await;
        let panics = |connection: &mut Connection| -> Result<(), Failure> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch("create table left_over (a)")?;
            panic!("in the middle of it");
        };
        let result = threads.call(panics).await;
        assert!(
            matches!(result, Err(Failure::Store(StoreError::Failed(_)))),
            "{result:?}"
        );
        let tables = |connection: &mut Connection| {
            let count = "select count(*) from sqlite_schema";
            Ok(connection.query_row(count, (), |row| row.get::<_, i64>(0))?)
        };
        assert_eq!(threads.call(tables).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_goes_on_afterwards() {
        let threads = Arc::new(start(1).await);
        let (release, busy) = occupy(&threads).await;
        // The first of them waits, polled once; there is no room for the second.
        let mut waiting = Box::pin(call(&threads));
        let refused = tokio::select! {
            biased;
            result = &mut waiting => result,
            result = call(&threads) => result,
        };
        assert!(
            matches!(refused, Err(Failure::Store(StoreError::Unavailable(_)))),
            "{refused:?}"
        );
        drop(release);
        busy.await.unwrap().unwrap();
        assert_eq!(waiting.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_not_begun() {
        let threads = Arc::new(start(8).await);
        let (release, busy) = occupy(&threads).await;
        let (begin, begun) = oneshot::channel();
        let abandoned = threads.call(move |_| {
            let _ = begin.send(());
            Ok(())
        });
        tokio::select! {
            biased;
            _ = abandoned => panic!("nothing can have answered"),
            () = std::future::ready(()) => {}
        }
        drop(release);
        busy.await.unwrap().unwrap();
        assert!(begun.await.is_err());
    }

    #[tokio::test]
    async fn closing_waits_for_what_is_queued_and_refuses_what_comes_later() {
        let threads = Arc::new(start(8).await);
        let (release, busy) = occupy(&threads).await;
        let mut queued = Box::pin(call(&threads));
        let mut closing = Box::pin(threads.close());
        tokio::select! {
            biased;
            _ = &mut queued => panic!("the thread is busy"),
            () = &mut closing => panic!("the thread is busy"),
            () = std::future::ready(()) => {}
        }
        let late = call(&threads).await;
        assert!(
            matches!(late, Err(Failure::Store(StoreError::Unavailable(_)))),
            "{late:?}"
        );
        drop(release);
        closing.await;
        busy.await.unwrap().unwrap();
        assert_eq!(queued.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn dropping_ends_the_threads() {
        let threads = start(8).await;
        let mut ended = threads.ended.clone();
        drop(threads);
        while ended.changed().await.is_ok() {}
    }
}
