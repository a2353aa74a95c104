//! The count that every rate starts from.

use crate::paired::Counted;

/// One prompt in one cell: how many of its counted repeats said yes.
///
/// `yes` is at most `of`. A tally of nothing (`of == 0`) is legal and means that no repeat of the
/// prompt gave an answer that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub yes: u32,
    pub of: u32,
}

impl Counted for Tally {
    fn is_empty(self) -> bool {
        debug_assert!(self.yes <= self.of, "a tally of {} yes among {}", self.yes, self.of);
        self.of == 0
    }

    fn mean(self) -> f64 {
        f64::from(self.yes) / f64::from(self.of)
    }
}

/// (yes, of) over all tallies.
pub(crate) fn sum(tallies: impl IntoIterator<Item = Tally>) -> (u64, u64) {
    tallies
        .into_iter()
        .fold((0, 0), |(yes, of), tally| (yes + u64::from(tally.yes), of + u64::from(tally.of)))
}

/// The share of yes in totals; NaN when nothing was counted.
pub(crate) fn share_of((yes, of): (u64, u64)) -> f64 {
    yes as f64 / of as f64
}
