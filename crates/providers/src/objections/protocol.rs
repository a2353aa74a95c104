//! What a protocol, or a server's flavour of it, has no way to say.

use iago_sweep::{Effort, Parameters, Reasoning};
use serde_json::Value;

use super::{Objection, object};
use crate::fields::DECIDED_BY_THE_JOB;
use crate::quirks::{Prefill, ReasoningStyle, quirks};
use crate::{Dialect, Flavour, Protocol};

/// The first version of Anthropic's API that takes no sampling parameters from any model.
const VERSION_WITHOUT_SAMPLING: &str = "2026-10-21";
/// Least tokens that Anthropic takes for a budget of thinking.
const THINKING_TOKENS_MIN: u32 = 1024;
/// Least output limit that OpenAI's Responses takes.
const OUTPUT_TOKENS_MIN: u32 = 16;
/// Most alternatives per token that log probabilities can be asked for.
const ALTERNATIVES_MAX: u32 = 20;
/// Most stop texts that OpenAI takes.
const STOPS_MAX: usize = 4;

pub(super) fn objections(
    dialect: &Dialect,
    parameters: &Parameters,
    has_prefill: bool,
) -> Vec<Objection> {
    let mut found = of_any(parameters);
    found.extend(of_llama_cpp(dialect, parameters));
    found.extend(match dialect.protocol {
        Protocol::AnthropicMessages => of_anthropic(dialect, parameters),
        Protocol::OpenAiChat => of_chat(dialect, parameters, has_prefill),
        Protocol::OpenAiResponses => of_responses(dialect, parameters, has_prefill),
    });
    found
}

fn of_any(parameters: &Parameters) -> Vec<Objection> {
    let decided = DECIDED_BY_THE_JOB.iter().filter(|name| parameters.extra.contains_key(**name));
    let mut found: Vec<_> = decided
        .map(|name| object("extra", format!("`{name}` is decided by the job; leave it out")))
        .collect();
    if parameters.logprobs.is_some_and(|alternatives| alternatives > ALTERNATIVES_MAX) {
        found.push(object(
            "logprobs",
            format!("at most {ALTERNATIVES_MAX} alternatives can be had"),
        ));
    }
    let schema = parameters.schema.as_deref().map(serde_json::from_str::<Value>);
    if schema.is_some_and(|read| !read.is_ok_and(|schema| schema.is_object())) {
        found.push(object("schema", "it is not a JSON object; write a JSON schema"));
    }
    found
}

/// Its chat has both; its other two protocols pass over a schema without a word, and Responses has
/// no way to its log probabilities.
fn of_llama_cpp(dialect: &Dialect, parameters: &Parameters) -> Vec<Objection> {
    if dialect.flavour != Flavour::LlamaCpp || dialect.protocol == Protocol::OpenAiChat {
        return Vec::new();
    }
    let set =
        [("schema", parameters.schema.is_some()), ("logprobs", parameters.logprobs.is_some())];
    let set = set.into_iter().filter(|(_, set)| *set);
    let why = "llama.cpp has it over chat alone; use the protocol openai-chat";
    set.map(|(parameter, _)| object(parameter, why)).collect()
}

fn of_anthropic(dialect: &Dialect, parameters: &Parameters) -> Vec<Objection> {
    let mut found = Vec::new();
    if dialect.anthropic_version.as_str() >= VERSION_WITHOUT_SAMPLING {
        let version = &dialect.anthropic_version;
        let why = format!(
            "version {version} of the Anthropic API refuses it for every model; leave it out, or \
             set the endpoint's version to 2023-06-01 for models that take it"
        );
        found.extend(sampling(parameters).map(|parameter| object(parameter, why.clone())));
    }
    if parameters.temperature.is_some_and(|temperature| temperature > 1.0) {
        found.push(object("temperature", "Anthropic takes 0 to 1"));
    }
    if parameters.seed.is_some() {
        found.push(object("seed", "Anthropic's protocol has none; leave it out"));
    }
    if parameters.logprobs.is_some() {
        found.push(object("logprobs", "Anthropic's protocol does not tell them; leave it out"));
    }
    found.extend(thinking(dialect, parameters));
    found
}

/// Sampling parameters that are set, of those that Anthropic has.
fn sampling(parameters: &Parameters) -> impl Iterator<Item = &'static str> {
    let temperature = parameters.temperature.map(|_| "temperature");
    temperature.into_iter().chain(parameters.top_p.map(|_| "top_p"))
}

fn thinking(dialect: &Dialect, parameters: &Parameters) -> Option<Objection> {
    match parameters.reasoning? {
        Reasoning::Effort(Effort::Minimal) => {
            Some(object("reasoning", "Anthropic has no effort `minimal`; the least is `low`"))
        }
        Reasoning::Budget(tokens) if tokens < THINKING_TOKENS_MIN => {
            let why = format!("Anthropic takes a budget of {THINKING_TOKENS_MIN} tokens or more");
            Some(object("reasoning", why))
        }
        Reasoning::Budget(tokens) if tokens >= parameters.max_output_tokens => Some(object(
            "reasoning",
            "thinking counts as output: the budget must be below max_output_tokens",
        )),
        Reasoning::Budget(_) if dialect.flavour == Flavour::Deepseek => {
            Some(object("reasoning", "DeepSeek takes no budget of tokens; name an effort"))
        }
        Reasoning::Off | Reasoning::Effort(_) | Reasoning::Budget(_) => None,
    }
}

fn of_chat(dialect: &Dialect, parameters: &Parameters, has_prefill: bool) -> Vec<Objection> {
    let quirks = quirks(dialect.flavour);
    let mut found = Vec::new();
    let has_budget = match quirks.reasoning {
        ReasoningStyle::Effort
        | ReasoningStyle::Thinking
        | ReasoningStyle::Template { budget: None } => false,
        ReasoningStyle::Template { budget: Some(_) }
        | ReasoningStyle::Object
        | ReasoningStyle::EffortOrThinking => true,
    };
    if !has_budget && matches!(parameters.reasoning, Some(Reasoning::Budget(_))) {
        let why = "chat has no budget of tokens here; name an effort";
        found.push(object("reasoning", why));
    }
    if dialect.is_openai() && parameters.stop.len() > STOPS_MAX {
        found.push(object("stop", format!("OpenAI takes at most {STOPS_MAX}")));
    }
    if has_prefill && dialect.flavour == Flavour::Deepseek && !dialect.base_url.ends_with("/beta") {
        let why =
            "DeepSeek goes on with an answer only at the base URL https://api.deepseek.com/beta";
        found.push(object("prefill", why));
    }
    if has_prefill && quirks.prefill == Prefill::LastMessage && dialect.is_openai() {
        found.push(object("prefill", NOT_CONTINUED));
    }
    found
}

const NOT_CONTINUED: &str = "OpenAI's models read a prefill as an answer already given and do not go on with it; leave it out";

fn of_responses(dialect: &Dialect, parameters: &Parameters, has_prefill: bool) -> Vec<Objection> {
    let mut found = Vec::new();
    if dialect.is_openai() && parameters.max_output_tokens < OUTPUT_TOKENS_MIN {
        let why = format!("OpenAI's Responses takes {OUTPUT_TOKENS_MIN} or more");
        found.push(object("max_output_tokens", why));
    }
    let mut absent = |parameter, set: bool| {
        let why = "the Responses protocol has none; leave it out, or use openai-chat";
        found.extend(set.then(|| object(parameter, why)));
    };
    absent("stop", !parameters.stop.is_empty());
    absent("seed", parameters.seed.is_some());
    if matches!(parameters.reasoning, Some(Reasoning::Budget(_))) {
        let why = "the Responses protocol has no budget of tokens; name an effort";
        found.push(object("reasoning", why));
    }
    if has_prefill && dialect.flavour != Flavour::LlamaCpp {
        let why = "the Responses protocol cannot have an answer continued; leave it out";
        found.push(object("prefill", why));
    }
    found
}
