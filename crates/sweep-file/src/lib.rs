//! From a sweep file to what is sent: the file's text becomes a checked [`Plan`](iago_sweep::Plan), and a
//! plan and a coordinate become a conversation.
//!
//! A sweep file is a scientific instrument, so nothing in it is passed over: a key that nobody
//! reads, a variable that no text uses, a judge that no stage asks, an outcome that cannot happen
//! and a contrast that would pool are all faults, each with file, line, key and the way out.
//! Client and coordinator compile with this same code, and compare the hash of the plan.
//!
//! It deliberately opens no file: [`SweepFile::references`] says what it needs, and the caller
//! brings it. It knows no endpoint and no price, and counts no tokens.
//!
//! # Texts
//!
//! - Strings are literal. `{ file = "…" }` gives a variable the text of a file; `file = "…"` is a
//!   template in a file, `template = "…"` one in place. Paths are relative to the sweep file.
//! - The line break that ends a file's last line is no part of its text; one that is written in
//!   place is.
//! - Templates are strict: an undefined variable is an error in every branch, taken or not. A
//!   message that needs a variable which some conditions lack has a `when`.
//! - Values are text and never templates: a request that holds `{{ … }}` is sent as it stands.
//! - A text stands alone: `include`, `import` and `extends` are not available.
//!
//! # Use
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use iago_grading::Grader;
//! use iago_sweep::Coordinate;
//! use iago_sweep_file::{PromptColumns, Renderer, SweepFile};
//!
//! let text = r#"
//! name = "greeting"
//! prompts = { path = "greetings.jsonl", id = "id", fields = { request = "text" } }
//!
//! [models.small]
//! endpoint = "simulated"
//! id = "sim-null"
//! max_output_tokens = 100
//!
//! [stages.reply]
//! kind = "generate"
//! messages = [{ role = "user", template = "{{ request }}" }]
//!
//! [[outcomes]]
//! name = "answered"
//! when = "reply.parse == 'ok'"
//! [[outcomes]]
//! name = "no answer"
//! when = "reply.parse != 'ok'"
//! "#;
//! let file = SweepFile::parse("greeting.toml", text)?;
//! assert_eq!(file.references().prompts, "greetings.jsonl");
//!
//! let columns = BTreeMap::from([("text".to_owned(), "Hello!".to_owned())]);
//! let prompts = [PromptColumns { id: "hello".to_owned(), columns }];
//! let plan = file.compile(&BTreeMap::new(), &prompts)?;
//!
//! let grader = Grader::new(&plan).map_err(|_| "compiled plans can be graded")?;
//! let renderer = Renderer::new(&plan)?;
//! let said = renderer.render(&plan, &grader, Coordinate::default(), &BTreeMap::new())?;
//! assert_eq!(said.turns[0].text, "Hello!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs)]

mod sweep_file;

mod fault;
mod render;
mod warnings;

mod check;
mod nearest;
mod read;
mod reader;
mod template;
mod tree;

pub use fault::{Fault, SweepFileErrors};
pub use render::{RenderError, Renderer};
pub use sweep_file::{PromptColumns, References, SweepFile};
pub use warnings::warnings;
