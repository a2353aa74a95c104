//! How a model is asked, as `[models.*]`, `[judges.*]`, `[defaults]` and `[[cells]]` say it.

use std::collections::BTreeMap;

use iago_expression::suggest;
use iago_sweep::{Effort, Parameters, Reasoning};
use serde_json::Value;

use super::extra::read_extra;
use super::schema::read_schema;
use crate::reader::{Form, Table};
use crate::tree::Node;
use crate::vendor_fields::find_contradiction;

/// Vendors differ in the upper end (1 or 2); none goes beyond this.
const TEMPERATURE_MAX: f64 = 2.0;

/// With what each repeat and vote adds, a seed is still below 2^31, the smallest bound of any server.
const SEED_MAX: i128 = 1_000_000_000;

/// The most that any vendor takes.
const STOPS_MAX: usize = 16;

/// The most alternatives per token that any vendor tells.
const ALTERNATIVES_MAX: i128 = 20;

/// What switches reasoning off.
const OFF: &str = "off";

/// What a table says of how a model is asked; what it does not say, another one may.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    pub(super) max_output_tokens: Option<u32>,
    temperature: Option<f64>,
    cache_prefix: Option<bool>,
    top_p: Option<f64>,
    stop: Option<Vec<String>>,
    seed: Option<u64>,
    logprobs: Option<u32>,
    reasoning: Option<Reasoning>,
    schema: Option<String>,
    extra: Option<BTreeMap<String, Value>>,
}

impl Said {
    /// The keys that [`read_said`] takes.
    pub(super) const KEYS: [&str; 9] = [
        "max_output_tokens",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "logprobs",
        "reasoning",
        "schema",
        "extra",
    ];

    /// What stands for a table that cannot be read: nothing that has to be said is missing.
    pub(super) fn told() -> Self {
        Self { max_output_tokens: Some(u32::MAX), ..Self::default() }
    }

    /// The same, and where it says nothing, what `others` say.
    pub(super) fn or(self, others: &Self) -> Self {
        let others = others.clone();
        Self {
            max_output_tokens: self.max_output_tokens.or(others.max_output_tokens),
            temperature: self.temperature.or(others.temperature),
            cache_prefix: self.cache_prefix.or(others.cache_prefix),
            top_p: self.top_p.or(others.top_p),
            stop: self.stop.or(others.stop),
            seed: self.seed.or(others.seed),
            logprobs: self.logprobs.or(others.logprobs),
            reasoning: self.reasoning.or(others.reasoning),
            schema: self.schema.or(others.schema),
            extra: self.extra.or(others.extra),
        }
    }

    /// The parameters that it makes of those of a model.
    pub(super) fn change(self, own: &Parameters) -> Parameters {
        Parameters {
            max_output_tokens: self.max_output_tokens.unwrap_or(own.max_output_tokens),
            temperature: self.temperature.or(own.temperature),
            cache_prefix: self.cache_prefix.unwrap_or(own.cache_prefix),
            top_p: self.top_p.or(own.top_p),
            stop: self.stop.unwrap_or_else(|| own.stop.clone()),
            seed: self.seed.or(own.seed),
            logprobs: self.logprobs.or(own.logprobs),
            reasoning: self.reasoning.or(own.reasoning),
            schema: self.schema.or_else(|| own.schema.clone()),
            extra: self.extra.unwrap_or_else(|| own.extra.clone()),
        }
    }
}

/// Reads the keys of [`Said::KEYS`].
pub(super) fn read_said(table: &mut Table<'_>) -> Said {
    let max_output_tokens = table.whole("max_output_tokens", 1..=i128::from(u32::MAX));
    Said {
        // What is there and faulty is told once, and not as missing too.
        max_output_tokens: max_output_tokens.or(table.has("max_output_tokens").then_some(u32::MAX)),
        temperature: table.number("temperature", 0.0..=TEMPERATURE_MAX),
        cache_prefix: None,
        top_p: read_top_p(table),
        stop: read_stop(table),
        seed: table.whole("seed", 0..=SEED_MAX),
        logprobs: table.whole("logprobs", 0..=ALTERNATIVES_MAX),
        reasoning: read_reasoning(table),
        schema: read_schema(table),
        extra: read_extra(table),
    }
}

/// The same with `cache_prefix`, which is about a model's messages in all cells.
pub(super) fn read_said_of_model(table: &mut Table<'_>) -> Said {
    let said = read_said(table);
    Said { cache_prefix: table.flag("cache_prefix"), ..said }
}

/// What two keys say that cannot both be, by the key to tell it of: one of them may stand in another
/// table, such as `[defaults]`.
pub(super) fn contradictions(asked: &Parameters) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(Reasoning::Budget(budget)) = asked.reasoning
        && budget >= asked.max_output_tokens
    {
        let message = format!(
            "a budget of {budget} tokens leaves nothing to answer with, because reasoning is part of the output: \
             keep it below `max_output_tokens`, which is {}",
            asked.max_output_tokens
        );
        found.push(("reasoning", message));
    }
    found.extend(find_contradiction(asked).map(|message| ("extra", message)));
    found
}

fn read_top_p(table: &mut Table<'_>) -> Option<f64> {
    let said = table.any("top_p").and_then(Node::as_number);
    if let Some(said) = said.filter(|said| !(*said > 0.0 && *said <= 1.0)) {
        let message = format!("{said} is out of range; it has to be above 0 and at most 1");
        table.fault("top_p", message);
        return None;
    }
    table.number("top_p", 0.0..=1.0)
}

/// An empty list takes the default back.
fn read_stop(table: &mut Table<'_>) -> Option<Vec<String>> {
    let stop = table.texts("stop")?;
    if stop.len() > STOPS_MAX {
        let message = format!("has {} texts, and {STOPS_MAX} is the limit; take fewer", stop.len());
        table.fault("stop", message);
    }
    for (position, text) in stop.iter().enumerate() {
        if text.is_empty() {
            table.fault("stop", "has an empty text, at which every answer would end; take it out");
        } else if stop[..position].contains(text) {
            table.fault("stop", format!("{text:?} is there twice; take one out"));
        }
    }
    Some(stop)
}

fn read_reasoning(table: &mut Table<'_>) -> Option<Reasoning> {
    if matches!(table.any("reasoning"), Some(Node::Table(_))) {
        return table.table("reasoning", read_budget).flatten();
    }
    let noun = "a word or a budget of tokens";
    let said = table.text_as("reasoning", Form { noun, example: "\"low\"" })?;
    if said == OFF {
        return Some(Reasoning::Off);
    }
    let effort = said.parse().ok().map(Reasoning::Effort);
    if effort.is_none() && !said.trim().is_empty() {
        let words = Effort::ALL.iter().map(|effort| effort.word());
        let advice = suggest(&said, "words", words.chain([OFF]));
        let message = format!(
            "`{said}` is no way to reason; {advice} (a budget is written `{{ budget_tokens = 2000 }}`)"
        );
        table.fault("reasoning", message);
    }
    effort
}

fn read_budget(table: &mut Table<'_>) -> Option<Reasoning> {
    if !table.has("budget_tokens") {
        let noun = "the most tokens to reason with";
        table.report_missing("budget_tokens", Form { noun, example: "2000" });
    }
    table.whole("budget_tokens", 1..=i128::from(u32::MAX)).map(Reasoning::Budget)
}
