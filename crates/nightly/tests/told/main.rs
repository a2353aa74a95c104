//! What is told of nights: in a terminal, as Markdown, as JUnit XML, in messages, and over many nights.

mod history;
mod junit;
mod markdown;
mod messages;
mod mornings;
#[path = "../nightly/planted.rs"]
#[expect(dead_code, reason = "not all that tests of verdicts plant is told of here")]
mod planted;
mod terminal;
