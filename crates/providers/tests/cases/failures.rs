//! Failures, by what is done about them.

use std::time::Duration;

use iago_providers::Outcome;
use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use serde_json::{Value, json};

use crate::case::{
    by_vendor, credential, failed, misaddressed, misaddressed_by_endpoint, overloaded, raw_reply,
    rejected, reply, throttled, transient,
};
use crate::wire::{Trouble, WORDS, error};

fn with_message(message: &str) -> Value {
    json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}})
}

cases! {
    // errors inside a 200
    a_rate_limit_inside_a_200: |vendor|
        failed(200, vendor, Trouble::RateLimit).with("Retry-After", "7")
        => throttled(Some(Duration::from_secs(7)));
    an_overload_inside_a_200: |vendor| failed(200, vendor, Trouble::Overloaded) => overloaded();
    an_invalid_request_inside_a_200: |vendor| failed(200, vendor, Trouble::Invalid)
        => rejected(400);
    an_unknown_model_inside_a_200: |vendor| failed(200, vendor, Trouble::NoSuchModel)
        => rejected(404);
    a_bad_key_inside_a_200: |vendor| failed(200, vendor, Trouble::BadKey) => credential(401, false);
    a_missing_permission_inside_a_200: |vendor| failed(200, vendor, Trouble::Forbidden)
        => credential(403, false);
    a_spend_limit_inside_a_200: |vendor| failed(200, vendor, Trouble::SpendLimit)
        => credential(429, true);
    a_server_error_inside_a_200: |vendor| failed(200, vendor, Trouble::Server)
        => transient(500, WORDS);
    an_unknown_error_inside_a_200: |vendor| failed(200, vendor, Trouble::Unheard)
        => transient(500, WORDS);
    an_error_code_inside_a_200: |_vendor|
        reply(200, &json!({"error": {"code": 502, "message": WORDS}}))
        => transient(502, WORDS);
    an_error_that_is_only_a_text_inside_a_200: |_vendor| reply(200, &json!({"error": WORDS}))
        => transient(500, WORDS);
    an_error_event_inside_a_200: |vendor|
        raw_reply(200, format!("event: error\ndata: {}\n\n", error(vendor, Trouble::RateLimit)))
        => throttled(None);

    // throttled
    a_429_is_throttled: |vendor| failed(429, vendor, Trouble::RateLimit) => throttled(None);
    a_529_is_an_overload: |vendor| failed(529, vendor, Trouble::Overloaded) => overloaded();
    a_bare_529_is_an_overload: |_vendor| raw_reply(529, WORDS) => overloaded();
    a_503_that_speaks_of_overload_is_one: |vendor| failed(503, vendor, Trouble::Overloaded)
        => overloaded();

    // transient
    status_408: |vendor| failed(408, vendor, Trouble::Unheard) => transient(408, WORDS);
    status_409: |vendor| failed(409, vendor, Trouble::Unheard) => transient(409, WORDS);
    status_500: |vendor| failed(500, vendor, Trouble::Server) => transient(500, WORDS);
    status_502: |vendor| failed(502, vendor, Trouble::Server) => transient(502, WORDS);
    status_503: |vendor| failed(503, vendor, Trouble::Server) => transient(503, WORDS);
    status_504: |vendor| failed(504, vendor, Trouble::Server) => transient(504, WORDS);
    status_520: |_vendor| raw_reply(520, WORDS) => transient(520, WORDS);
    status_521: |_vendor| raw_reply(521, WORDS) => transient(521, WORDS);
    status_522: |_vendor| raw_reply(522, WORDS) => transient(522, WORDS);
    status_523: |_vendor| raw_reply(523, WORDS) => transient(523, WORDS);
    status_524: |_vendor| raw_reply(524, WORDS) => transient(524, WORDS);
    a_page_of_a_load_balancer: |_vendor|
        raw_reply(502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")
        => transient(502, "502 Bad Gateway");
    an_error_event_as_the_body_of_a_500: |vendor|
        raw_reply(500, format!("data: {}\n\ndata: [DONE]\n\n", error(vendor, Trouble::Server)))
        => transient(500, WORDS);
    events_as_the_body_of_a_500_may_tell_of_something_else: |vendor| {
            let mut told = error(vendor, Trouble::Invalid);
            told["error"]["code"] = json!("400");
            raw_reply(500, format!("data: {told}\n\ndata: [DONE]\n\n"))
        } => rejected(400);
    a_failure_without_a_word: |_vendor| raw_reply(500, "")
        => transient(500, "HTTP 500 without a readable message");

    // rejected
    status_400: |vendor| failed(400, vendor, Trouble::Invalid) => rejected(400);
    a_404_for_a_model: |_vendor|
        reply(404, &with_message("model: echo-9"))
        => Outcome::Rejected { status: 404, message: "model: echo-9".to_owned() };
    a_404_with_a_code_for_a_model: |_vendor|
        reply(404, &json!({"error": {"message": WORDS, "code": "model_not_found"}}))
        => rejected(404);
    a_404_for_a_model_that_nobody_serves_behind_openrouter: |_vendor|
        reply(404, &with_message("No endpoints found matching your data policy"))
        => Outcome::Rejected {
            status: 404,
            message: "No endpoints found matching your data policy".to_owned(),
        };
    a_404_for_what_azure_calls_a_deployment: |_vendor|
        reply(404, &json!({"error": {"message": WORDS, "code": "DeploymentNotFound"}}))
        => rejected(404);
    status_413: |_vendor| raw_reply(413, WORDS) => rejected(413);
    status_422: |_vendor|
        reply(422, &json!({"detail": [{"loc": ["body"], "msg": WORDS, "input": "the prompt"}]}))
        => rejected(422);
    a_conversation_that_is_too_long: |vendor| failed(400, vendor, Trouble::TooLong)
        => rejected(400);

    // the address
    a_404_that_names_no_model: |_vendor| reply(404, &json!({"detail": WORDS}))
        => misaddressed_by_endpoint(WORDS);
    a_404_of_an_entity: |_vendor| reply(404, &with_message("Requested entity was not found."))
        => misaddressed_by_endpoint("Requested entity was not found.");
    a_404_of_a_function: |_vendor|
        reply(404, &json!({"status": 404, "detail": "Function 'a': Not found for account 'b'"}))
        => misaddressed_by_endpoint("Function 'a': Not found for account 'b'");
    a_404_of_a_web_framework: |_vendor| reply(404, &json!({"detail": "Not Found"}))
        => misaddressed(404, "Not Found");
    a_404_of_a_gateway: |_vendor| reply(404, &json!({"message": "no Route matched"}))
        => misaddressed(404, "no Route matched");
    a_404_in_json_that_names_the_path: |vendor| {
            let path = by_vendor(vendor, "/v1/messages", "/v1/chat/completions", "/v1/responses");
            reply(404, &with_message(&format!("Invalid URL (POST {path})")))
        } => misaddressed(404, by_vendor(
            vendor,
            "Invalid URL (POST /v1/messages)",
            "Invalid URL (POST /v1/chat/completions)",
            "Invalid URL (POST /v1/responses)",
        ));
    a_404_that_names_the_path: |vendor| {
            let path = by_vendor(vendor, "/v1/messages", "/v1/chat/completions", "/v1/responses");
            raw_reply(404, format!("Cannot POST /models{path}"))
        } => misaddressed(404, by_vendor(
            vendor,
            "Cannot POST /models/v1/messages",
            "Cannot POST /models/v1/chat/completions",
            "Cannot POST /models/v1/responses",
        ));
    a_404_as_a_page: |_vendor|
        raw_reply(404, "<html><head><title>404 Not Found</title></head></html>")
        => misaddressed(404, "404 Not Found");
    a_404_without_a_word: |_vendor| raw_reply(404, "")
        => misaddressed(404, "HTTP 404 without a readable message");
    a_path_that_takes_no_post: |_vendor| raw_reply(405, WORDS) => misaddressed(405, WORDS);
    a_proxy_that_wants_a_password: |_vendor| raw_reply(407, WORDS) => misaddressed(407, WORDS);
    a_redirect: |_vendor| raw_reply(308, WORDS) => misaddressed(308, WORDS);
    a_page_in_place_of_an_answer: |_vendor|
        raw_reply(200, "\n<!DOCTYPE html><title>Welcome</title><p>Hello!</p>")
        => misaddressed(200, "a web page: Welcome");
    should_retry_turns_a_wrong_address_into_a_retry: |_vendor|
        raw_reply(404, WORDS).with("X-Should-Retry", "true")
        => transient(404, WORDS);

    // credential
    status_401: |vendor| failed(401, vendor, Trouble::BadKey) => credential(401, false);
    status_402: |vendor| failed(402, vendor, Trouble::Unheard) => credential(402, true);
    status_403: |vendor| failed(403, vendor, Trouble::Forbidden) => credential(403, false);
    a_spend_limit_that_looks_like_a_rate_limit: |vendor| failed(429, vendor, Trouble::SpendLimit)
        => credential(429, true);
    a_spend_limit_as_a_bad_request: |_vendor|
        reply(400, &with_message("You have reached your specified API usage limits."))
        => Outcome::Credential {
            status: 400,
            message: "You have reached your specified API usage limits.".to_owned(),
            spend: true,
        };

    // the endpoint's own opinion
    should_retry_turns_a_rejection_into_a_retry: |vendor|
        failed(400, vendor, Trouble::Invalid).with("X-Should-Retry", "true")
        => transient(400, WORDS);
    should_retry_turns_a_refused_key_into_a_retry: |vendor|
        failed(403, vendor, Trouble::Forbidden).with("x-should-retry", "true")
        => transient(403, WORDS);
    should_retry_leaves_a_rate_limit: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("x-should-retry", "true")
        => throttled(None);
    should_retry_does_not_conjure_money: |vendor|
        failed(429, vendor, Trouble::SpendLimit).with("x-should-retry", "true")
        => credential(429, true);
    should_not_retry_turns_a_server_error_into_a_rejection: |vendor|
        failed(500, vendor, Trouble::Server).with("x-should-retry", "false")
        => rejected(500);
    should_not_retry_turns_an_overload_into_a_rejection: |vendor|
        failed(529, vendor, Trouble::Overloaded).with("x-should-retry", "false")
        => rejected(529);
    should_not_retry_a_429_pauses_the_credential_and_burns_no_job: |vendor|
        failed(429, vendor, Trouble::RateLimit).with("x-should-retry", "false")
        => credential(429, false);
    an_opinion_that_is_none_is_ignored: |vendor|
        failed(500, vendor, Trouble::Server).with("x-should-retry", "maybe")
        => transient(500, WORDS);
}
