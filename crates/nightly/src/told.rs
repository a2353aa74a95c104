//! What is told of a night, and of many: in a terminal, under a pull request, to a build server, in a message.
//!
//! All of it is made from a [`Morning`](crate::Morning) as it was stored, so that nobody hears of a night
//! that it was otherwise than somebody else did. SIMULATED stands in the first and the last line wherever
//! planted behaviour was counted. Names and ids come from files and endpoints of others: wherever they are
//! told, they are made plain and escaped.

mod causes;
mod clock;
mod facts;
mod gate;
mod headline;
mod history;
mod junit;
mod markdown;
mod message;
mod notices;
mod numbers;
mod slack;
mod terminal;
mod text;

pub use history::{RunShown, history_lines};
pub use junit::junit;
pub use markdown::{FlipShown, markdown};
pub use message::message;
pub use notices::notices;
pub use slack::slack;
pub use terminal::morning_lines;

/// The last line of everything that counts planted behaviour.
const SIMULATED: &str = "SIMULATED: planted behaviour, not a finding about any model";
