//! Which bytes show that an endpoint still works on an answer.

use iago_providers::EventWatch;
use iago_providers::Protocol::{self, AnthropicMessages, OpenAiChat, OpenAiResponses};
use proptest::prelude::*;

fn carries(protocol: Protocol, bytes: &str) -> bool {
    EventWatch::new(protocol).push(bytes.as_bytes())
}

/// What keeps a connection open and says nothing.
const SILENCE: [(Protocol, &str); 12] = [
    (OpenAiChat, ": keep-alive\n\n"),
    (OpenAiChat, ": OPENROUTER PROCESSING\r\n\r\n"),
    (OpenAiChat, "\n\n \n"),
    (OpenAiChat, "data: [DONE]\n\n"),
    (OpenAiChat, "data:\n\n"),
    (
        OpenAiChat,
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    ),
    (OpenAiChat, "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"),
    (OpenAiChat, "event: message\nid: 7\nretry: 3000\n"),
    (AnthropicMessages, "event: ping\ndata: {\"type\": \"ping\"}\n\n"),
    (AnthropicMessages, "event: content_block_delta\n"),
    (OpenAiResponses, "event: response.in_progress\ndata: {\"type\":\"response.in_progress\"}\n\n"),
    (OpenAiResponses, "data: {\"type\":\"response.queued\",\"sequence_number\":3}\n\n"),
];

const SPEECH: [(Protocol, &str); 10] = [
    (OpenAiChat, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fo\"}}]}\n\n"),
    (OpenAiChat, "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n"),
    (OpenAiChat, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
    (OpenAiChat, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n"),
    (OpenAiChat, "data: {\"error\":{\"message\":\"no\"}}\n\n"),
    (OpenAiChat, "data: {oops}\n\n"),
    (AnthropicMessages, "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"fo\"}}\n\n"),
    (AnthropicMessages, "event: error\ndata: {\"type\":\"error\"}\n\n"),
    (OpenAiResponses, "data: {\"type\":\"response.output_text.delta\",\"delta\":\"fo\"}\r"),
    (OpenAiResponses, "\n {\"id\":\"resp_1\""), // no stream at all
];

#[test]
fn what_only_keeps_the_connection_open_carries_nothing() {
    for (protocol, bytes) in SILENCE {
        assert!(!carries(protocol, bytes), "{protocol}: {bytes}");
    }
}

#[test]
fn what_is_said_carries_something() {
    for (protocol, bytes) in SPEECH {
        assert!(carries(protocol, bytes), "{protocol}: {bytes}");
    }
}

#[test]
fn a_line_that_is_longer_than_anything_said_to_keep_alive_carries_something_before_it_ends() {
    let mut watch = EventWatch::new(AnthropicMessages);
    assert!(!watch.push(b"data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\""));
    assert!(watch.push(&[b'a'; 20_000]));
    assert!(watch.push(b"a"));
    assert!(watch.push(b"\"}}\n"));
    assert!(!watch.push(b"\n: ping\n"));
}

proptest! {
    #[test]
    fn pieces_carry_something_if_and_only_if_the_whole_does(
        case in 0..SILENCE.len() + SPEECH.len() - 1,
        size in 1_usize..9,
    ) {
        let (protocol, bytes) = SILENCE.iter().chain(&SPEECH).copied().nth(case).expect("a case");
        let mut watch = EventWatch::new(protocol);
        let carried = bytes.as_bytes().chunks(size).fold(false, |any, piece| watch.push(piece) | any);
        prop_assert_eq!(carried, carries(protocol, bytes));
    }

    #[test]
    fn whatever_came_before_a_comment_on_a_line_of_its_own_carries_nothing(
        pieces in prop::collection::vec(any::<Vec<u8>>(), 0..9),
        comment in "[^\r\n]{0,40}",
    ) {
        for protocol in Protocol::ALL {
            let mut watch = EventWatch::new(*protocol);
            for piece in &pieces {
                watch.push(piece);
            }
            watch.push(b"\n");
            let comment = format!(":{comment}\r\n\r\n");
            prop_assert!(!watch.push(comment.as_bytes()));
        }
    }
}
