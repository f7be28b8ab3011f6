//! What a client sent, and the answer that it waits for.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use socketioxide::{
    SendError,
    adapter::LocalAdapter,
    extract::AckSender,
    handler::{FromMessage, FromMessageParts, Value as Packet},
    socket::Socket,
};
use support_core::model::Input;

use crate::{
    error::ApiError,
    extract::{Fields, from_json},
};

/// One event of a client.
pub(super) struct Incoming {
    /// What it is called.
    pub(super) event: String,
    payload: Result<Value, ApiError>,
    /// Where the answer goes.
    pub(super) reply: Reply,
}

/// Where the answer to an event goes.
pub(super) struct Reply {
    socket: Arc<Socket<LocalAdapter>>,
    acknowledgement: Option<i64>,
}

impl FromMessage<LocalAdapter> for Incoming {
    type Error = Infallible;

    fn from_message(
        socket: Arc<Socket<LocalAdapter>>,
        packet: Packet,
        acknowledgement: Option<i64>,
    ) -> Result<Self, Infallible> {
        let (event, payload) = read(&packet);
        let reply = Reply {
            socket,
            acknowledgement,
        };
        Ok(Self { event, payload, reply })
    }
}

/// The name and the one argument of an event; further arguments mean nothing here.
fn read(packet: &Packet) -> (String, Result<Value, ApiError>) {
    let (Packet::Str(text, attachments), false) = (packet, matches!(packet, Packet::Bytes(_))) else {
        return (String::new(), Err(no_object()));
    };
    let Ok(arguments) = serde_json::from_str::<Vec<Value>>(text.as_str()) else {
        return (String::new(), Err(ApiError::malformed_json()));
    };
    let mut arguments = arguments.into_iter();
    let event = match arguments.next() {
        Some(Value::String(event)) => event,
        _ => String::new(),
    };
    let payload = match arguments.next() {
        _ if attachments.as_ref().is_some_and(|attachments| !attachments.is_empty()) => Err(no_object()),
        None | Some(Value::Null) => Ok(Value::Object(serde_json::Map::new())),
        Some(payload @ Value::Object(_)) => Ok(payload),
        Some(_) => Err(no_object()),
    };
    (event, payload)
}

fn no_object() -> ApiError {
    ApiError::field("body", "Must be a JSON object")
}

impl Incoming {
    /// The payload without its fields of a wrong type, and what was found wrong with them.
    ///
    /// # Errors
    /// [`ApiError`] for what is no object.
    pub(super) fn fields<T: DeserializeOwned>(&mut self) -> Result<(T, Input), ApiError> {
        let payload = std::mem::replace(&mut self.payload, Err(no_object()))?;
        fields_of(&payload)
    }
}

/// An object without its fields of a wrong type, and what was found wrong with them.
///
/// # Errors
/// [`ApiError`] for what is no object.
pub(super) fn fields_of<T: DeserializeOwned>(payload: &Value) -> Result<(T, Input), ApiError> {
    let Fields { body, found } = from_json(payload.to_string().as_bytes())?;
    Ok((body, found))
}

/// A value that has to be there.
pub(super) fn required<T: Default>(found: &mut Input, field: &str, value: Option<T>) -> T {
    value.unwrap_or_else(|| {
        found.refuse(field, "This field is required");
        T::default()
    })
}

impl Reply {
    /// Whether the client waits for an answer.
    pub(super) const fn is_wanted(&self) -> bool {
        self.acknowledgement.is_some()
    }

    /// Answers, if there is room.
    pub(super) fn try_send(&self, answer: &Value) -> Result<(), SendError> {
        let mut nothing = Packet::Bytes(Bytes::new());
        match AckSender::from_message_parts(&self.socket, &mut nothing, &self.acknowledgement) {
            Ok(sender) => sender.send(answer),
            Err(never) => match never {},
        }
    }
}

/// A number that some clients write as a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequence(pub(super) u64);

impl<'de> Deserialize<'de> for Sequence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let refused = || serde::de::Error::custom("must be a whole number, 0 or more");
        number.map(Self).ok_or_else(refused)
    }
}
