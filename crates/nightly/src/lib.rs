//! What a nightly evaluation decides: when it is due, what becomes of each due time, and what a night
//! comes to.
//!
//! A [`Schedule`] says which sweep runs when. The [`Agenda`] holds all of them and says what is to be
//! done now, as data: whoever drives it commits that and then does it. [`judge`] makes a [`Verdict`] of a
//! [`Night`]; [`look`] says whether more repeats are to be asked first. Nothing here reads a clock, a file
//! or a store, runs a sweep, or tells anybody; time-zone data is part of the program.
//!
//! A pass is a claim like any other, and the one that is easiest to make by mistake: it takes an interval
//! that excludes a loss beyond the margin. What stands in the way of a verdict on the model has a word of
//! its own, and none of these words is a pass. The README has simulated nights.

#![warn(missing_docs)]

mod agenda;
mod cause;
mod drift;
mod gate;
mod history;
mod judge_check;
mod levels;
mod loss;
mod model_check;
mod morning;
mod night;
mod recommend;
mod schedule;
mod settle;
mod telling;
mod timetable;
mod told;
mod verdict;
mod word;

pub use agenda::{
    Action, Agenda, Event, Missed, Origin, Refusal, Run, RunKey, RunState, Skipped, Standing,
    Stored,
};
pub use cause::{BaselineFault, Cause, MISSING_MAX};
pub use drift::{Drift, Habit, Habits, Moved, find_drift};
pub use gate::{Finding, GateVerdict};
pub use history::{Flipping, NightTallies, Streak, find_flipping, find_streaks, mark_nights};
pub use judge_check::{Anchor, JUDGE_LEVEL, JudgeChange, JudgeCheck, JudgeFinding, Noise, Now};
pub use levels::Levels;
pub use model_check::{Echoes, ModelCheck, OtherModel};
pub use morning::{Against, Agreement, Circumstances, Flip, Morning, Progress, Value, Yes};
pub use night::{
    Baseline, Comparison, Counts, Missing, Night, RateCount, Repeats, RunEnd, Sides, SumCount,
};
pub use recommend::{Expected, Recommendation, Size, Values, foresee, recommend};
pub use schedule::{
    Content, DoneBy, Fault, FaultyTerms, Length, MessageFormat, NameError, Overlap, PinnedBaseline,
    Priority, Schedule, ScheduleName, Tell, TellOn, Terms, diff,
};
pub use settle::{Power, Settle};
pub use timetable::{Timetable, TimetableError};
pub use told::{
    FlipShown, RunShown, history_lines, junit, markdown, message, morning_lines, notices, slack,
};
pub use verdict::{Step, Verdict, judge, judge_at, look, look_at};
pub use word::Word;
