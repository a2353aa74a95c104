//! What is told of nights: in a terminal, as Markdown, as JUnit XML, in messages, and over many nights.

mod history;
mod junit;
mod markdown;
mod messages;
mod mornings;
#[path = "../nightly/planted.rs"]
mod planted;
mod terminal;
