//! When the next call of a pool may start.
//!
//! A pure machine, one for all workers, since an endpoint limits an account and not a process. A worker with a free
//! slot *asks*; the oldest ask that fits in all its pools is *granted*, which charges it there; the end of its call
//! settles the charge and tells what there is to learn. An ask that does not fit holds back younger ones only in the
//! pools that refuse it, so that a blocked pool slows no other and a large call is not starved by small ones. While it
//! waits for one pool and not for long, no younger one may make it wait for another: with all routes of two pools of 100
//! and 37 calls a minute saturated, ten minutes let 734 through that draw from the first, 184 from the second, and 183
//! from both.
//!
//! What is known is held to exactly: no sliding minute of the endpoint holds more than the limit, if a call arrives
//! within [`SLACK`] of its grant and takes what it was said to take; starts are spread evenly. What is not known is
//! found out: from headers, from how many calls were taken before one was throttled, and, apart from that, from
//! broken, refused and slow calls, how many may be under way at once.
//!
//! Dollars by the day are kept free at the grant, as much as the call can cost at most, so that the limit is never
//! passed; where that is not known, twice the mean of late, and then it can be passed by the error of that guess.
//!
//! Measured by `cargo run --release -p iago-ledger --example discovery`, in virtual time with ten seeds, against
//! endpoints that count a sliding minute and such that refill a bucket of 10 s or 1 s of the flow. Found out, of the
//! limit from the second minute on, and of calls, throttled from the third minute on and before:
//!
//! | limit | endpoint | used | least in a minute | throttled | in the first 2 minutes, at most |
//! |---|---|---|---|---|---|
//! | 60 | minute | 97–99% | 92% | 1.7% | 8% |
//! | 60 | bucket of 10 s | 100% | 98% | 3.5–3.7% | 24% |
//! | 60 | bucket of 1 s | 93% | 85% | 2.4% | 26% |
//! | 600 | any | 99–100% | 98% | 0.6–0.9% | 4% |
//! | 6,000 | any | 99–100% | 95% | 0.1–0.2% | 1% |
//!
//! Thirty seconds after the minute of a change, limits that were halved or doubled are used to 98–100%; from the
//! second minute after a restart that forgot all calls, to 95–100%. A known limit is used to 99%, with nothing
//! throttled, though the driver wakes up to 100 ms late. The exception of all this is a bucket that holds a single call
//! (a second's flow of 60 a minute): each start that is a hundredth of a second early is refused, and each that is late
//! is lost. The first refusals of a known limit teach that, and by how much ways to the endpoint differ: starts are
//! then never closer than the flow says, and up to 0.045 s further apart. With ways that differ by up to 20 ms, 97.7% of
//! it is used where the driver is up to 5 ms late, 93.7% at 100 ms, with one or two calls throttled in eleven minutes
//! (each counted as a call); unknown, 93%; after a doubling, 88%.
//!
//! Refusals that do not get fewer when the rate is cut are taken for noise, from 2% to a third of the calls, and only half
//! as much again as they are counts as a limit. Of an endpoint that refuses 5% at random and asks for a pause of a second
//! each time, 65% to 99% is used in the first 15 minutes of what the pauses leave (40 seeds), and 90% and more from the
//! tenth on. Fewer refusals at random may hold the rate down for longer.
//!
//! What it does not do: it holds no slots (the concurrency that it learns is divided by others), repeats no call,
//! knows no sweep and no priority, stores nothing, and reads no clock.
//!
//! ```
//! use std::time::Duration;
//!
//! use iago_ledger::{Action, Ask, Event, Ledger, Limits};
//! use iago_sweep::{Need, PoolId, WorkerId};
//!
//! let limits = Limits { requests_per_minute: Some(600), ..Limits::default() };
//! let mut ledger = Ledger::new(Duration::ZERO, vec![limits]);
//! let mut actions = Vec::new();
//! let ask = Ask { number: 1, pools: vec![PoolId(0)], need: Need { input: 900, output: 300 }, certain: 0, cost_most: None };
//! let mut now = Duration::ZERO;
//! ledger.apply(now, Event::Asked(WorkerId(1), ask), &mut actions);
//! while actions.is_empty() {
//!     now = ledger.next_moment(now).expect("something waits");
//!     ledger.grant(now, &mut actions);
//! }
//! assert_eq!(actions, [Action::Grant(WorkerId(1), 1)]);
//! ```

#![warn(missing_docs)]

mod asks;
mod books;
mod claims;
mod concurrency;
mod day;
mod discovery;
mod events;
mod ledger;
mod limits;
mod meter;
mod others;
mod pace;
mod pool;
mod show;
mod state;
mod window;

pub use concurrency::{MOST_CONCURRENCY, UNKNOWN_CONCURRENCY};
pub use events::{Action, Ask, Ended, Event};
pub use ledger::Ledger;
pub use limits::{Limits, UsedBefore};
pub use state::{PoolState, QuantityState, Source};
pub use window::SLACK;
