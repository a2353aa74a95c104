//! What a night comes to: gates, verdicts, what would settle them, and how large a night has to be.
//!
//! Everything here is a function of its arguments. [`judge`] makes a [`Verdict`] of a [`Night`]; [`look`]
//! says whether more repeats are to be asked first. Nothing here reads a store, a clock or a file, runs a
//! sweep, or tells anybody.
//!
//! A pass is a claim like any other, and the one that is easiest to make by mistake: it takes an interval
//! that excludes a loss beyond the margin. What stands in the way of a verdict on the model has a word of
//! its own, and none of these words is a pass. The README has simulated nights.

#![warn(missing_docs)]

mod cause;
mod drift;
mod gate;
mod history;
mod judge_check;
mod levels;
mod loss;
mod model_check;
mod night;
mod recommend;
mod settle;
mod telling;
mod verdict;
mod word;

pub use cause::{BaselineFault, Cause, MISSING_MAX};
pub use drift::{Drift, Habit, Habits, Moved, find_drift};
pub use gate::{Finding, GateVerdict};
pub use history::{Flipping, NightTallies, Run, find_flipping, find_runs, mark_nights};
pub use judge_check::{Anchor, JUDGE_LEVEL, JudgeChange, JudgeCheck, JudgeFinding, Noise, Now};
pub use levels::Levels;
pub use model_check::{Echoes, ModelCheck, OtherModel};
pub use night::{
    Baseline, Comparison, Counts, Missing, Night, RateCount, Repeats, RunEnd, Sides, SumCount,
};
pub use recommend::{Expected, Recommendation, Size, Values, recommend};
pub use settle::{Power, Settle};
pub use verdict::{Step, Verdict, judge, judge_at, look, look_at};
pub use word::Word;
