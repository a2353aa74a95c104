//! The body of a call to OpenAI Responses.

use iago_sweep::{Parameters, Reasoning};
use serde_json::{Value, json};

use crate::encode::Call;
use crate::fields::{Fields, Message, Piece, turns};

/// The body of a call. Nothing is stored at the vendor: prompts are the sweep's, and answers are
/// kept here.
pub(crate) fn write<'a>(call: &Call<'a>) -> Fields<'a> {
    let parameters = call.parameters;
    let mut fields = Fields::new(call.model_id);
    fields.value("max_output_tokens", parameters.max_output_tokens);
    fields.some("temperature", parameters.temperature);
    fields.some("top_p", parameters.top_p);
    add_logprobs(&mut fields, parameters);
    fields.some("reasoning", parameters.reasoning.and_then(reasoning));
    fields.some("text", call.schema().as_ref().map(text_format));
    if let Some(system) = call.system() {
        fields.piece("instructions", Piece::Text(system));
    }
    let prefill = call.prefill().map(|text| Message::new("assistant", text));
    let input = turns(call.conversation).chain(prefill);
    let input = input.map(|message| Message { r#type: Some("message"), ..message });
    fields.piece("input", Piece::Messages(input.collect()));
    fields.value("store", false);
    fields.some("prompt_cache_key", call.cache_key());
    fields.some("stream", call.streams.then_some(true));
    fields
}

fn add_logprobs(fields: &mut Fields<'_>, parameters: &Parameters) {
    if let Some(alternatives) = parameters.logprobs {
        fields.some("top_logprobs", (alternatives > 0).then_some(alternatives));
        fields.value("include", json!(["message.output_text.logprobs"]));
    }
}

/// Reasoning itself is never told, a summary is. There is no way to name a budget; that is an
/// objection.
fn reasoning(reasoning: Reasoning) -> Option<Value> {
    match reasoning {
        Reasoning::Off => Some(json!({"effort": "none"})),
        Reasoning::Effort(effort) => Some(json!({"effort": effort.word(), "summary": "auto"})),
        Reasoning::Budget(_) => None,
    }
}

fn text_format(schema: &Value) -> Value {
    json!({"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": true}})
}
