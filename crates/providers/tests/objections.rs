//! What is said before the first call about parameters that would be refused.

use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_providers::{Dialect, Flavour, Objection, Streaming, objections};
use iago_sweep::{Effort, Parameters, Reasoning};
use proptest::prelude::*;
use serde_json::json;

fn dialect(protocol: Protocol) -> Dialect {
    Dialect::new(protocol, "https://models.example").expect("an address")
}

fn least() -> Parameters {
    Parameters { max_output_tokens: 4096, ..Parameters::default() }
}

fn hot() -> Parameters {
    Parameters { temperature: Some(0.7), ..least() }
}

fn reasoning(reasoning: Reasoning) -> Parameters {
    Parameters { reasoning: Some(reasoning), ..least() }
}

fn effort(effort: Effort) -> Parameters {
    reasoning(Reasoning::Effort(effort))
}

fn names(found: &[Objection]) -> Vec<&'static str> {
    found.iter().map(|objection| objection.parameter).collect()
}

fn objected(protocol: Protocol, model_id: &str, parameters: &Parameters) -> Vec<&'static str> {
    names(&objections(&dialect(protocol), model_id, parameters, false))
}

#[test]
fn what_a_protocol_cannot_say_is_told_for_every_model() {
    let everything =
        Parameters { stop: vec!["END".to_owned()], seed: Some(1), logprobs: Some(2), ..least() };
    assert_eq!(objected(AnthropicMessages, "m-1", &everything), ["seed", "logprobs"]);
    assert_eq!(objected(OpenAiChat, "m-1", &everything), [""; 0]);
    assert_eq!(objected(OpenAiResponses, "m-1", &everything), ["stop", "seed"]);
    let standard = dialect(OpenAiResponses);
    assert_eq!(names(&objections(&standard, "m-1", &least(), true)), ["prefill"]);
}

#[test]
fn values_that_nobody_takes_are_told() {
    let bad = Parameters { logprobs: Some(21), schema: Some("{oops".to_owned()), ..least() };
    assert_eq!(objected(OpenAiChat, "m-1", &bad), ["logprobs", "schema"]);
    let list = Parameters { schema: Some("[]".to_owned()), ..least() };
    assert_eq!(objected(OpenAiChat, "m-1", &list), ["schema"]);
    let warm = Parameters { temperature: Some(1.5), ..least() };
    assert_eq!(objected(AnthropicMessages, "m-1", &warm), ["temperature"]);
    assert_eq!(objected(OpenAiChat, "m-1", &warm), [""; 0]);
}

#[test]
fn further_fields_may_not_decide_what_the_job_decides() {
    for name in ["model", "messages", "input", "system", "instructions", "stream", "n"] {
        let extra = [(name.to_owned(), json!("x"))].into();
        let found =
            objections(&dialect(OpenAiChat), "m-1", &Parameters { extra, ..least() }, false);
        assert_eq!(names(&found), ["extra"]);
        assert!(found[0].why.contains(&format!("`{name}`")));
    }
    let extra = [("service_tier".to_owned(), json!("flex"))].into();
    assert_eq!(objected(OpenAiChat, "m-1", &Parameters { extra, ..least() }), [""; 0]);
}

#[test]
fn a_budget_of_thinking_has_bounds() {
    let found = |tokens| objected(AnthropicMessages, "m-1", &reasoning(Reasoning::Budget(tokens)));
    assert_eq!(found(1023), ["reasoning"]);
    assert_eq!(found(1024), [""; 0]);
    assert_eq!(found(4095), [""; 0]);
    assert_eq!(found(4096), ["reasoning"]);
}

#[test]
fn only_servers_that_have_a_budget_are_given_one() {
    let budget = reasoning(Reasoning::Budget(1024));
    for (flavour, takes) in [
        (Flavour::Standard, false),
        (Flavour::Vllm, true),
        (Flavour::Sglang, false),
        (Flavour::Openrouter, true),
        (Flavour::Litellm, true),
        (Flavour::Deepseek, false),
    ] {
        let dialect = dialect(OpenAiChat).with_flavour(flavour);
        let found = objections(&dialect, "m-1", &budget, false);
        assert_eq!(found.is_empty(), takes, "{flavour}: {found:?}");
    }
    assert_eq!(objected(OpenAiResponses, "m-1", &budget), ["reasoning"]);
}

#[test]
fn the_newer_version_of_anthropics_api_takes_no_sampling_from_any_model() {
    let version = "2026-10-21".to_owned();
    let newer = Dialect { anthropic_version: version, ..dialect(AnthropicMessages) };
    let parameters = Parameters { top_p: Some(0.5), ..hot() };
    for rules in [true, false] {
        let found =
            objections(&Dialect { rules, ..newer.clone() }, "claude-haiku-4-5", &parameters, false);
        assert_eq!(names(&found), ["temperature", "top_p"]);
        assert!(found[0].why.contains("2023-06-01"), "{}", found[0].why);
    }
    assert_eq!(objected(AnthropicMessages, "claude-haiku-4-5", &hot()), [""; 0]);
}

#[test]
fn anthropics_older_models_take_a_temperature_or_a_top_p_and_not_both() {
    let nucleus = Parameters { top_p: Some(0.5), ..least() };
    let both = Parameters { top_p: Some(0.5), ..hot() };
    for model_id in ["claude-opus-4-1-20250805", "claude-haiku-4-5", "claude-sonnet-4-6"] {
        assert_eq!(objected(AnthropicMessages, model_id, &nucleus), [""; 0]);
        assert_eq!(objected(AnthropicMessages, model_id, &both), ["top_p"]);
    }
    assert_eq!(objected(AnthropicMessages, "claude-opus-4-20250514", &both), [""; 0]);
}

#[test]
fn sampling_is_bound_while_anthropics_models_think() {
    let found = |model_id, reasoning, temperature, top_p| {
        let reasoning = Some(reasoning);
        objected(
            AnthropicMessages,
            model_id,
            &Parameters { reasoning, temperature, top_p, ..least() },
        )
    };
    let budget = Reasoning::Budget(2048);
    assert_eq!(found("claude-haiku-4-5", budget, Some(0.7), None), ["temperature"]);
    assert_eq!(found("claude-haiku-4-5", budget, Some(1.0), None), [""; 0]);
    assert_eq!(found("claude-haiku-4-5", budget, None, Some(0.9)), ["top_p"]);
    assert_eq!(found("claude-haiku-4-5", budget, None, Some(0.95)), [""; 0]);
    assert_eq!(found("claude-haiku-4-5", Reasoning::Off, Some(0.7), None), [""; 0]);
    let effort = Reasoning::Effort(Effort::Low);
    assert_eq!(found("claude-opus-4-6", effort, Some(0.7), None), ["temperature"]);
}

#[test]
fn anthropics_models_refuse_a_stop_text_of_white_space_alone() {
    let found = |model_id, stop: &str| {
        let parameters = Parameters { stop: vec!["END".to_owned(), stop.to_owned()], ..least() };
        objected(AnthropicMessages, model_id, &parameters)
    };
    for model_id in ["claude-haiku-4-5", "claude-sonnet-4-6", "claude-opus-5", "claude-opus-5-5"] {
        assert_eq!(found(model_id, "\n\n"), ["stop"]);
        assert_eq!(found(model_id, "\nQ"), [""; 0]);
    }
    assert_eq!(found("stranger", "\n\n"), [""; 0]);
}

#[test]
fn no_model_is_asked_for_more_than_it_can_say() {
    for (protocol, model_id, most) in [
        (AnthropicMessages, "claude-haiku-4-5-20251001", 64_000),
        (AnthropicMessages, "claude-opus-4-6", 128_000),
        (OpenAiChat, "gpt-4o-mini", 16_384),
        (OpenAiChat, "gpt-4o-2024-05-13", 4_096),
        (OpenAiResponses, "gpt-4.1", 32_768),
    ] {
        let found = |max_output_tokens| {
            let parameters = Parameters { max_output_tokens, ..Parameters::default() };
            objections(&dialect(protocol), model_id, &parameters, false)
        };
        assert_eq!(found(most), [], "{model_id}");
        let objections = found(most + 1);
        assert_eq!(names(&objections), ["max_output_tokens"], "{model_id}");
        assert!(objections[0].why.contains(&most.to_string()), "{}", objections[0].why);
    }
}

#[test]
fn anthropics_generations_refuse_what_theirs_refuses() {
    let anthropic =
        |model_id: &str, parameters: &Parameters| objected(AnthropicMessages, model_id, parameters);
    assert_eq!(anthropic("claude-sonnet-4-6", &hot()), [""; 0]);
    assert_eq!(anthropic("claude-opus-4-7", &hot()), ["temperature"]);
    assert_eq!(anthropic("claude-opus-5-5", &hot()), ["temperature"]);

    let off = reasoning(Reasoning::Off);
    assert_eq!(anthropic("claude-haiku-4-5", &off), [""; 0]);
    assert_eq!(anthropic("claude-haiku-5-5", &off), [""; 0]);
    assert_eq!(anthropic("claude-sonnet-5-5", &off), ["reasoning"]);

    let budget = reasoning(Reasoning::Budget(2048));
    assert_eq!(anthropic("claude-sonnet-4-6", &budget), [""; 0]);
    assert_eq!(anthropic("claude-opus-5", &budget), ["reasoning"]);
    assert_eq!(anthropic("claude-haiku-4-5", &effort(Effort::Low)), ["reasoning"]);
    assert_eq!(anthropic("claude-opus-5-5", &effort(Effort::Max)), [""; 0]);
    assert_eq!(anthropic("claude-opus-5-5", &effort(Effort::Minimal)), ["reasoning"]);

    let prefill = |model_id| objections(&dialect(AnthropicMessages), model_id, &least(), true);
    assert_eq!(prefill("claude-sonnet-4-5"), []);
    assert_eq!(names(&prefill("claude-sonnet-4-6")), ["prefill"]);
}

#[test]
fn openais_generations_refuse_what_theirs_refuses() {
    let chat = |model_id: &str, parameters: &Parameters| objected(OpenAiChat, model_id, parameters);
    let at_one = Parameters { temperature: Some(1.0), ..least() };
    let sampled = Parameters { top_p: Some(0.5), logprobs: Some(1), ..hot() };
    assert_eq!(chat("gpt-4.1", &sampled), [""; 0]);
    assert_eq!(chat("o3", &at_one), [""; 0]);
    assert_eq!(chat("o3", &sampled), ["temperature", "top_p", "logprobs"]);
    assert_eq!(chat("gpt-5-mini", &hot()), ["temperature"]);
    assert_eq!(chat("gpt-6-sol", &at_one), ["temperature"]);

    let stop = Parameters { stop: vec!["END".to_owned()], ..least() };
    assert_eq!(chat("gpt-4o", &stop), [""; 0]);
    assert_eq!(chat("gpt-5.1", &stop), ["stop"]);

    assert_eq!(chat("gpt-4o", &effort(Effort::Low)), ["reasoning"]);
    assert_eq!(chat("o3", &reasoning(Reasoning::Off)), ["reasoning"]);
    assert_eq!(chat("gpt-6-luna", &reasoning(Reasoning::Off)), [""; 0]);
    assert_eq!(chat("gpt-6-stella", &reasoning(Reasoning::Off)), ["reasoning"]);
    assert_eq!(chat("gpt-5.5", &effort(Effort::Max)), ["reasoning"]);
    assert_eq!(objected(OpenAiResponses, "gpt-5.5", &effort(Effort::Max)), [""; 0]);
    let prefilled = objections(&dialect(OpenAiChat), "gpt-4o", &least(), true);
    assert_eq!(names(&prefilled), ["prefill"]);
}

#[test]
fn some_models_take_a_temperature_while_they_do_not_reason() {
    let with = |reasoning| Parameters { reasoning, ..hot() };
    let found = |model_id, reasoning| objected(OpenAiChat, model_id, &with(reasoning));
    let low = Some(Reasoning::Effort(Effort::Low));
    assert_eq!(found("gpt-5.2", None), [""; 0]);
    assert_eq!(found("gpt-5.2", Some(Reasoning::Off)), [""; 0]);
    assert_eq!(found("gpt-5.2", low), ["temperature"]);
    assert_eq!(found("gpt-5.6", None), ["temperature"]);
    assert_eq!(found("gpt-5.6", Some(Reasoning::Off)), [""; 0]);
}

#[test]
fn an_answer_that_must_be_streamed_may_not_be_forbidden_to() {
    let parameters = Parameters { max_output_tokens: 30_000, ..Parameters::default() };
    let found = |streaming| {
        let dialect = Dialect { streaming, ..dialect(AnthropicMessages) };
        names(&objections(&dialect, "claude-opus-5-5", &parameters, false))
    };
    assert_eq!(found(Streaming::Never), ["streaming"]);
    assert_eq!(found(Streaming::Auto), [""; 0]);
}

#[test]
fn openais_responses_are_not_shorter_than_sixteen_tokens() {
    let openai = Dialect::new(OpenAiResponses, "https://api.openai.com").expect("an address");
    let found = |dialect, max_output_tokens| {
        let parameters = Parameters { max_output_tokens, ..Parameters::default() };
        names(&objections(dialect, "m-1", &parameters, false))
    };
    assert_eq!(found(&openai, 15), ["max_output_tokens"]);
    assert_eq!(found(&openai, 16), [""; 0]);
    assert_eq!(found(&dialect(OpenAiResponses), 15), [""; 0]);
}

#[test]
fn llama_cpp_follows_a_schema_over_chat_alone() {
    let schema = Some("{}".to_owned());
    let parameters = Parameters { schema, logprobs: Some(1), ..least() };
    let found = |protocol, flavour| {
        names(&objections(&dialect(protocol).with_flavour(flavour), "m-1", &parameters, false))
    };
    assert_eq!(found(OpenAiChat, Flavour::LlamaCpp), [""; 0]);
    assert_eq!(found(OpenAiResponses, Flavour::LlamaCpp), ["schema", "logprobs"]);
    assert_eq!(found(AnthropicMessages, Flavour::LlamaCpp), ["schema", "logprobs"]);
    assert_eq!(found(OpenAiResponses, Flavour::Standard), [""; 0]);
}

#[test]
fn deepseek_continues_an_answer_only_at_its_beta() {
    let found = |base| {
        let dialect = Dialect::new(OpenAiChat, base).expect("an address");
        names(&objections(&dialect, "m-1", &least(), true))
    };
    assert_eq!(found("https://api.deepseek.com"), ["prefill"]);
    assert_eq!(found("https://api.deepseek.com/beta"), [""; 0]);
}

proptest! {
    #[test]
    fn strangers_and_other_servers_are_refused_nothing_but_what_cannot_be_said(
        temperature in prop::option::of(0.0..=1.0),
        top_p in prop::option::of(0.0..=1.0),
        has_prefill: bool,
    ) {
        let parameters = Parameters { temperature, top_p, ..least() };
        for protocol in [AnthropicMessages, OpenAiChat] {
            let standard = dialect(protocol);
            let model_id = if protocol == OpenAiChat { "gpt-6-sol" } else { "claude-opus-5-5" };
            let vllm = standard.clone().with_flavour(Flavour::Vllm);
            let without = Dialect { rules: false, ..standard.clone() };
            for (dialect, model_id) in
                [(&standard, "stranger"), (&vllm, model_id), (&without, model_id)]
            {
                let found = objections(dialect, model_id, &parameters, has_prefill);
                prop_assert_eq!(found, []);
            }
        }
    }
}
