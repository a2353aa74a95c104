//! What one model is known to refuse, by the table.

use iago_sweep::{Parameters, Reasoning};

use super::{Objection, object};
use crate::rules::{Family, Sampling};
use crate::{Dialect, Protocol, Streaming};

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
    if !family.prefill && has_prefill {
        found.push(object("prefill", format!("{model_id} does not go on with one; leave it out")));
    }
    let reasoning = parameters.reasoning;
    found.extend(reasoning.and_then(|asked| refused(dialect, model_id, family, asked)));
    let long = family.streams_above.is_some_and(|most| parameters.max_output_tokens > most);
    if long && dialect.streaming == Streaming::Never {
        let why = format!("{model_id} gives so long an answer only as a stream; set it to `auto`");
        found.push(object("streaming", why));
    }
    found
}

fn sampling(model_id: &str, family: &Family, parameters: &Parameters) -> Vec<Objection> {
    let (refuses, why) = match family.sampling {
        Sampling::Free => return Vec::new(),
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
        .map(|(parameter, _)| object(parameter, format!("{model_id} refuses it: {why}")))
        .collect()
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
