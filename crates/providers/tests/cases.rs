//! The one list of cases that every protocol must pass. Each case is told once and runs, and
//! fails, under its own name for each protocol: `answers::a_refusal_is_an_answer::openai_chat`.

/// A reply and the outcome that it must have, in each protocol.
macro_rules! cases {
    ($($name:ident: |$vendor:ident| $reply:expr => $expected:expr;)*) => { $(
        mod $name {
            use super::*;

            fn check($vendor: Protocol) {
                assert_eq!($reply.decoded($vendor), $expected);
            }

            #[test]
            fn anthropic_messages() {
                check(AnthropicMessages);
            }

            #[test]
            fn openai_chat() {
                check(OpenAiChat);
            }

            #[test]
            fn openai_responses() {
                check(OpenAiResponses);
            }
        }
    )* };
}

#[path = "cases/answers.rs"]
mod answers;
#[path = "cases/bytes.rs"]
mod bytes;
#[path = "cases/case.rs"]
mod case;
#[path = "cases/failures.rs"]
mod failures;
#[path = "cases/spent.rs"]
mod spent;
#[path = "cases/streams.rs"]
mod streams;
#[path = "cases/told.rs"]
mod told;
#[path = "cases/waits.rs"]
mod waits;
#[path = "cases/wire.rs"]
mod wire;
