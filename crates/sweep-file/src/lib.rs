//! From a sweep file to what is sent: the file's text becomes a checked [`Plan`](iago_sweep::Plan); a plan, a
//! coordinate and the answers before it become a conversation, a score, or the values that a program is
//! given.
//!
//! A sweep file is a scientific instrument, so nothing in it is passed over: a key that nobody
//! reads, a variable that no text uses, a judge that no stage asks, an outcome that cannot happen
//! and a contrast that would pool are all faults, each with file, line, key and the way out.
//! Client and coordinator compile with this same code, and compare the hash of the plan.
//!
//! It deliberately opens no file: [`SweepFile::references`] says what it needs, and the caller
//! brings it. It knows no endpoint and no price, counts no tokens and runs no program.
//!
//! The language itself is described in `config/sweeps/README.md`, whose examples are compiled by a test
//! of this crate. What follows are the decisions behind it that the code relies on.
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
//! - `[texts.*]` name a text once. One can be another one with `edits`, each of which has to match
//!   exactly once; the plan keeps the difference for people. A message that says `text = "…"` fills
//!   in its variables, a level that says `{ text = "…" }` sends it as it stands.
//! - A variable is the model's, else the level's, else the one that a text's `set` gives to all.
//! - A text stands alone: `include`, `import` and `extends` are not available.
//!
//! # Prompts and cells
//!
//! - Of the rows of a prompt set, `where` leaves some, `duplicates` settles those that send the same,
//!   `subset` draws from what is left, and a pilot takes the first of that. A cell with a cap asks
//!   no others of them than it does in the whole.
//! - Every model meets every condition unless an `exclude` says otherwise; `[[cells]]` caps prompts and
//!   repeats and changes parameters. What one table says of a parameter stands whole: `extra` of a model
//!   takes the place of that of `[defaults]`, and is not joined to it. A model with `steps` is one model for each of them: `rl@400`.
//!
//! # Stages
//!
//! - A stage is `of` the one whose answer it needs. Where its `when` reads the label of another one it is
//!   opened by that; one label and no more, because a job opens when one result comes in. Stages stand in
//!   the plan behind all that they wait for, whatever their order in the file.
//! - A judge's text may show what `sees` names and nothing else, and never what tells a condition.
//! - What a number or a choice is compared with is tried for each prompt, as far as no answer decides it:
//!   beside a text that is neither, every answer would be unknown.
//! - A part that an answer lacks makes a score unknown, never a no.
//! - One `[[contrasts]]` with several levels in `to`, or with `pairs`, is as many contrasts in the plan.
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
//! assert_eq!(file.references().prompts, ["greetings.jsonl"]);
//!
//! let columns = BTreeMap::from([("text".to_owned(), "Hello!".to_owned())]);
//! let prompts = [PromptColumns { id: "hello".to_owned(), columns }];
//! let plan = file.compile(&BTreeMap::new(), &prompts)?;
//!
//! let grader = Grader::new(&plan).map_err(|_| "compiled plans can be graded")?;
//! let renderer = Renderer::new(&plan)?;
//! let said = renderer.render(&plan, &grader, Coordinate::default(), &[])?;
//! assert_eq!(said.turns[0].text, "Hello!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs)]

mod sweep_file;

mod fault;
mod render;
mod warnings;

mod check;
mod read;
mod reader;
mod refused;
mod template;
mod texts;
mod tree;
mod vendor_fields;

pub use fault::{Fault, SweepFileErrors};
pub use read::grid::table_of;
pub use refused::Refused;
pub use render::{RenderError, Renderer};
pub use sweep_file::{Duplicates, PromptColumns, References, SweepFile};
pub use warnings::warnings;
