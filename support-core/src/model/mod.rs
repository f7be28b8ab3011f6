//! The nouns and their rules. Nothing here does I/O, knows the time or rolls dice: time, ids and
//! what else a decision depends on come in as arguments.

mod access;
mod account;
mod article;
mod article_search;
mod assignment;
mod block;
mod calendar;
mod callback;
mod callback_statistics;
mod canned_response;
mod delivery;
mod department;
mod erasure;
mod event;
mod figures;
mod file;
mod hours;
mod ids;
mod inbox;
mod input;
mod markdown;
mod measures;
mod message;
mod named;
mod notification;
mod people;
mod presence;
mod rating;
mod revision;
mod search;
mod secret;
mod settings;
mod sla;
mod tenant;
mod ticket;
mod ticket_state;
mod time;
mod transcript;
mod visitor_context;
mod webhook;

pub use access::{ActingAgent, Actor, customer_hears, requester_hears, visitor_of};
pub use account::{Account, ApiKey, ApiScope, LOGIN_FAILURES_ALLOWED, LOGIN_LOCKOUT, LoginGuard, Principal};
pub use article::{
    Article, ArticleVote, LONGEST_ARTICLE, LONGEST_CATEGORY, MOST_ARTICLE_TAGS, USUAL_LANGUAGE, category_key,
    language_tag, primary_language, slug_at, slug_of,
};
pub use article_search::{
    ARTICLES_RANKED, ArticleSearch, ArticleWords, MOST_ARTICLE_WORDS, RankedArticle, TermQuery, rank_articles,
    terms_of_article,
};
pub use assignment::{Candidate, Wanted, choose, in_order, somebody_is_online, works_for};
pub use block::{Block, BlockKind, Blocklist, Caller, LONGEST_BLOCK_REASON, MOST_BLOCKS, address_range};
pub use calendar::{Calendar, Calendars};
pub use callback::{
    AttemptOutcome, CALLBACK_OVERDUE, CALLBACK_OVERDUE_IN_OFFICE, CALLBACK_REMINDER, CALLBACK_REPEAT, CallAttempt,
    Callback, CallbackStatus, InvalidCallbackTransition, MOST_ATTEMPTS, check_contact_number, e164, number_key,
};
pub use callback_statistics::{
    CallbackCounts, CallbackDay, CallbackStatistics, LastDays, MOST_EMPLOYEE_IDS, PendingCallbacks, QuarterHour,
    callback_ages,
};
pub use canned_response::{CannedResponse, LONGEST_SHORTCUT, MOST_CANNED_RESPONSES, Placeholders};
pub use delivery::{Channel, Delivery, DeliveryStatus, Notice, RetrySchedule};
pub use department::{Department, FIRST_DEPARTMENTS};
pub use erasure::{ERASED_SUBJECT, Erasure};
pub use event::{ActorRef, Audience, Event, EventBody, Visibility};
pub use figures::{
    Contribution, Counts, FigureChanges, FigurePlace, FigureScope, Figures, Kept, Lengths, Promise, Span, Spread,
    Total, length_class, percent, seconds_of_class,
};
pub use file::{
    Attachment, Dimensions, File, FileKind, FileState, Inspected, Inspection, LARGEST_FILE, LARGEST_WIDGET_FILE,
    LONGEST_FILE_NAME, LOOSE_FILES_KEPT, MOST_ATTACHMENTS, MOST_PIXELS, THUMBNAIL_SIDE, safe_file_name,
};
pub use hours::{
    ClockTime, Holiday, MOST_HOLIDAYS, MOST_OPENING_INTERVALS, NewHoliday, NewOfficeHours, NewOpeningInterval,
    NoClockTime, OfficeHours, OpeningInterval, Weekday,
};
pub use ids::{
    AgentId, ApiKeyId, ArticleId, BlockId, CallbackId, CannedResponseId, CustomerId, DeliveryId, DepartmentId, FileId,
    InboxId, MessageId, NotificationId, TenantId, TicketId, VisitorId, WebhookId,
};
pub use inbox::{Inbox, InboxKind};
pub use input::{FieldError, Input, LARGEST_METADATA, LONGEST_MESSAGE, LONGEST_NAME, LONGEST_SUBJECT};
pub use markdown::text_of_markdown;
pub use measures::Measures;
pub use message::{Message, MessageKind, Sender, SenderKind, Side};
pub use named::UnknownName;
pub(crate) use named::named;
pub use notification::{Notification, NotificationKind};
pub use people::{Agent, Availability, Contact, Customer, DEFAULT_MAX_CONCURRENT_TICKETS, Role, Visitor};
pub use presence::{
    HEARTBEAT_INTERVAL, PRESENCE_TIMEOUT, Presence, TYPING_TIMEOUT, VIEWING_TIMEOUT, counts_as_somebody,
};
pub use rating::{LONGEST_RATING_COMMENT, NotRateable, Rating};
pub use revision::{Arrival, Revised, Revision, Told};
pub use search::{
    FoundPlace, LONGEST_WORD, MOST_QUERY_WORDS, MOST_WORDS, QueryWord, Ranked, Snippet, WordQuery, rank, words_of,
    words_of_head, words_of_message,
};
pub use secret::{Secret, SecretHash};
pub use settings::{
    ACCEPT_TIMEOUTS, AssignmentSettings, Branding, FileSettings, IdentitySettings, MailTemplate, MessengerSettings,
    Pause, RETENTION_DAYS, RatingSettings, Recipients, SealedSecret, SlaSettings, SlaTargets, SmsSettings,
    SmtpSettings, TelegramSettings, TenantSettings, TlsMode,
};
pub use sla::{Alarm, Terms};
pub use tenant::{Tenant, domain_of};
pub use ticket::{
    Escalation, Priority, Requester, Source, Thread, Ticket, TicketChannel, human_number, parse_human_number,
};
pub use ticket_state::{Assignment, Closing, InvalidTransition, Office, Resolution, Status, TicketState};
pub use time::Timestamp;
pub use transcript::{Transcript, TranscriptFormat};
pub use visitor_context::{
    LONGEST_PAGE_TITLE, LONGEST_PAGE_URL, MOST_VISITED_PAGES, ToldPage, ToldVisit, VisitedPage, VisitorContext,
};
pub use webhook::{ALL_EVENTS, FormerSecret, MOST_WEBHOOKS, WEBHOOK_PATIENCE, WEBHOOK_SECRET_OVERLAP, Webhook};
