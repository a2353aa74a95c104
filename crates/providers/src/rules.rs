//! What generations of models are known to refuse, as data: `rules.toml` says it, with its date.

use std::sync::LazyLock;

use iago_sweep::{Parameters, Reasoning};
use serde::Deserialize;

use crate::{Dialect, Flavour, OutputLimitField, Protocol};

/// What one generation of models takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    vendor: Vendor,
    models: Vec<String>,
    #[serde(default)]
    pub sampling: Sampling,
    pub limit_field: Option<OutputLimitField>,
    #[serde(default = "yes")]
    pub stop: bool,
    #[serde(default = "yes")]
    pub prefill: bool,
    #[serde(default = "yes")]
    pub blank_stop: bool,
    #[serde(default)]
    pub either_sampling: bool,
    efforts: Vec<String>,
    #[serde(default)]
    efforts_on_responses: Vec<String>,
    default_effort: Option<String>,
    #[serde(default)]
    pub budget: bool,
    #[serde(default)]
    pub developer: bool,
    pub streams_above: Option<u32>,
}

/// Which sampling parameters a model takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sampling {
    /// All.
    #[default]
    Free,
    /// A temperature of 1, and nothing else.
    Fixed,
    /// All, while it does not reason.
    WithoutReasoning,
    /// While it reasons, a temperature of 1, and only a `top_p` that leaves nearly all.
    OneWhileReasoning,
    /// None, not even at its default.
    Refused,
}

/// The longest answer of some models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Longest {
    vendor: Vendor,
    models: Vec<String>,
    output_tokens: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Vendor {
    Anthropic,
    Openai,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    date: String,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
    family: Vec<Family>,
    longest: Vec<Longest>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("rules.toml")).expect("a test reads the table that is built in")
});

/// The day on which the table of what models refuse was put together, like `2026-11-21`.
pub fn rules_date() -> &'static str {
    &TABLE.date
}

/// What is known of the model; `None` where nothing is, or where its name says nothing.
pub(crate) fn family(dialect: &Dialect, model_id: &str) -> Option<&'static Family> {
    let vendor = vendor(dialect)?;
    let of_vendor = TABLE.family.iter().filter(|family| family.vendor == vendor);
    closest(of_vendor, |family| &family.models, model_id)
}

/// The most tokens that the model can answer with; `None` where that is not known.
pub(crate) fn longest_answer(dialect: &Dialect, model_id: &str) -> Option<u32> {
    let vendor = vendor(dialect)?;
    let of_vendor = TABLE.longest.iter().filter(|longest| longest.vendor == vendor);
    let longest = closest(of_vendor, |longest| &longest.models, model_id)?;
    Some(longest.output_tokens)
}

/// Whose models the names of an endpoint's models are.
fn vendor(dialect: &Dialect) -> Option<Vendor> {
    (dialect.rules && dialect.flavour == Flavour::Standard).then_some(match dialect.protocol {
        Protocol::AnthropicMessages => Vendor::Anthropic,
        Protocol::OpenAiChat | Protocol::OpenAiResponses => Vendor::Openai,
    })
}

/// The row with the longest pattern that matches.
fn closest<'t, T>(
    rows: impl Iterator<Item = &'t T>,
    patterns: impl Fn(&T) -> &[String],
    model_id: &str,
) -> Option<&'t T> {
    let matching = rows.filter_map(|row| Some((closeness(patterns(row), model_id)?, row)));
    matching.max_by_key(|(closeness, _)| *closeness).map(|(_, row)| row)
}

/// The length of the longest pattern that matches.
fn closeness(patterns: &[String], model_id: &str) -> Option<usize> {
    let matching = patterns.iter().filter(|pattern| match pattern.strip_suffix('*') {
        Some(start) => model_id.starts_with(start),
        None => model_id == *pattern,
    });
    matching.map(String::len).max()
}

impl Family {
    /// Every word for how much to reason that the model takes over this protocol.
    pub(crate) fn efforts(&self, protocol: Protocol) -> Vec<&str> {
        let further = self.efforts_on_responses.iter();
        let further = further.filter(|_| protocol == Protocol::OpenAiResponses);
        self.efforts.iter().chain(further).map(String::as_str).collect()
    }

    /// Whether a model asked like this does not reason.
    pub(crate) fn does_not_reason(&self, parameters: &Parameters) -> bool {
        match parameters.reasoning {
            Some(Reasoning::Off) => true,
            Some(Reasoning::Effort(_) | Reasoning::Budget(_)) => false,
            None => self.default_effort.as_deref() == Some("none"),
        }
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closest(protocol: Protocol, model_id: &str) -> Option<&'static str> {
        let dialect = Dialect::new(protocol, "https://models.example").unwrap();
        family(&dialect, model_id).map(|family| family.models[0].as_str())
    }

    #[test]
    fn the_table_can_be_read_and_no_pattern_is_there_twice() {
        assert_eq!(rules_date().len(), "2026-11-21".len());
        let families = TABLE.family.iter().flat_map(|family| &family.models).collect::<Vec<_>>();
        let longest = TABLE.longest.iter().flat_map(|longest| &longest.models).collect();
        for mut patterns in [families, longest] {
            let all = patterns.len();
            patterns.sort();
            patterns.dedup();
            assert_eq!(patterns.len(), all);
        }
    }

    #[test]
    fn the_closest_pattern_holds_and_strangers_have_none() {
        let anthropic = |id| closest(Protocol::AnthropicMessages, id);
        assert_eq!(anthropic("claude-opus-5"), Some("claude-opus-4-7"));
        assert_eq!(anthropic("claude-opus-5-20260401"), Some("claude-opus-4-7"));
        assert_eq!(anthropic("claude-opus-5-5-20261001"), Some("claude-sonnet-5-5"));
        assert_eq!(anthropic("claude-opus-9"), None);
        assert_eq!(anthropic("gpt-5"), None);
        for protocol in [Protocol::OpenAiChat, Protocol::OpenAiResponses] {
            let openai = |id| closest(protocol, id);
            assert_eq!(openai("gpt-5-mini-2025-08-07"), Some("gpt-5"));
            assert_eq!(openai("gpt-5-chat-latest"), Some("gpt-3.5*"));
            assert_eq!(openai("gpt-5.4-nano"), Some("gpt-5.2"));
            assert_eq!(openai("gpt-6-sol"), Some("gpt-6-sol"));
            assert_eq!(openai("gpt-6-stella"), Some("gpt-6"));
            assert_eq!(openai("gpt-50"), None);
        }
    }

    #[test]
    fn a_server_of_another_kind_and_an_endpoint_without_rules_have_none() {
        let dialect = Dialect::new(Protocol::OpenAiChat, "https://models.example").unwrap();
        assert!(family(&dialect, "gpt-5").is_some());
        assert!(family(&Dialect { rules: false, ..dialect.clone() }, "gpt-5").is_none());
        assert!(family(&dialect.with_flavour(Flavour::Vllm), "gpt-5").is_none());
    }
}
