//! Streams as single servers send them, with their own oddities.

use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_providers::{Answer, Dialect, Flavour, Outcome, Reply, Streaming, decode, encode};
use iago_sweep::{Conversation, Finish, Money, Parameters, Usage};

fn decoded(protocol: Protocol, flavour: Flavour, prefill: Option<&str>, body: &str) -> Outcome {
    let dialect = Dialect::new(protocol, "http://127.0.0.1").expect("an address");
    let reply = Reply { status: 200, headers: &[], body: body.as_bytes() };
    decode(&dialect.with_flavour(flavour), &reply, prefill)
}

#[track_caller]
fn answered(protocol: Protocol, body: &str) -> Answer {
    let outcome = decoded(protocol, Flavour::Standard, None, body);
    let Outcome::Answered(answer) = outcome else { panic!("not an answer: {outcome:?}") };
    *answer
}

fn took(input: u64, output: u64) -> Usage {
    Usage { input, output, ..Usage::default() }
}

#[test]
fn transformers_serve_counts_with_the_last_choice_and_never_says_done() {
    let answer = answered(
        OpenAiChat,
        concat!(
            "data: {\"id\":\"9f\",\"choices\":[{\"delta\":{\"role\":\"assistant\"},\"index\":0}],\"model\":\"m@main\"}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"four\"},\"index\":0}]}\n\n",
            "data: {\"choices\":[{\"delta\":{},\"index\":0,\"finish_reason\":\"stop\"}],",
            "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n",
        ),
    );
    assert_eq!((answer.text.raw.as_str(), answer.usage), ("four", took(3, 1)));
    assert_eq!(answer.model.as_deref(), Some("m@main"));
}

#[test]
fn litellm_counts_with_an_empty_choice_and_tells_the_cost() {
    let answer = answered(
        OpenAiChat,
        concat!(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"fo\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"ur\"}}]}\n\n",
            "data: {\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{}}],\"usage\":{\"prompt_tokens\":10,",
            "\"completion_tokens\":20,\"total_tokens\":30,\"cost\":1.35e-05}}\n\n",
            "data: [DONE]\n\n",
        ),
    );
    assert_eq!((answer.text.raw.as_str(), answer.usage), ("four", took(10, 20)));
    assert_eq!((answer.finish, answer.cost), (Finish::Stop, Some(Money(13_500_000))));
}

#[test]
fn vllm_counts_in_every_chunk_and_the_last_count_holds() {
    let answer = answered(
        OpenAiChat,
        concat!(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],",
            "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":0}}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"four\"},\"stop_reason\":7,",
            "\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n",
        ),
    );
    assert_eq!((answer.finish, answer.usage), (Finish::Length, took(9, 2)));
}

#[test]
fn azure_begins_with_the_opinion_of_its_filter() {
    let answer = answered(
        OpenAiChat,
        concat!(
            "data: {\"choices\":[],\"model\":\"\",\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fo\"}}],\"model\":\"gpt\"}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n",
        ),
    );
    assert_eq!((answer.text.raw.as_str(), answer.finish), ("fo", Finish::Filter));
}

#[test]
fn mistral_streams_lists_of_text_and_thinking() {
    let answer = answered(
        OpenAiChat,
        concat!(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\",",
            "\"thinking\":[{\"type\":\"text\",\"text\":\"h\"}]}]}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\",",
            "\"thinking\":[{\"type\":\"text\",\"text\":\"m\"}]}]}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"four\"},\"finish_reason\":\"stop\"}]}\n\n",
        ),
    );
    assert_eq!(answer.text.raw, "four");
    assert_eq!(answer.text.reasoning.as_deref(), Some("hm"));
}

#[test]
fn openrouter_gives_up_with_an_error_in_a_chunk() {
    let body = concat!(
        ": OPENROUTER PROCESSING\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fo\"}}]}\n\n",
        "data: {\"error\":{\"code\":502,\"message\":\"Upstream is gone\"},",
        "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n",
    );
    let outcome = decoded(OpenAiChat, Flavour::Openrouter, None, body);
    let Outcome::Transient { status, message, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((status, message.as_str()), (Some(502), "Upstream is gone"));
}

#[test]
fn only_the_first_of_several_choices_is_read() {
    let answer = answered(
        OpenAiChat,
        concat!(
            "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"five\"}}]}\n\n",
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"four\"},\"finish_reason\":\"stop\"}]}\n\n",
        ),
    );
    assert_eq!(answer.text.raw, "four");
}

#[test]
fn anthropics_last_count_replaces_the_first_and_leaves_what_it_does_not_name() {
    let answer = answered(
        AnthropicMessages,
        concat!(
            "data: {\"type\":\"message_start\",\"message\":{\"content\":[],\"usage\":{\"input_tokens\":12,",
            "\"cache_read_input_tokens\":900,\"output_tokens\":1}}}\n\n",
            "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"four\"}}\n\n",
            "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},",
            "\"usage\":{\"input_tokens\":null,\"output_tokens\":5}}\n\n",
        ),
    );
    assert_eq!(answer.text.raw, "four");
    assert_eq!(
        answer.usage,
        Usage { input: 912, cached_input: 900, output: 5, ..Usage::default() }
    );
}

#[test]
fn responses_whose_last_event_is_bare_are_read_from_their_items() {
    let done = concat!(
        "data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":\"message\",",
        "\"content\":[{\"type\":\"output_text\",\"text\":\"four\"}]}}\n\n",
    );
    let pieces = concat!(
        "data: {\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"fo\"}\n\n",
        "data: {\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"ur\"}\n\n",
    );
    for told in
        [done.to_owned(), pieces.to_owned(), format!("{pieces}{}", done.replace(":0", ":1"))]
    {
        let last =
            "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n";
        assert_eq!(answered(OpenAiResponses, &format!("{told}{last}")).text.raw, "four", "{told}");
    }
}

#[test]
fn a_failed_response_has_the_class_of_its_code() {
    let failed = |code: &str| {
        let error = format!("{{\"code\":\"{code}\",\"message\":\"no\"}}");
        let response = format!("{{\"status\":\"failed\",\"output\":[],\"error\":{error}}}");
        let event = format!("data: {{\"type\":\"response.failed\",\"response\":{response}}}\n\n");
        let streamed = decoded(OpenAiResponses, Flavour::Standard, None, &event);
        assert_eq!(streamed, decoded(OpenAiResponses, Flavour::Standard, None, &response));
        streamed
    };
    assert!(matches!(failed("server_error"), Outcome::Transient { status: Some(500), .. }));
    assert!(matches!(failed("rate_limit_exceeded"), Outcome::Throttled { overloaded: false, .. }));
    assert!(matches!(failed("invalid_prompt"), Outcome::Rejected { status: 400, .. }));
    assert!(matches!(failed("image_too_small"), Outcome::Transient { .. }));
    for policy in ["bio_policy", "misalignment_policy_violation"] {
        let Outcome::Answered(answer) = failed(policy) else { panic!("{policy}") };
        assert_eq!(answer.finish, Finish::Filter);
    }
}

#[test]
fn a_response_that_was_given_up_is_no_answer() {
    for status in ["failed", "cancelled", "queued", "in_progress"] {
        let body = format!("{{\"status\":\"{status}\",\"output\":[],\"error\":null}}");
        let outcome = decoded(OpenAiResponses, Flavour::Standard, None, &body);
        assert!(matches!(outcome, Outcome::Transient { status: Some(200), .. }), "{status}");
    }
}

#[test]
fn a_server_that_never_repeats_the_prefill_may_say_the_same_again() {
    let body = "{\"choices\":[{\"message\":{\"content\":\"<a>four\"},\"finish_reason\":\"stop\"}]}";
    for (flavour, raw) in [
        (Flavour::LlamaCpp, "<a>four"),
        (Flavour::Standard, "<a>four"),
        (Flavour::Vllm, "<a><a>four"),
        (Flavour::Sglang, "<a><a>four"),
    ] {
        let outcome = decoded(OpenAiChat, flavour, Some("<a>"), body);
        let Outcome::Answered(answer) = outcome else { panic!("{outcome:?}") };
        assert_eq!(answer.text.raw, raw, "{flavour}");
    }
}

#[test]
fn a_figure_of_the_usage_is_money_only_where_it_is_known_to_be() {
    let cost = |flavour, cost: &str| {
        let choice = "{\"message\":{\"content\":\"four\"}}";
        let body = format!("{{\"choices\":[{choice}],\"usage\":{{\"cost\":{cost}}}}}");
        let Outcome::Answered(answer) = decoded(OpenAiChat, flavour, None, &body) else {
            panic!("an answer")
        };
        answer.cost
    };
    assert_eq!(cost(Flavour::Openrouter, "0.00014"), Some(Money(140_000_000)));
    assert_eq!(cost(Flavour::Openrouter, "\"0.00014\""), Some(Money(140_000_000)));
    assert_eq!(cost(Flavour::Openrouter, "0"), Some(Money::ZERO));
    assert_eq!(cost(Flavour::Litellm, "0"), None);
    assert_eq!(cost(Flavour::Groq, "0.00014"), None);
    assert_eq!(cost(Flavour::Standard, "{\"total\":1}"), None);
    assert_eq!(cost(Flavour::Standard, "-1"), None);
}

#[test]
fn xai_counts_reasoning_beside_the_completion_even_where_the_sum_does_not_tell() {
    let body = concat!(
        "{\"choices\":[{\"message\":{\"content\":\"four\"}}],\"usage\":{\"prompt_tokens\":5,",
        "\"completion_tokens\":20,\"completion_tokens_details\":{\"reasoning_tokens\":15}}}",
    );
    for (flavour, output) in [(Flavour::Xai, 35), (Flavour::Standard, 20)] {
        let outcome = decoded(OpenAiChat, flavour, None, body);
        let Outcome::Answered(answer) = outcome else { panic!("{outcome:?}") };
        assert_eq!(answer.usage.output, output, "{flavour}");
    }
}

#[test]
fn llama_cpp_is_told_that_no_call_follows_a_stream_over_its_connection() {
    let headers = |flavour, streaming| {
        let at = Dialect::new(OpenAiChat, "http://127.0.0.1").unwrap().with_flavour(flavour);
        let at = Dialect { streaming, ..at };
        let parameters = Parameters { max_output_tokens: 16, ..Parameters::default() };
        encode(&at, "m-1", &Conversation::default(), &parameters, "key-1").headers
    };
    let close = ("connection".to_owned(), "close".to_owned());
    assert!(headers(Flavour::LlamaCpp, Streaming::Always).contains(&close));
    assert!(!headers(Flavour::LlamaCpp, Streaming::Never).contains(&close));
    assert!(!headers(Flavour::Standard, Streaming::Always).contains(&close));
}
