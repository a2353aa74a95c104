//! How often a judge errs, on transcripts that people labelled too.
//!
//! A judge that misses half of what it looks for, or flags a seventh of what it should not, turns one
//! rate into another, and differently where the answers differ. So its errors are counted for each
//! condition on its own.

use crate::rate::{Rate, rate};
use crate::tally::Tally;

/// The judge against people, over the labelled transcripts of one prompt in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Both say yes.
    pub both_yes: u32,
    /// The judge says yes, and people no.
    pub false_yes: u32,
    /// The judge says no, and people yes.
    pub false_no: u32,
    /// Both say no.
    pub both_no: u32,
}

impl Confusion {
    /// Labelled transcripts.
    pub fn total(self) -> u64 {
        [self.both_yes, self.false_yes, self.false_no, self.both_no].map(u64::from).iter().sum()
    }

    /// The counts of both, at most as large as can be counted.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            both_yes: self.both_yes.saturating_add(other.both_yes),
            false_yes: self.false_yes.saturating_add(other.false_yes),
            false_no: self.false_no.saturating_add(other.false_no),
            both_no: self.both_no.saturating_add(other.both_no),
        }
    }
}

/// Of what people call yes, the share that the judge calls yes: `both_yes / (both_yes + false_no)`,
/// with the interval of [`rate`](crate::rate()), clustered by prompt.
///
/// It belongs to the condition whose transcripts were labelled, and to labels drawn at random there;
/// labels drawn where judges disagree say nothing about it. `None` when people call nothing yes.
pub fn sensitivity(prompts: &[Confusion]) -> Option<Rate> {
    rate_of(prompts, |found| (found.both_yes, found.false_no))
}

/// Of what people call no, the share that the judge calls no: `both_no / (both_no + false_yes)`, as
/// [`sensitivity`]. `None` when people call nothing no.
pub fn specificity(prompts: &[Confusion]) -> Option<Rate> {
    rate_of(prompts, |found| (found.both_no, found.false_yes))
}

fn rate_of(prompts: &[Confusion], read: fn(&Confusion) -> (u32, u32)) -> Option<Rate> {
    let tally = |(right, wrong)| Tally { yes: right, of: right.saturating_add(wrong) };
    rate(&prompts.iter().map(read).map(tally).collect::<Vec<_>>())
}
