//! Bodies that are odd, and bodies that are none.

use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use iago_sweep::Finish;
use serde_json::json;

use crate::case::{answer, answered, by_vendor, raw_reply, reply, transient};
use crate::wire::{Ending, said};

/// An answer whose text is these JSON characters, however odd.
fn with_source(vendor: Protocol, source: &str) -> String {
    said(vendor, "PLACE", Ending::Finished).to_string().replace("PLACE", source)
}

cases! {
    a_lone_surrogate_stays_as_its_escape: |vendor|
        raw_reply(200, with_source(vendor, r"a\ud800b \ud83d\ude00"))
        => {
            let mut answer = answer("a\\ud800b 😀", Finish::Stop);
            answer.text.altered = true;
            answered(answer)
        };
    a_nul_stays_a_nul: |vendor| raw_reply(200, with_source(vendor, r"a\u0000b"))
        => answered(answer("a\0b", Finish::Stop));
    blank_lines_before_the_body_are_kept_alive_with: |vendor|
        raw_reply(200, format!("\u{feff}\r\n\n  {}", said(vendor, "four", Ending::Finished)))
        => answered(answer("four", Finish::Stop));
    a_cut_off_body_is_transient: |vendor| raw_reply(200, by_vendor(vendor,
            r#"{"content":[{"type":"text","text":"fo"#, r#"{"choices":[{"message":{"content":"fo"#,
            r#"{"output":[{"content":[ {"text":  "fo"#))
        => transient(200, "body is cut-off JSON: EOF while parsing a string at line 1 column 37");
    an_empty_body_is_transient: |_vendor| raw_reply(200, "")
        => transient(200, "body is cut-off JSON: EOF while parsing a value at line 1 column 0");
    a_body_that_is_not_json_is_transient: |_vendor| raw_reply(200, "{oops}")
        => transient(200, "body is not JSON: key must be a string at line 1 column 2");
    a_body_that_is_not_text_is_transient: |_vendor| raw_reply(200, b"\xff{}")
        => transient(200, "body is not UTF-8: invalid utf-8 sequence of 1 bytes from index 0");
    a_body_without_an_answer_is_transient: |vendor| reply(200, &json!({"choices": []}))
        => transient(200, by_vendor(vendor,
            "the reply has no content", "the reply has no choices", "the reply has no output"));
}
