//! What each prompt counts for one measure, as the statistics want it.

use iago_grading::Reading;
use iago_statistics::{Missing, MissingSum, Pair, Sum, Tally};

/// A measure in one cell: one entry for each prompt.
#[derive(Clone, Debug)]
pub(crate) enum Counted {
    Rate(Vec<Missing>),
    Mean(Vec<MissingSum>),
}

impl Counted {
    pub(crate) fn nothing(is_mean: bool, prompts: usize) -> Self {
        if is_mean {
            Self::Mean(vec![MissingSum::default(); prompts])
        } else {
            Self::Rate(vec![Missing::default(); prompts])
        }
    }

    pub(crate) fn add(&mut self, prompt: usize, reading: Reading) {
        let missing = match self {
            Self::Rate(prompts) => &mut prompts[prompt].missing,
            Self::Mean(prompts) => &mut prompts[prompt].missing,
        };
        match reading {
            Reading::Yes | Reading::No | Reading::Value(_) => self.add_known(prompt, reading),
            Reading::Unknown | Reading::Dropped(_) | Reading::Pending => *missing += 1,
            Reading::NotAsked | Reading::Outside => {}
        }
    }

    fn add_known(&mut self, prompt: usize, reading: Reading) {
        match (self, reading) {
            (Self::Rate(prompts), reading) => {
                prompts[prompt].of += 1;
                prompts[prompt].yes += u32::from(reading == Reading::Yes);
            }
            (Self::Mean(prompts), Reading::Value(value)) if value.is_finite() => {
                prompts[prompt].of += 1;
                prompts[prompt].total += value;
            }
            // The grader reads numbers off a mean; what is none must not become one.
            (Self::Mean(prompts), _) => prompts[prompt].missing += 1,
        }
    }

    pub(crate) fn rate(&self) -> Option<&Vec<Missing>> {
        if let Self::Rate(prompts) = self { Some(prompts) } else { None }
    }

    pub(crate) fn mean(&self) -> Option<&Vec<MissingSum>> {
        if let Self::Mean(prompts) = self { Some(prompts) } else { None }
    }
}

/// One prompt's count: what is seen of it, and how it adds up over cells.
pub(crate) trait Gappy: Copy {
    /// Without what is missing.
    type Seen;
    fn see(self) -> Self::Seen;
    fn missing(self) -> u32;
    fn plus(self, other: Self) -> Self;
}

impl Gappy for Missing {
    type Seen = Tally;

    fn see(self) -> Tally {
        Tally { yes: self.yes, of: self.of }
    }

    fn missing(self) -> u32 {
        self.missing
    }

    fn plus(self, other: Self) -> Self {
        Self {
            yes: self.yes + other.yes,
            of: self.of + other.of,
            missing: self.missing + other.missing,
        }
    }
}

impl Gappy for MissingSum {
    type Seen = Sum;

    fn see(self) -> Sum {
        Sum { total: self.total, of: self.of }
    }

    fn missing(self) -> u32 {
        self.missing
    }

    fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            of: self.of + other.of,
            missing: self.missing + other.missing,
        }
    }
}

/// Without what is missing.
pub(crate) fn see_all<T: Gappy>(counted: &[T]) -> Vec<T::Seen> {
    counted.iter().map(|prompt| prompt.see()).collect()
}

/// Both sides without what is missing.
pub(crate) fn see_pair<T: Gappy>(pair: &Pair<T>) -> Pair<T::Seen> {
    Pair { from: pair.from.see(), to: pair.to.see() }
}

/// How many transcripts are missing.
pub(crate) fn total_missing<T: Gappy>(counted: &[T]) -> u64 {
    counted.iter().map(|prompt| u64::from(prompt.missing())).sum()
}
