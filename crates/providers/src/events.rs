//! A whole body of server-sent events.
//!
//! Servers end lines as they like, leave out `event:` and the last blank line, send comments to keep
//! the connection alive, and forget `[DONE]`; all of it is read.

use serde_json::Value;

use crate::body;

/// What a stream held.
#[derive(Default)]
pub(crate) struct Events {
    /// Its events, in order.
    pub list: Vec<Event>,
    /// One of them held a lone surrogate.
    pub altered: bool,
    /// One of them could not be read. (A last one that was cut off is none at all.)
    pub broken: bool,
}

/// One event whose data is JSON.
pub(crate) struct Event {
    /// Its `event:`.
    name: Option<String>,
    /// Its `data:`.
    pub data: Value,
}

impl Event {
    /// What happened, by the data's own word or else by the event's.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.data.get("type").and_then(Value::as_str).or(self.name.as_deref())
    }
}

/// Field names of the format; a colon alone begins a comment.
const FIELDS: [&str; 5] = ["data:", "event:", "id:", "retry:", ":"];

/// The events in a body; `None` where it is no stream of events.
pub(crate) fn read(body: &[u8]) -> Option<Events> {
    let mut lines = lines(body).peekable();
    while lines.next_if(|line| line.trim_ascii().is_empty()).is_some() {}
    let first = lines.peek()?;
    FIELDS.iter().any(|field| first.starts_with(field.as_bytes())).then_some(())?;

    let mut events = Events::default();
    let mut pending = Pending::default();
    for line in lines {
        if line.is_empty() {
            events.add(std::mem::take(&mut pending), true);
        } else {
            pending.read(line);
        }
    }
    events.add(pending, false);
    Some(events)
}

/// Lines end with `\n`, `\r\n` or `\r`; JSON never holds either of the two as they are.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let mut before = b'\n';
    body.split(move |byte| {
        let ends = *byte == b'\n' || *byte == b'\r';
        let second_half = *byte == b'\n' && before == b'\r';
        before = *byte;
        ends && !second_half
    })
    .map(|line| line.strip_prefix(b"\n").unwrap_or(line))
}

/// An event that is not over.
#[derive(Default)]
struct Pending {
    name: Option<String>,
    data: Option<Vec<u8>>,
}

impl Pending {
    fn read(&mut self, line: &[u8]) {
        if let Some(value) = field(line, b"data") {
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        } else if let Some(value) = field(line, b"event") {
            self.name = Some(String::from_utf8_lossy(value).into_owned());
        }
    }
}

/// The value of a line of this field; one blank after the colon belongs to the format.
pub(crate) fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = line.strip_prefix(name)?.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// What OpenAI's chat ends with; others leave it out.
pub(crate) const DONE: &[u8] = b"[DONE]";

impl Events {
    fn add(&mut self, pending: Pending, whole: bool) {
        let Some(data) = pending.data else { return };
        let data = data.trim_ascii();
        if data.is_empty() || data == DONE {
            return;
        }
        match body::read(data) {
            Ok(json) => {
                self.altered |= json.altered;
                self.list.push(Event { name: pending.name, data: json.value });
            }
            Err(_) => self.broken |= whole,
        }
    }
}
