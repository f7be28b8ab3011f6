//! What waits to be written to one connection. Idle ones hold next to nothing; slow ones are cut
//! off before they hold much.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use tokio::{sync::Notify, time::Instant};

/// Frames that may wait for one connection.
const MOST_FRAMES: usize = 4_096;
/// Bytes that may wait for one connection. They are shared with every other that hears the same.
const MOST_BYTES: usize = 1024 * 1024;
/// How long a reader whose queue is full may take nothing, before it is taken for stuck. One that
/// takes what it can meets a burst, which the journal has as well.
const STUCK_AFTER: Duration = Duration::from_millis(500);
/// Room for frames that is kept while none wait.
const IDLE_ROOM: usize = 16;

/// What goes over the wire, made once for all who hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Payload {
    /// A text frame of a WebSocket.
    Text(Utf8Bytes),
    /// A piece of an event stream.
    Chunk(Bytes),
    /// Events of Socket.IO, in order.
    #[cfg(feature = "socketio")]
    Events(super::socketio::Events),
}

impl Payload {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Chunk(chunk) => chunk.len(),
            #[cfg(feature = "socketio")]
            Self::Events(events) => events.len(),
        }
    }
}

/// Something to be written to a connection, with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its place in the journal; none for what isn't kept.
    pub(crate) event: Option<u64>,
    /// The place of its message in the thread, if it carries one.
    pub(crate) message: Option<u64>,
    pub(crate) payload: Payload,
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Whoever listens may do so no longer.
    NotAllowed,
    /// What they listened to is none of their business any more.
    NotFound,
    /// They don't read as fast as things happen.
    TooSlow,
    /// They write too fast.
    TooFast,
    /// They wrote too much at once.
    TooLarge,
    /// The process ends.
    ShuttingDown,
    /// The store can't be asked.
    Unavailable,
}

/// What a connection has to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Write this.
    Frame(Frame),
    /// Make sure that whoever listens still may.
    Recheck,
    /// End.
    Ended(Ending),
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// Whether whoever reads is still busy with what came before, and will look it up again.
    is_catching_up: bool,
    has_overflowed: bool,
    /// Whether the reader was live already, and is sent back to the journal.
    has_fallen_behind: bool,
    /// When the reader last took something.
    kept_up_at: Instant,
    recheck: bool,
    ended: Option<Ending>,
}

/// The queue of one connection: written by the hub, which never waits, and read by the connection.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Notify,
}

impl Queue {
    /// An empty queue whose reader begins by catching up.
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                frames: VecDeque::new(),
                bytes: 0,
                is_catching_up: true,
                has_overflowed: false,
                has_fallen_behind: false,
                kept_up_at: Instant::now(),
                recheck: false,
                ended: None,
            }),
            changed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a frame. A reader that takes nothing while too much waits is cut off; one that only
    /// fell behind, or still catches up, will find everything in the journal instead.
    pub(crate) fn push(&self, frame: Frame) {
        {
            let mut state = self.state();
            if state.ended.is_some() {
                return;
            }
            let is_stuck = state.kept_up_at.elapsed() >= STUCK_AFTER;
            if state.has_overflowed && !(state.has_fallen_behind && is_stuck) {
                return;
            }
            let is_full = state.frames.len() >= MOST_FRAMES || state.bytes + frame.payload.len() > MOST_BYTES;
            if !is_full && !state.has_overflowed {
                state.bytes += frame.payload.len();
                state.frames.push_back(frame);
            } else {
                state.overflow(is_stuck);
            }
        }
        self.changed.notify_one();
    }

    /// Ends the connection. The first reason stays.
    pub(crate) fn end(&self, ending: Ending) {
        {
            let mut state = self.state();
            state.ended.get_or_insert(ending);
            state.forget_frames();
        }
        self.changed.notify_one();
    }

    /// Has the connection make sure that whoever listens still may, before it writes anything more.
    pub(crate) fn ask_to_recheck(&self) {
        self.state().recheck = true;
        self.changed.notify_one();
    }

    /// What is to be done now, if anything is.
    pub(crate) fn take(&self) -> Option<Heard> {
        let mut state = self.state();
        if let Some(ending) = state.ended {
            return Some(Heard::Ended(ending));
        }
        if state.recheck {
            state.recheck = false;
            return Some(Heard::Recheck);
        }
        state.pop().map(Heard::Frame)
    }

    /// The next frame, if that is the next thing to do.
    pub(crate) fn take_frame(&self) -> Option<Frame> {
        let mut state = self.state();
        if state.ended.is_some() || state.recheck {
            return None;
        }
        state.pop()
    }

    /// The reader has caught up: from now on it must keep up. `false` when frames were thrown away
    /// meanwhile; then it has to catch up with those, and frames are kept again from now on.
    pub(crate) fn go_live(&self) -> bool {
        let mut state = self.state();
        if state.has_overflowed {
            state.has_overflowed = false;
            return false;
        }
        state.is_catching_up = false;
        state.has_fallen_behind = false;
        true
    }

    /// Whether the reader, which was live, has to catch up again.
    pub(crate) fn has_fallen_behind(&self) -> bool {
        self.state().has_fallen_behind
    }

    /// The reader has taken something.
    pub(crate) fn keeps_up(&self) {
        self.state().kept_up_at = Instant::now();
    }

    /// The reader is to catch up anew, from an earlier place on.
    #[cfg(feature = "socketio")]
    pub(crate) fn catch_up_again(&self) {
        self.state().is_catching_up = true;
    }

    /// Waits until there may be something to do.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Waits until the connection is to end.
    pub(crate) async fn ended(&self) -> Ending {
        loop {
            if let Some(ending) = self.state().ended {
                return ending;
            }
            self.changed().await;
        }
    }
}

impl State {
    fn pop(&mut self) -> Option<Frame> {
        if self.is_catching_up {
            return None;
        }
        let frame = self.frames.pop_front()?;
        self.bytes = self.bytes.saturating_sub(frame.payload.len());
        if self.frames.is_empty() && self.frames.capacity() > IDLE_ROOM {
            self.frames = VecDeque::new();
        }
        Some(frame)
    }

    fn overflow(&mut self, is_stuck: bool) {
        self.forget_frames();
        let is_live = !self.is_catching_up;
        if is_stuck && (is_live || self.has_fallen_behind) {
            self.ended = Some(Ending::TooSlow);
            return;
        }
        self.has_overflowed = true;
        self.has_fallen_behind |= is_live;
        self.is_catching_up = true;
    }

    fn forget_frames(&mut self) {
        self.frames = VecDeque::new();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use tokio::time::advance;

    use super::{Ending, Frame, Heard, MOST_FRAMES, Payload, Queue, STUCK_AFTER};

    fn frame(event: u64) -> Frame {
        Frame {
            event: Some(event),
            message: None,
            payload: Payload::Text("{}".into()),
        }
    }

    #[test]
    fn frames_come_out_in_order_once_the_reader_has_caught_up() {
        let queue = Queue::new();
        queue.push(frame(1));
        queue.push(frame(2));
        assert_eq!(queue.take(), None);
        assert!(queue.go_live());
        assert_eq!(queue.take(), Some(Heard::Frame(frame(1))));
        assert_eq!(queue.take(), Some(Heard::Frame(frame(2))));
        assert_eq!(queue.take(), None);
    }

    fn fill(queue: &Queue) {
        for event in 0..=MOST_FRAMES {
            queue.push(frame(u64::try_from(event).unwrap()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_live_reader_that_takes_nothing_is_cut_off() {
        let queue = Queue::new();
        assert!(queue.go_live());
        advance(STUCK_AFTER).await;
        fill(&queue);
        assert_eq!(queue.take(), Some(Heard::Ended(Ending::TooSlow)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_live_reader_that_meets_a_burst_is_sent_back_to_the_journal() {
        let queue = Queue::new();
        assert!(queue.go_live());
        fill(&queue);
        assert!(queue.has_fallen_behind());
        assert_eq!(queue.take(), None);
        advance(STUCK_AFTER / 2).await;
        queue.keeps_up();
        advance(STUCK_AFTER / 2).await;
        queue.push(frame(9_000));
        assert!(!queue.go_live());
        queue.push(frame(9_001));
        assert!(queue.go_live());
        assert!(!queue.has_fallen_behind());
        assert_eq!(queue.take(), Some(Heard::Frame(frame(9_001))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_was_sent_back_and_takes_nothing_is_cut_off() {
        let queue = Queue::new();
        assert!(queue.go_live());
        fill(&queue);
        advance(STUCK_AFTER).await;
        queue.push(frame(9_000));
        assert_eq!(queue.take(), Some(Heard::Ended(Ending::TooSlow)));
    }

    #[test]
    fn a_reader_that_catches_up_is_sent_back_to_the_journal_instead() {
        let queue = Queue::new();
        fill(&queue);
        assert!(!queue.go_live());
        queue.push(frame(9_000));
        assert!(queue.go_live());
        assert_eq!(queue.take(), Some(Heard::Frame(frame(9_000))));
    }

    #[test]
    fn a_doubt_comes_before_frames_and_an_end_before_everything() {
        let queue = Queue::new();
        assert!(queue.go_live());
        queue.push(frame(1));
        queue.ask_to_recheck();
        assert_eq!(queue.take(), Some(Heard::Recheck));
        queue.end(Ending::NotAllowed);
        queue.end(Ending::TooSlow);
        assert_eq!(queue.take(), Some(Heard::Ended(Ending::NotAllowed)));
    }
}
