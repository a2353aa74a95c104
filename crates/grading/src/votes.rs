//! Several votes → one decision.

use iago_sweep::{Label, Votes};

/// What a judge stage came to for one transcript.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// One of its question's words.
    Label(String),
    /// It abstained, or too few votes were valid. Never a class.
    Unknown,
}

impl From<Label> for Decision {
    fn from(label: Label) -> Self {
        match label {
            Label::Word(word) => Self::Label(word),
            Label::Abstained => Self::Unknown,
        }
    }
}

/// A counted vote.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// `yes`, `no`, or unknown where the quorum was not met.
    pub decision: Decision,
    /// The share of the valid votes that said `yes`, from 0 to 1. `None` where the decision is unknown: fewer votes than
    /// the quorum are no measurement.
    pub share: Option<f64>,
    /// How many votes came to a word.
    pub valid: u32,
    /// How many did not: they abstained, or their jobs failed.
    pub abstained: u32,
}

/// Counts the votes of one judge stage on one transcript: `labels` has one entry for each vote that came in, and
/// `failed` says how many ended without an answer.
///
/// The decision is `yes` where the share of `yes` among the valid votes is at least the threshold, and `no` otherwise.
pub fn count_votes(votes: &Votes, labels: &[Label], failed: u32) -> Tally {
    let (mut yes, mut valid, mut abstained) = (0u32, 0u32, failed);
    for label in labels {
        match label {
            Label::Word(word) => {
                valid += 1;
                yes += u32::from(word == "yes");
            }
            Label::Abstained => abstained += 1,
        }
    }
    // A quorum of none would divide by zero; `Votes::new` refuses it, a stored plan might not.
    if valid < votes.quorum.max(1) {
        return Tally { decision: Decision::Unknown, share: None, valid, abstained };
    }
    let share = f64::from(yes) / f64::from(valid);
    let decision = Decision::Label(name_side(votes, share).to_owned());
    Tally { decision, share: Some(share), valid, abstained }
}

/// The word that a share of `yes` comes to.
pub(crate) fn name_side(votes: &Votes, share: f64) -> &'static str {
    if share >= votes.threshold { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VOTES: Votes = Votes { count: 5, quorum: 4, threshold: 0.5 };

    fn labels(words: &str) -> Vec<Label> {
        let label = |word: &str| match word {
            "-" => Label::Abstained,
            word => Label::Word(word.into()),
        };
        words.split_whitespace().map(label).collect()
    }

    #[test]
    fn half_of_the_valid_votes_is_enough_at_a_threshold_of_a_half() {
        let tally = count_votes(&VOTES, &labels("yes no yes - no"), 0);
        assert_eq!(tally.decision, Decision::Label("yes".into()));
        assert_eq!((tally.share, tally.valid, tally.abstained), (Some(0.5), 4, 1));
    }

    #[test]
    fn fewer_valid_votes_than_the_quorum_are_unknown_however_clear() {
        let tally = count_votes(&VOTES, &labels("yes yes yes -"), 1);
        assert_eq!((tally.decision, tally.share), (Decision::Unknown, None));
        assert_eq!((tally.valid, tally.abstained), (3, 2));
    }

    proptest! {
        #[test]
        fn another_yes_never_turns_a_yes_around(yes in 0u32..20, no in 0u32..20, threshold in 0.01f64..1.0) {
            let votes = Votes { count: 40, quorum: 1, threshold };
            let count = |yes: u32| {
                let words = [vec!["yes"; yes as usize], vec!["no"; no as usize]].concat();
                count_votes(&votes, &labels(&words.join(" ")), 0).decision
            };
            if count(yes) == Decision::Label("yes".into()) {
                prop_assert_eq!(count(yes + 1), Decision::Label("yes".into()));
            }
        }
    }
}
