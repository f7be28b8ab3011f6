//! How a use case can fail.

use std::time::Duration;

use crate::{
    change::Conflict,
    model::{CallbackStatus, FieldError, Input, InvalidCallbackTransition, InvalidTransition, NotRateable},
    ports::{FileStoreError, StoreError},
};

/// A rule that says no. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// The step doesn't exist from where the ticket stands.
    #[error("{0}")]
    InvalidTransition(#[from] InvalidTransition),
    /// The conversation is over.
    #[error("this conversation is closed")]
    TicketClosed,
    /// Somebody else has the ticket.
    #[error("another agent has this ticket")]
    AlreadyAssigned,
    /// There is nothing to rate, or it was rated.
    #[error("{0}")]
    NotRateable(#[from] NotRateable),
    /// The step doesn't exist from where the callback stands.
    #[error("{0}")]
    InvalidCallbackTransition(#[from] InvalidCallbackTransition),
    /// Nothing is left to do about the callback.
    #[error("this callback is {0}")]
    CallbackFinished(CallbackStatus),
    /// The file is larger than may be sent in.
    #[error("the file is larger than {most} bytes")]
    FileTooLarge {
        /// How large it may be, in bytes.
        most: u64,
    },
    /// The file is of no kind that may be sent in, or not of the kind that its name speaks of.
    #[error("files of this kind are not accepted")]
    FileKind,
    /// Something harmful was found in the file.
    #[error("this file was found to be harmful")]
    HarmfulFile,
    /// Nothing keeps files here.
    #[error("no files can be sent in here")]
    NoFiles,
    /// The delivery was sent, or is on its way.
    #[error("this delivery has neither failed nor been given up")]
    NothingToRetry,
}

/// How a use case can fail.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The input has bad fields: all of them.
    #[error("invalid input: {}", names(.0))]
    Invalid(Vec<FieldError>),
    /// It isn't there, or is none of the actor's business.
    #[error("not found")]
    NotFound,
    /// The actor's role doesn't allow it.
    #[error("not allowed")]
    Forbidden,
    /// Who they say they are is not proven.
    #[error("not authenticated")]
    Unauthenticated,
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Rule),
    /// It clashes with what is there; the text says with what.
    #[error("{0}")]
    Conflict(String),
    /// Too much of it.
    #[error("too many attempts")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// Not now.
    #[error("unavailable")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// A fault of ours, or of what we stand on.
    #[error("internal error: {0}")]
    Internal(String),
}

fn names(fields: &[FieldError]) -> String {
    fields
        .iter()
        .map(|error| error.field.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

impl DeskError {
    /// One bad field.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }])
    }
}

impl Input {
    /// Takes over the bad fields of a check that was made elsewhere.
    ///
    /// # Errors
    /// The same error, if it is about something else than fields.
    pub fn join(&mut self, error: DeskError) -> Result<(), DeskError> {
        let DeskError::Invalid(fields) = error else {
            return Err(error);
        };
        for field in fields {
            self.refuse(&field.field, field.message);
        }
        Ok(())
    }
}

impl From<InvalidTransition> for DeskError {
    fn from(refused: InvalidTransition) -> Self {
        Self::Refused(Rule::InvalidTransition(refused))
    }
}

impl From<InvalidCallbackTransition> for DeskError {
    fn from(refused: InvalidCallbackTransition) -> Self {
        Self::Refused(Rule::InvalidCallbackTransition(refused))
    }
}

impl From<Vec<FieldError>> for DeskError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

/// How long callers are asked to wait while the store is away.
const STORE_RETRY_AFTER: Duration = Duration::from_secs(2);

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => {
                tracing::warn!(reason, "the store is unavailable");
                Self::Unavailable {
                    retry_after: STORE_RETRY_AFTER,
                }
            }
            StoreError::Inconsistent { .. } | StoreError::Failed(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<FileStoreError> for DeskError {
    fn from(error: FileStoreError) -> Self {
        match error {
            FileStoreError::NotFound => Self::NotFound,
            FileStoreError::Unavailable(reason) => {
                tracing::warn!(reason, "the file store is unavailable");
                Self::Unavailable {
                    retry_after: STORE_RETRY_AFTER,
                }
            }
            FileStoreError::Failed(reason) => Self::Internal(reason),
        }
    }
}

impl From<Conflict> for DeskError {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(match conflict {
            Conflict::Changed(_)
            | Conflict::Concurrent
            | Conflict::AlarmElsewhere(_)
            | Conflict::WebhookElsewhere(_) => "somebody changed this at the same moment; try again".to_owned(),
            Conflict::Taken(_) => "this is taken already".to_owned(),
            Conflict::NoRoom(_) => "the agent takes no more tickets now".to_owned(),
            Conflict::NotThere(_) => "the agent is not there".to_owned(),
            Conflict::LastAdmin(_) => "the last admin has to stay".to_owned(),
            Conflict::DepartmentInUse(_) => "the department still has open tickets".to_owned(),
        })
    }
}
