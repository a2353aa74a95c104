//! What else is not as it was: errors, refusals, latency, length, cost.
//!
//! These are for people to look at, and never a verdict: none of them says that a model got worse.

use std::collections::BTreeMap;

use iago_statistics::hypergeometric_exact;
use serde::{Deserialize, Serialize};

/// A share has moved if chance alone would move it so far in one of so many pairs of nights.
const SHARE_LEVEL: f64 = 0.01;

/// A number has moved if it did so by more than this part of what it was.
const NUMBER_MOVED: f64 = 0.1;

/// What one run was like, over all its transcripts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Habits {
    /// Transcripts.
    pub transcripts: u64,
    /// Of them, those that failed, by class.
    pub failed: BTreeMap<String, u64>,
    /// Of them, those that were refused.
    pub refused: u64,
    /// Seconds of a call, on average.
    pub latency: Option<f64>,
    /// Output tokens of a call, on average.
    pub output_tokens: Option<f64>,
    /// Dollars of the run.
    pub cost: Option<f64>,
}

/// Something that may have moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// What it is.
    pub of: Habit,
    /// In the baseline.
    pub before: f64,
    /// Tonight.
    pub tonight: f64,
    /// Which way it went.
    pub moved: Moved,
}

/// What may drift.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Habit {
    /// The share of transcripts that failed with this class.
    Failed(String),
    /// The share of transcripts that were refused.
    Refused,
    /// Seconds of a call.
    Latency,
    /// Output tokens of a call.
    OutputTokens,
    /// Dollars of a transcript.
    Cost,
}

iago_sweep::words! {
    /// Which way something went.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    Moved, "way", {
        /// By no more than it does anyway.
        NotMuch = "not much",
        /// There is more of it.
        Up = "up",
        /// There is less of it.
        Down = "down",
    }
}

/// Everything that both runs tell, in a fixed order: failures by class, refusals, latency, length, cost.
///
/// A share has moved if an exact test at 1% says so; transcripts of one prompt resemble each other, and that
/// is not in it. A number has moved if it did by more than a tenth.
pub fn find_drift(before: &Habits, tonight: &Habits) -> Vec<Drift> {
    let classes: std::collections::BTreeSet<&String> =
        before.failed.keys().chain(tonight.failed.keys()).collect();
    let failed = |habits: &Habits, class: &str| {
        (habits.failed.get(class).copied().unwrap_or(0), habits.transcripts)
    };
    let failures = classes.into_iter().filter_map(|class| {
        share(Habit::Failed(class.clone()), failed(before, class), failed(tonight, class))
    });
    let refused = |habits: &Habits| (habits.refused, habits.transcripts);
    let per_transcript = |habits: &Habits| {
        let transcripts = Some(habits.transcripts).filter(|transcripts| *transcripts > 0)?;
        Some(habits.cost? / transcripts as f64)
    };
    let others = [
        share(Habit::Refused, refused(before), refused(tonight)),
        number(Habit::Latency, before.latency, tonight.latency),
        number(Habit::OutputTokens, before.output_tokens, tonight.output_tokens),
        number(Habit::Cost, per_transcript(before), per_transcript(tonight)),
    ];
    failures.chain(others.into_iter().flatten()).collect()
}

fn share(of: Habit, before: (u64, u64), tonight: (u64, u64)) -> Option<Drift> {
    if before.1 == 0 || tonight.1 == 0 {
        return None;
    }
    let share = |(yes, of): (u64, u64)| yes as f64 / of as f64;
    let p = hypergeometric_exact(tonight, (before.0 + tonight.0, before.1 + tonight.1));
    let (before, tonight) = (share(before), share(tonight));
    Some(Drift { of, before, tonight, moved: moved(before, tonight, p <= SHARE_LEVEL) })
}

fn number(of: Habit, before: Option<f64>, tonight: Option<f64>) -> Option<Drift> {
    let (before, tonight) = (before?, tonight?);
    let is_far = (tonight - before).abs() > NUMBER_MOVED * before.abs();
    Some(Drift { of, before, tonight, moved: moved(before, tonight, is_far) })
}

fn moved(before: f64, tonight: f64, is_far: bool) -> Moved {
    match (is_far, tonight > before) {
        (false, _) => Moved::NotMuch,
        (true, true) => Moved::Up,
        (true, false) => Moved::Down,
    }
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { of, before, tonight, moved } = self;
        let percent = |share: &f64| format!("{:.1}%", 100.0 * share);
        let (name, before, tonight) = match of {
            Habit::Failed(class) => {
                (format!("failed ({class})"), percent(before), percent(tonight))
            }
            Habit::Refused => ("refused".to_owned(), percent(before), percent(tonight)),
            Habit::Latency => {
                ("latency".to_owned(), format!("{before:.2} s"), format!("{tonight:.2} s"))
            }
            Habit::OutputTokens => {
                ("output tokens".to_owned(), format!("{before:.0}"), format!("{tonight:.0}"))
            }
            Habit::Cost => (
                "cost of a transcript".to_owned(),
                format!("${before:.4}"),
                format!("${tonight:.4}"),
            ),
        };
        write!(f, "{name} {before} → {tonight} ({moved})")
    }
}
