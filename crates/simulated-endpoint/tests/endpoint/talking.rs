//! Conversations of any length, and what is shipped to be asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use iago_simulated_endpoint::{Call, Core, Decision, Protocol, Settings};
use serde_json::{Value, json};

use crate::asking::Said;

/// A conversation with a model.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) model: String,
    pub(crate) key: String,
    pub(crate) system: String,
    /// What user and assistant said in turn; the user begins.
    pub(crate) said: Vec<String>,
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) text: String,
    /// The id that the model says it has.
    pub(crate) echo: String,
    pub(crate) output_tokens: u64,
}

/// An endpoint that ranks over these texts. Its seed is the one of `iago run` and of the shipped
/// configuration.
pub(crate) fn core_over(prompts: Vec<String>) -> Core {
    Core::new(&Settings { prompts, ..Settings::default() }, Duration::from_secs(1_795_000_000))
}

impl Talk {
    pub(crate) fn new(model: &str, key: &str, system: &str, user: &str) -> Self {
        Self {
            model: model.to_owned(),
            key: key.to_owned(),
            system: system.to_owned(),
            said: vec![user.to_owned()],
        }
    }

    /// The same conversation, gone on with its answer and another message of the user.
    pub(crate) fn go_on(&self, key: &str, answer: &Answered, user: &str) -> Self {
        let mut next = Self { key: key.to_owned(), ..self.clone() };
        next.said.extend([answer.text.clone(), user.to_owned()]);
        next
    }

    pub(crate) fn ask(&self, core: &Core) -> Answered {
        let decision = self.decide(core);
        assert_eq!(decision.status, 200, "{}", String::from_utf8_lossy(&decision.body));
        Answered::read(&decision.body)
    }

    pub(crate) fn decide(&self, core: &Core) -> Decision {
        let roles = ["user", "assistant"].into_iter().cycle();
        let messages: Vec<_> = roles
            .zip(&self.said)
            .map(|(role, text)| json!({ "role": role, "content": text }))
            .collect();
        let system = &self.system;
        let body = json!({
            "model": self.model, "max_tokens": 512, "system": system, "messages": messages,
        });
        let body = body.to_string().into_bytes();
        let call = Call {
            protocol: Protocol::Anthropic,
            key: Some(&self.key),
            credential: None,
            version: Some("2023-06-01"),
            body: &body,
            in_flight: 1,
        };
        core.decide(Duration::from_millis(1), &call)
    }
}

impl Answered {
    fn read(body: &[u8]) -> Self {
        let text = Said::read(Protocol::Anthropic, body).text;
        let body: Value = serde_json::from_slice(body).expect("an answer is JSON");
        let echo = body["model"].as_str().expect("it names a model").to_owned();
        let output_tokens = body["usage"]["output_tokens"].as_u64().expect("it counts tokens");
        Self { text, echo, output_tokens }
    }

    /// What stands in the last tag of this name; empty without one.
    pub(crate) fn tag(&self, name: &str) -> &str {
        let end = format!("</{name}>");
        let (before, _) = self.text.rsplit_once(&end).unwrap_or_default();
        before.rsplit_once(&format!("<{name}>")).map_or("", |(_, inside)| inside.trim())
    }
}

/// A file below `config`.
pub(crate) fn shipped(path: &str) -> String {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    fs::read_to_string(config.join(path)).expect("it is in the repository")
}

/// The rows of a file of JSON lines.
pub(crate) fn shipped_rows(path: &str) -> Vec<BTreeMap<String, Value>> {
    let read = |line| serde_json::from_str(line).expect("each line is an object");
    shipped(path).lines().map(read).collect()
}

/// The text under that name.
pub(crate) fn column<'a>(row: &'a BTreeMap<String, Value>, name: &str) -> &'a str {
    row[name].as_str().expect("a text")
}
