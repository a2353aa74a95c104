//! The body of a call to OpenAI-compatible chat.

use iago_sweep::Reasoning;
use serde_json::{Value, json};

use crate::encode::Call;
use crate::fields::{Fields, Message, Piece, turns};
use crate::quirks::{Logprobs, Prefill, Quirks, ReasoningStyle, quirks};
use crate::rules::family;

/// The body of a call, as the server's flavour wants it.
pub(crate) fn write<'a>(call: &Call<'a>) -> Fields<'a> {
    let parameters = call.parameters;
    let quirks = quirks(call.dialect.flavour);
    let mut fields = Fields::new(call.model_id);
    fields.value(limit_field(call), parameters.max_output_tokens);
    fields.some("temperature", parameters.temperature);
    fields.some("top_p", parameters.top_p);
    if !parameters.stop.is_empty() {
        fields.value("stop", parameters.stop.clone());
    }
    fields.some(quirks.seed, parameters.seed);
    if let Some(alternatives) = parameters.logprobs {
        add_logprobs(&mut fields, quirks.logprobs, alternatives);
    }
    if let Some(reasoning) = parameters.reasoning {
        add_reasoning(&mut fields, quirks.reasoning, reasoning);
    }
    fields.some("response_format", call.schema().as_ref().map(response_format));
    fields.piece("messages", Piece::Messages(messages(call, &quirks)));
    if quirks.prefill == Prefill::Continue && call.prefill().is_some() {
        fields.value("continue_final_message", true);
        fields.value("add_generation_prompt", false);
    }
    fields.some("prompt_cache_key", call.cache_key());
    if call.streams {
        add_stream(&mut fields, &quirks);
    }
    fields
}

/// OpenAI's reasoning models refuse the older name wherever they are served.
fn limit_field(call: &Call<'_>) -> &'static str {
    let of_model = family(call.dialect, call.model_id).and_then(|family| family.limit_field);
    of_model.unwrap_or(call.dialect.output_limit_field).word()
}

fn add_logprobs(fields: &mut Fields<'_>, logprobs: Logprobs, alternatives: u32) {
    match logprobs {
        Logprobs::Number => fields.value("logprobs", alternatives.max(1)),
        Logprobs::Switch => {
            fields.value("logprobs", true);
            fields.some("top_logprobs", (alternatives > 0).then_some(alternatives));
        }
    }
}

fn add_reasoning(fields: &mut Fields<'_>, style: ReasoningStyle, reasoning: Reasoning) {
    match (style, reasoning) {
        (ReasoningStyle::Object, _) => fields.value("reasoning", reasoning_object(reasoning)),
        (ReasoningStyle::Thinking, Reasoning::Off) => {
            fields.value("thinking", json!({"type": "disabled"}));
        }
        (ReasoningStyle::Template { .. }, Reasoning::Off) => {
            fields.value("chat_template_kwargs", json!({"enable_thinking": false}));
        }
        (_, Reasoning::Off) => fields.value("reasoning_effort", "none"),
        (style, Reasoning::Effort(effort)) => {
            if style == ReasoningStyle::Thinking {
                fields.value("thinking", json!({"type": "enabled"}));
            }
            fields.value("reasoning_effort", effort.word());
        }
        (ReasoningStyle::Template { budget: Some(field) }, Reasoning::Budget(tokens)) => {
            fields.value(field, tokens);
        }
        (ReasoningStyle::EffortOrThinking, Reasoning::Budget(tokens)) => {
            fields.value("thinking", json!({"type": "enabled", "budget_tokens": tokens}));
        }
        // There is no way to say it; that is an objection.
        (
            ReasoningStyle::Effort
            | ReasoningStyle::Thinking
            | ReasoningStyle::Template { budget: None },
            Reasoning::Budget(_),
        ) => {}
    }
}

fn reasoning_object(reasoning: Reasoning) -> Value {
    match reasoning {
        Reasoning::Off => json!({"enabled": false}),
        Reasoning::Effort(effort) => json!({"effort": effort.word()}),
        Reasoning::Budget(tokens) => json!({"max_tokens": tokens}),
    }
}

fn response_format(schema: &Value) -> Value {
    let named = json!({"name": "answer", "schema": schema, "strict": true});
    json!({"type": "json_schema", "json_schema": named})
}

/// A prefill is a last message of the assistant: llama.cpp continues it, OpenAI's own models only
/// read it.
fn messages<'a>(call: &Call<'a>, quirks: &Quirks) -> Vec<Message<'a>> {
    let developer = family(call.dialect, call.model_id).is_some_and(|family| family.developer);
    let instructs = if developer { "developer" } else { "system" };
    let prefill = call.prefill().map(|text| Message {
        prefix: quirks.prefill == Prefill::Prefix,
        ..Message::new("assistant", text)
    });
    let system = call.system().map(|text| Message::new(instructs, text));
    system.into_iter().chain(turns(call.conversation)).chain(prefill).collect()
}

fn add_stream(fields: &mut Fields<'_>, quirks: &Quirks) {
    fields.value("stream", true);
    if quirks.stream_options {
        fields.value("stream_options", json!({"include_usage": true}));
    }
}
