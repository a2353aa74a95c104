//! What one model is known to refuse, by the table.

use iago_sweep::{Parameters, Reasoning};

use super::{Objection, object};
use crate::rules::{Family, Sampling};
use crate::{Dialect, Protocol, Streaming};

/// The answer may be longer than the model's can be.
pub(super) fn too_long(model_id: &str, most: u32, parameters: &Parameters) -> Option<Objection> {
    (parameters.max_output_tokens > most).then(|| {
        let why = format!("{model_id} gives at most {most} tokens; write {most} or less");
        object("max_output_tokens", why)
    })
}

pub(super) fn objections(
    dialect: &Dialect,
    model_id: &str,
    family: &Family,
    parameters: &Parameters,
    has_prefill: bool,
) -> Vec<Objection> {
    let mut found = sampling(model_id, family, parameters);
    if !family.stop && !parameters.stop.is_empty() {
        found.push(object("stop", format!("{model_id} refuses stop texts; leave them out")));
    }
    if !family.blank_stop && parameters.stop.iter().any(|text| text.trim().is_empty()) {
        let why = format!(
            "{model_id} refuses a stop text of white space alone; add a letter, or leave it out"
        );
        found.push(object("stop", why));
    }
    if !family.prefill && has_prefill {
        found.push(object("prefill", format!("{model_id} does not go on with one; leave it out")));
    }
    let reasoning = parameters.reasoning;
    found.extend(reasoning.and_then(|asked| refused(dialect, model_id, family, asked)));
    let long = family.streams_above.is_some_and(|most| parameters.max_output_tokens > most);
    if long && dialect.streaming == Streaming::Never {
        let why = format!(
            "{model_id} gives so long an answer only as a stream: set `streaming` of the endpoint to \
             `auto`, or ask for {} tokens at most",
            family.streams_above.unwrap_or_default()
        );
        found.push(object("streaming", why));
    }
    found
}

fn sampling(model_id: &str, family: &Family, parameters: &Parameters) -> Vec<Objection> {
    let (refuses, why) = match family.sampling {
        Sampling::Free => return Vec::new(),
        Sampling::OneWhileReasoning => return beside_reasoning(model_id, family, parameters),
        Sampling::Fixed => (true, "it reasons, and takes a temperature of 1 and no other"),
        Sampling::WithoutReasoning => {
            (!family.does_not_reason(parameters), "it takes it only with reasoning switched off")
        }
        Sampling::Refused => (true, "its generation takes no sampling parameters"),
    };
    let usual = family.sampling == Sampling::Fixed && parameters.temperature == Some(1.0);
    let set = [
        ("temperature", parameters.temperature.is_some() && !usual),
        ("top_p", parameters.top_p.is_some()),
        ("logprobs", parameters.logprobs.is_some()),
    ];
    set.into_iter()
        .filter(|(_, set)| *set && refuses)
        .map(|(parameter, _)| {
            object(parameter, format!("{model_id} refuses it: {why}; leave it out"))
        })
        .collect()
}

/// Least `top_p` that Anthropic takes beside thinking.
const TOP_P_BESIDE_REASONING_MIN: f64 = 0.95;

fn beside_reasoning(model_id: &str, family: &Family, parameters: &Parameters) -> Vec<Objection> {
    let mut found = Vec::new();
    if family.either_sampling && parameters.temperature.is_some() && parameters.top_p.is_some() {
        let why = format!("{model_id} takes a temperature or a top_p, and not both; leave one out");
        found.push(object("top_p", why));
    }
    if family.does_not_reason(parameters) {
        return found;
    }
    if parameters.temperature.is_some_and(|temperature| temperature != 1.0) {
        let why = format!(
            "{model_id} takes a temperature of 1 and no other while it reasons; leave one of them out"
        );
        found.push(object("temperature", why));
    }
    if parameters.top_p.is_some_and(|top_p| top_p < TOP_P_BESIDE_REASONING_MIN) {
        let why = format!(
            "{model_id} takes {TOP_P_BESIDE_REASONING_MIN} to 1 while it reasons; leave one of them out"
        );
        found.push(object("top_p", why));
    }
    found
}

fn refused(
    dialect: &Dialect,
    model_id: &str,
    family: &Family,
    asked: Reasoning,
) -> Option<Objection> {
    let known = family.efforts(dialect.protocol);
    let word = match asked {
        Reasoning::Off => "none",
        Reasoning::Effort(effort) => effort.word(),
        Reasoning::Budget(_) => return refused_budget(dialect, model_id, family),
    };
    (!known.contains(&word)).then(|| object("reasoning", way_out(model_id, family, word, &known)))
}

/// A protocol without budgets objects by itself.
fn refused_budget(dialect: &Dialect, model_id: &str, family: &Family) -> Option<Objection> {
    let refused = dialect.protocol == Protocol::AnthropicMessages && !family.budget;
    refused.then(|| {
        object("reasoning", format!("{model_id} takes no budget of tokens; name an effort"))
    })
}

fn way_out(model_id: &str, family: &Family, word: &str, known: &[&str]) -> String {
    let efforts: Vec<&str> = known.iter().copied().filter(|known| *known != "none").collect();
    match (word, efforts.is_empty()) {
        ("none", false) => format!("{model_id} always reasons; the least is `{}`", efforts[0]),
        (_, true) if family.budget => {
            format!("{model_id} has no efforts; give a budget of tokens, or switch it off")
        }
        (_, true) => format!("{model_id} does not reason; leave it out"),
        (_, false) => format!("{model_id} has no effort `{word}`; it has {}", efforts.join(", ")),
    }
}
