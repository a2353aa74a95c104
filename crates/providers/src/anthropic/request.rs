//! The body of a call to Anthropic Messages.

use iago_sweep::Reasoning;
use serde_json::{Map, Value, json};

use crate::Flavour;
use crate::encode::Call;
use crate::fields::{Block, Content, Fields, Message, Piece, turns};

/// The body of a call. A prefill is a last message of the assistant; models from the 4.6
/// generation on answer 400 to it.
pub(crate) fn write<'a>(call: &Call<'a>) -> Fields<'a> {
    let parameters = call.parameters;
    let mut fields = Fields::new(call.model_id);
    fields.value("max_tokens", parameters.max_output_tokens);
    fields.some("temperature", parameters.temperature);
    fields.some("top_p", parameters.top_p);
    if !parameters.stop.is_empty() {
        fields.value("stop_sequences", parameters.stop.clone());
    }
    fields
        .some("thinking", parameters.reasoning.map(|asked| thinking(call.dialect.flavour, asked)));
    fields.some("output_config", output_config(call));
    if let Some(system) = system(call) {
        fields.piece("system", system);
    }
    fields.piece("messages", Piece::Messages(messages(call)));
    fields.some("stream", call.streams.then_some(true));
    fields
}

/// Newer models keep their reasoning to themselves unless a summary is asked for. DeepSeek only
/// switches it.
fn thinking(flavour: Flavour, reasoning: Reasoning) -> Value {
    match reasoning {
        Reasoning::Off => json!({"type": "disabled"}),
        Reasoning::Effort(_) if flavour == Flavour::Deepseek => json!({"type": "enabled"}),
        Reasoning::Effort(_) => json!({"type": "adaptive", "display": "summarized"}),
        Reasoning::Budget(tokens) => {
            json!({"type": "enabled", "budget_tokens": tokens, "display": "summarized"})
        }
    }
}

fn output_config(call: &Call<'_>) -> Option<Value> {
    let effort = match call.parameters.reasoning {
        Some(Reasoning::Effort(effort)) => Some(("effort", effort.word().into())),
        Some(Reasoning::Off | Reasoning::Budget(_)) | None => None,
    };
    let format = call.schema().map(|schema| json!({"type": "json_schema", "schema": schema}));
    let config: Map<String, Value> = effort
        .into_iter()
        .chain(format.map(|format| ("format", format)))
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    (!config.is_empty()).then_some(Value::Object(config))
}

/// Only a block can carry a cache mark.
fn system<'a>(call: &Call<'a>) -> Option<Piece<'a>> {
    let text = call.system()?;
    let cached = call.parameters.cache_prefix;
    Some(if cached { Piece::Blocks([Block::cached(text)]) } else { Piece::Text(text) })
}

/// Without a system message the first message is what many calls begin with.
fn messages<'a>(call: &Call<'a>) -> Vec<Message<'a>> {
    let mut messages: Vec<_> = turns(call.conversation).collect();
    if call.parameters.cache_prefix && call.system().is_none() {
        mark_first(&mut messages);
    }
    messages.extend(call.prefill().map(|text| Message::new("assistant", text)));
    messages
}

/// Empty blocks cannot be marked.
fn mark_first(messages: &mut [Message<'_>]) {
    if let Some(Message { role: "user", content, .. }) = messages.first_mut()
        && let Content::Text(text) = content
        && !text.is_empty()
    {
        *content = Content::Blocks([Block::cached(text)]);
    }
}
