//! How servers differ that say they speak the same protocol: one table, one row a flavour.

use crate::{Flavour, OutputLimitField};

/// In what a server differs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quirks {
    /// Domains that it is known to be served at.
    pub hosts: &'static [&'static str],
    /// What it calls the output limit.
    pub limit_field: OutputLimitField,
    /// How it is asked to go on with an answer.
    pub prefill: Prefill,
    /// Whether its answers may begin with the prefill once more.
    pub echoes_prefill: bool,
    /// What it calls the seed.
    pub seed: &'static str,
    /// How it is asked for log probabilities.
    pub logprobs: Logprobs,
    /// How it is told how much to reason.
    pub reasoning: ReasoningStyle,
    /// Whether it takes `stream_options`. Mistral refuses fields that it does not know, and counts
    /// tokens unasked.
    pub stream_options: bool,
    /// Whether it closes a connection after a stream, although it says that it keeps it: whoever sends
    /// the next call over it in that moment hears nothing.
    pub closes_after_stream: bool,
    /// Whether the completion's tokens leave out those of reasoning.
    pub reasoning_beside: bool,
    /// Whether it tells the cost of a call in dollars, in `usage.cost`.
    pub tells_cost: bool,
    /// Whether a cost of nothing means that it does not know the price.
    pub zero_cost_is_unknown: bool,
    /// Whether its limit of requests is one of a day.
    pub requests_per_day: bool,
    /// How many of the windows that its plain `x-ratelimit-limit` means make a minute.
    pub plain_windows_per_minute: u64,
}

/// How a server is asked to go on with the beginning of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefill {
    /// A last message of the assistant, and nothing more.
    LastMessage,
    /// That, with a switch beside the messages.
    Continue,
    /// That, with a mark on the message.
    Prefix,
}

/// How log probabilities are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logprobs {
    /// A switch, and a number of alternatives.
    Switch,
    /// A number alone.
    Number,
}

/// How chat is told how much to reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReasoningStyle {
    /// `reasoning_effort`, whose word for nothing is `none`.
    Effort,
    /// The same with a switch in the chat template for nothing; vLLM takes a budget as well.
    Template {
        /// The field of a budget.
        budget: Option<&'static str>,
    },
    /// An object `reasoning` with everything in it.
    Object,
    /// `thinking` switches, `reasoning_effort` says how much.
    Thinking,
    /// `reasoning_effort`, and Anthropic's `thinking` for a budget.
    EffortOrThinking,
}

const STANDARD: Quirks = Quirks {
    hosts: &[],
    limit_field: OutputLimitField::MaxTokens,
    prefill: Prefill::LastMessage,
    echoes_prefill: true, // nobody knows what serves there: llama.cpp does
    seed: "seed",
    logprobs: Logprobs::Switch,
    reasoning: ReasoningStyle::Effort,
    stream_options: true,
    closes_after_stream: false,
    reasoning_beside: false,
    tells_cost: true,
    zero_cost_is_unknown: true,
    requests_per_day: false,
    plain_windows_per_minute: 1,
};

/// A vendor that sells its own models: what it answers is told with prices, not costs.
const HOSTED: Quirks = Quirks { tells_cost: false, ..STANDARD };

/// A server of open models on somebody's own machines.
const OWN_MACHINE: Quirks =
    Quirks { tells_cost: false, reasoning: ReasoningStyle::Template { budget: None }, ..STANDARD };

/// The row of one flavour.
pub(crate) fn quirks(flavour: Flavour) -> Quirks {
    match flavour {
        Flavour::Standard => STANDARD,
        Flavour::Vllm => Quirks {
            prefill: Prefill::Continue,
            echoes_prefill: false,
            reasoning: ReasoningStyle::Template { budget: Some("thinking_token_budget") },
            ..OWN_MACHINE
        },
        Flavour::Sglang => {
            Quirks { prefill: Prefill::Continue, echoes_prefill: false, ..OWN_MACHINE }
        }
        Flavour::LlamaCpp => Quirks { closes_after_stream: true, ..OWN_MACHINE },
        Flavour::Ollama => Quirks { reasoning: ReasoningStyle::Effort, ..OWN_MACHINE },
        Flavour::Litellm => Quirks { reasoning: ReasoningStyle::EffortOrThinking, ..STANDARD },
        Flavour::Openrouter => Quirks {
            hosts: &["openrouter.ai"],
            reasoning: ReasoningStyle::Object,
            zero_cost_is_unknown: false, // it has free models
            ..STANDARD
        },
        Flavour::Deepseek => Quirks {
            hosts: &["api.deepseek.com"],
            prefill: Prefill::Prefix,
            reasoning: ReasoningStyle::Thinking,
            ..HOSTED
        },
        Flavour::Groq => Quirks { hosts: &["api.groq.com"], requests_per_day: true, ..HOSTED },
        Flavour::Mistral => Quirks {
            hosts: &["api.mistral.ai"],
            prefill: Prefill::Prefix,
            seed: "random_seed",
            stream_options: false,
            ..HOSTED
        },
        Flavour::Together => Quirks {
            hosts: &["api.together.ai", "api.together.xyz"],
            logprobs: Logprobs::Number,
            plain_windows_per_minute: 60,
            ..HOSTED
        },
        Flavour::Xai => Quirks { hosts: &["api.x.ai"], reasoning_beside: true, ..HOSTED },
        Flavour::Fireworks => Quirks { hosts: &["api.fireworks.ai"], ..HOSTED },
        Flavour::Azure => Quirks {
            hosts: &["openai.azure.com", "services.ai.azure.com"],
            limit_field: OutputLimitField::MaxCompletionTokens,
            ..HOSTED
        },
    }
}
