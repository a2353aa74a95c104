//! The body of a call, field by field in a fixed order: the same call has the same bytes.

use std::collections::BTreeMap;

use iago_sweep::{Conversation, Role};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::verbatim::Verbatim;

/// Fields in the order in which they are sent.
pub(crate) struct Fields<'a> {
    fields: Vec<(&'a str, Piece<'a>)>,
    /// What stands in for it in the fields.
    schema: Option<Box<RawValue>>,
}

/// The value of one field. Texts are borrowed: a system message may be long.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Blocks([Block<'a>; 1]),
    Messages(Vec<Message<'a>>),
    Value(Value),
}

/// One message of a conversation.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    /// Responses takes items of many kinds; llama.cpp asks for the kind of those of the assistant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<&'static str>,
    pub role: &'static str,
    pub content: Content<'a>,
    /// Mistral's and DeepSeek's mark of an answer that is to be continued.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub prefix: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Content<'a> {
    Text(&'a str),
    Blocks([Block<'a>; 1]),
}

/// A text that the vendor is asked to keep in its cache, with everything before it.
#[derive(Serialize)]
pub(crate) struct Block<'a> {
    r#type: &'static str,
    text: &'a str,
    cache_control: CacheControl,
}

#[derive(Serialize)]
struct CacheControl {
    r#type: &'static str,
}

impl<'a> Block<'a> {
    pub(crate) fn cached(text: &'a str) -> Self {
        Self { r#type: "text", text, cache_control: CacheControl { r#type: "ephemeral" } }
    }
}

impl<'a> Message<'a> {
    pub(crate) fn new(role: &'static str, text: &'a str) -> Self {
        Self { r#type: None, role, content: Content::Text(text), prefix: false }
    }
}

/// Fields that only the job itself decides: what is asked, of whom, and how the answer is read.
pub(crate) const DECIDED_BY_THE_JOB: [&str; 7] =
    ["model", "messages", "input", "system", "instructions", "stream", "n"];

impl<'a> Fields<'a> {
    pub(crate) fn new(model: &'a str) -> Self {
        Self { fields: vec![("model", Piece::Text(model))], schema: None }
    }

    pub(crate) fn piece(&mut self, name: &'a str, piece: Piece<'a>) {
        self.fields.push((name, piece));
    }

    pub(crate) fn value(&mut self, name: &'a str, value: impl Into<Value>) {
        self.piece(name, Piece::Value(value.into()));
    }

    /// The schema that `stand_in` stands for.
    pub(crate) fn schema(&mut self, schema: Option<&str>) {
        self.schema = schema.and_then(|schema| RawValue::from_string(schema.to_owned()).ok());
    }

    /// The field, if there is something to say.
    pub(crate) fn some(&mut self, name: &'a str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    /// Adds what the user wants to have sent as it is. Objects are joined, everything else is
    /// replaced; what the job decides stays.
    pub(crate) fn merge(&mut self, extra: &'a BTreeMap<String, Value>) {
        for (name, value) in extra {
            if DECIDED_BY_THE_JOB.contains(&name.as_str()) {
                continue;
            }
            match self.fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, Piece::Value(known))) => join(known, value),
                Some((_, piece)) => *piece = Piece::Value(value.clone()),
                None => self.value(name, value.clone()),
            }
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers always have a JSON form")
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let schema = self.schema.as_deref();
        serializer
            .collect_map(self.fields.iter().map(|(name, piece)| (name, Sent { piece, schema })))
    }
}

/// A piece as it is sent.
struct Sent<'a> {
    piece: &'a Piece<'a>,
    schema: Option<&'a RawValue>,
}

impl Serialize for Sent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { piece, schema } = *self;
        match piece {
            Piece::Value(value) => Verbatim { value, schema }.serialize(serializer),
            Piece::Text(_) | Piece::Blocks(_) | Piece::Messages(_) => piece.serialize(serializer),
        }
    }
}

/// What was said so far.
pub(crate) fn turns(conversation: &Conversation) -> impl Iterator<Item = Message<'_>> {
    conversation.turns.iter().map(|turn| {
        let role = match turn.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        Message::new(role, &turn.text)
    })
}

fn join(known: &mut Value, added: &Value) {
    match (known, added) {
        (Value::Object(known), Value::Object(added)) => {
            for (name, value) in added {
                join(known.entry(name).or_insert(Value::Null), value);
            }
        }
        (known, added) => known.clone_from(added),
    }
}
