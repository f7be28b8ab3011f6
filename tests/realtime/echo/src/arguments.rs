//! What an event carries, however much that is.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use serde::{Serialize, Serializer, ser::SerializeTuple};
use serde_json::Value;
use socketioxide::{
    adapter::LocalAdapter,
    handler::{FromMessageParts, Value as Packet},
    socket::Socket,
};

/// All arguments of an event. The library takes a list for one argument, and a tuple for all.
#[derive(Debug)]
pub(crate) struct Arguments(Vec<Argument>);

#[derive(Debug)]
enum Argument {
    Json(Value),
    Binary(Bytes),
}

impl FromMessageParts<LocalAdapter> for Arguments {
    type Error = Infallible;

    fn from_message_parts(
        _: &Arc<Socket<LocalAdapter>>,
        packet: &mut Packet,
        _: &Option<i64>,
    ) -> Result<Self, Infallible> {
        let Packet::Str(text, attachments) = packet else {
            return Ok(Self(Vec::new()));
        };
        let attachments = attachments.take().unwrap_or_default();
        let all: Vec<Value> = serde_json::from_str(text.as_str()).unwrap_or_default();
        // The first one is the event's name.
        let arguments = all.into_iter().skip(1).map(|value| {
            let place = value.get("_placeholder").and_then(|_| value.get("num"));
            let attachment = place.and_then(Value::as_u64).and_then(|place| {
                let place = usize::try_from(place).ok()?;
                attachments.get(place).cloned()
            });
            attachment.map_or(Argument::Json(value), Argument::Binary)
        });
        Ok(Self(arguments.collect()))
    }
}

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        for argument in &self.0 {
            tuple.serialize_element(argument)?;
        }
        tuple.end()
    }
}

impl Serialize for Argument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Json(value) => value.serialize(serializer),
            Self::Binary(bytes) => serializer.serialize_bytes(bytes),
        }
    }
}
