//! Reading one connection's events in order, none missing and none twice: first what was missed,
//! from the journal, then what happens, from its queue.

use std::{collections::VecDeque, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};
use support_core::{desk::DeskError, model::Event, ports::EventFilter};

use super::{
    directory::Directory,
    frames::render,
    hub::Seat,
    listener::{Forms, Meaning},
    queue::{Ending, Frame, Heard},
};

/// Events read from the journal at once.
const READ_AT_ONCE: u32 = 200;
/// Events for which the store is asked side by side.
const MADE_AT_ONCE: usize = 8;

/// An event of the journal, and its frame if the connection hears of it.
#[derive(Debug)]
struct Told {
    event: u64,
    frame: Option<Frame>,
}

/// One connection's events.
#[derive(Debug)]
pub(crate) struct Reader {
    seat: Seat,
    directory: Arc<Directory>,
    /// The last event that was given out or passed over.
    cursor: u64,
    /// Up to where the journal has to be read before the queue has the rest; none when it has.
    target: Option<u64>,
    /// The last message of the thread that was given out.
    last_message: u64,
    page: VecDeque<Told>,
    /// Where the journal is read up to when the page is used up.
    page_end: u64,
}

impl Reader {
    /// Gives out what comes after `after` in the journal, and of the thread after `last_message`.
    pub(crate) fn new(seat: Seat, directory: Arc<Directory>, after: u64, last_message: u64) -> Self {
        let target = Some(seat.position);
        Self {
            seat,
            directory,
            cursor: after,
            target,
            last_message,
            page: VecDeque::new(),
            page_end: 0,
        }
    }

    pub(crate) const fn seat(&self) -> &Seat {
        &self.seat
    }

    /// Gives out what comes after `after` in the journal, some of it once more.
    #[cfg(feature = "socketio")]
    pub(crate) fn go_back(&mut self, after: u64) {
        self.seat.listener.queue.catch_up_again();
        self.page.clear();
        self.page_end = 0;
        self.cursor = after;
        self.target = Some(self.seat.heard_up_to());
    }

    /// Messages of the thread up to this one were given out by other means.
    #[cfg(feature = "socketio")]
    pub(crate) fn told_up_to(&mut self, message: u64) {
        self.last_message = self.last_message.max(message);
    }

    /// What is to be done next. Nothing is lost when the future is dropped.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.take() {
                return heard;
            }
            match self.target {
                Some(target) => match Box::pin(self.catch_up(target)).await {
                    Ok(Some(frame)) => return Heard::Frame(frame),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not catch up");
                        return Heard::Ended(Ending::Unavailable);
                    }
                },
                None if self.seat.listener.queue.has_fallen_behind() => self.target = Some(self.seat.heard_up_to()),
                None => self.seat.listener.queue.changed().await,
            }
        }
    }

    /// The next frame, if it is the next thing to do and needs no waiting for.
    pub(crate) fn take_frame(&mut self) -> Option<Frame> {
        loop {
            let frame = self.seat.listener.queue.take_frame()?;
            if !self.is_known(frame.event, frame.message) {
                self.note(&frame);
                return Some(frame);
            }
        }
    }

    /// What can be done without waiting.
    fn take(&mut self) -> Option<Heard> {
        loop {
            match self.seat.listener.queue.take()? {
                Heard::Frame(frame) if self.is_known(frame.event, frame.message) => {}
                Heard::Frame(frame) => {
                    self.note(&frame);
                    return Some(Heard::Frame(frame));
                }
                heard => return Some(heard),
            }
        }
    }

    fn is_known(&self, event: Option<u64>, message: Option<u64>) -> bool {
        event.is_some_and(|seq| seq <= self.cursor) || message.is_some_and(|seq| seq <= self.last_message)
    }

    fn note(&mut self, frame: &Frame) {
        self.seat.listener.queue.keeps_up();
        self.cursor = frame.event.unwrap_or(self.cursor);
        // Consoles hear many threads, each with its own numbers.
        if self.seat.listener.ticket.is_some() {
            self.last_message = frame.message.unwrap_or(self.last_message);
        }
    }

    /// The next frame from the journal; none when there was none in the part that was read.
    async fn catch_up(&mut self, target: u64) -> Result<Option<Frame>, DeskError> {
        while let Some(told) = self.page.pop_front() {
            let frame = told.frame.filter(|frame| !self.is_known(frame.event, frame.message));
            self.cursor = self.cursor.max(told.event);
            if let Some(frame) = frame {
                self.note(&frame);
                return Ok(Some(frame));
            }
        }
        self.cursor = self.cursor.max(self.page_end);
        if self.cursor < target {
            self.read_page(target).await?;
        } else {
            self.target = self.seat.go_live();
        }
        Ok(None)
    }

    async fn read_page(&mut self, target: u64) -> Result<(), DeskError> {
        let filter = EventFilter {
            ticket: self.seat.listener.ticket,
            customer: self.seat.listener.customer(),
            ..EventFilter::default()
        };
        let events = self
            .directory
            .desk()
            .stores()
            .events
            .events(self.seat.tenant(), self.cursor, &filter, READ_AT_ONCE)
            .await?;
        let is_whole = events.len() == READ_AT_ONCE as usize;
        // A page that isn't full has all there is, at least up to the target.
        let page_end = match events.last() {
            Some(last) if is_whole => last.seq,
            _ => target,
        };
        // Side by side: one after the other, a busy store would make the way back long.
        let telling: Vec<_> = events.iter().map(|event| self.told(event)).collect();
        let told: Vec<Told> = stream::iter(telling).buffered(MADE_AT_ONCE).try_collect().await?;
        self.page_end = page_end;
        self.page = told.into();
        Ok(())
    }

    async fn told(&self, event: &Event) -> Result<Told, DeskError> {
        let frame = match self.frame_of(event).await {
            Err(error @ DeskError::Unavailable { .. }) => return Err(error),
            Err(error) => {
                // Otherwise the connection would come back and stumble over it again and again.
                let (tenant, seq) = (self.seat.tenant(), event.seq);
                tracing::error!(%error, %tenant, seq, "an event could not be told again and was passed over");
                None
            }
            Ok(frame) => frame,
        };
        Ok(Told {
            event: event.seq,
            frame,
        })
    }

    async fn frame_of(&self, event: &Event) -> Result<Option<Frame>, DeskError> {
        let listener = &self.seat.listener;
        let message = event.message.as_ref().map(|message| message.seq);
        if self.is_known(Some(event.seq), message) || listener.meaning_of(event) != Meaning::Hears {
            return Ok(None);
        }
        let forms = Forms::only(listener.form);
        let rendered = render(&self.directory, self.seat.tenant(), event, forms).await?;
        Ok(rendered.payload(listener.form).map(|payload| Frame {
            event: Some(event.seq),
            message,
            payload,
        }))
    }
}
