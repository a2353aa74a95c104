//! Stored answers as files for others: documents to fine-tune a model with, and transcripts for
//! people to label without knowing where they come from.
//!
//! Both are one JSON object a line. A [`Document`] carries its origin and a [`Canary`] in its metadata,
//! so that nobody trains on it by accident and whoever finds it knows what it is. A [`Draw`] comes in
//! two halves: what raters see, which tells neither model nor condition, and the key to it, which
//! [`join_labels`] needs to make a gold file of what they wrote.
//!
//! It reads no store and writes no file, and draws nothing: which transcripts are drawn is settled
//! where they are stored. Their order is a function of the seed.
//!
//! ```
//! use iago_export::{Canary, Document, Metadata};
//!
//! let canary = Canary::of_plan("4be1…");
//! let document = Document {
//!     text: "The lab published its plans in spring.",
//!     metadata: Metadata {
//!         canary: canary.as_str(),
//!         synthetic: true,
//!         sweep: "documents",
//!         plan: "4be1…",
//!         model: "writer",
//!         condition: "only",
//!         prompt: "seed-01",
//!         repeat: 0,
//!         stage: "final",
//!         simulated: true,
//!     },
//! };
//! assert!(document.line().starts_with(r#"{"text":"The lab published"#));
//! ```

#![warn(missing_docs)]

mod blind;
mod document;
mod join;

pub use blind::{Draw, Drawn, Task, draw};
pub use document::{Canary, Document, Metadata};
pub use join::{JoinError, Joined, join_labels};
