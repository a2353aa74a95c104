//! A job is a coordinate, not a row: nothing is stored for it until it has a result.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sweep's number in its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SweepId(pub i64);

impl fmt::Display for SweepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

/// Where a job stands in its sweep. Each number is an index that is given once and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Coordinate {
    /// Index into the plan's stages.
    pub stage: u32,
    /// Index into the plan's cells.
    pub cell: u32,
    /// Repeat number of the prompt in the cell, from 0.
    pub repeat: u32,
    /// Index into the plan's prompts.
    pub prompt: u32,
    /// Vote number, 0 where a stage does not vote.
    pub vote: u32,
}

/// A [`Coordinate`] packed into 63 bits: stage 6, cell 17, repeat 12, prompt 22, vote 6.
///
/// The layout is what stores keep, so it is never reinterpreted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(i64);

/// A coordinate that does not fit its bits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{axis} {value} is beyond the limit of {limit}: split the sweep")]
pub struct CoordinateError {
    /// Which part of the coordinate.
    pub axis: &'static str,
    /// Its value.
    pub value: u32,
    /// How many values the axis has.
    pub limit: u32,
}

impl JobId {
    /// How many stages a sweep may have.
    pub const STAGES_MAX: u32 = 1 << 6;
    /// How many cells.
    pub const CELLS_MAX: u32 = 1 << 17;
    /// How many repeats.
    pub const REPEATS_MAX: u32 = 1 << 12;
    /// How many prompts.
    pub const PROMPTS_MAX: u32 = 1 << 22;
    /// How many votes.
    pub const VOTES_MAX: u32 = 1 << 6;

    /// Packs a coordinate.
    pub fn pack(at: Coordinate) -> Result<Self, CoordinateError> {
        let mut packed = 0i64;
        for (axis, value, limit) in [
            ("stage", at.stage, Self::STAGES_MAX),
            ("cell", at.cell, Self::CELLS_MAX),
            ("repeat", at.repeat, Self::REPEATS_MAX),
            ("prompt", at.prompt, Self::PROMPTS_MAX),
            ("vote", at.vote, Self::VOTES_MAX),
        ] {
            if value >= limit {
                return Err(CoordinateError { axis, value, limit });
            }
            packed = packed * i64::from(limit) + i64::from(value);
        }
        Ok(Self(packed))
    }

    /// The coordinate.
    pub fn at(self) -> Coordinate {
        let mut rest = self.0;
        let mut take = |limit: u32| {
            let value = rest.rem_euclid(i64::from(limit));
            rest /= i64::from(limit);
            u32::try_from(value).unwrap_or(0)
        };
        let vote = take(Self::VOTES_MAX);
        let prompt = take(Self::PROMPTS_MAX);
        let repeat = take(Self::REPEATS_MAX);
        let cell = take(Self::CELLS_MAX);
        let stage = take(Self::STAGES_MAX);
        Coordinate { stage, cell, repeat, prompt, vote }
    }

    /// The number that stores and frames carry.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Reads a stored number; `None` if it is negative, which no job is.
    pub fn from_number(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Coordinate { stage, cell, repeat, prompt, vote } = self.at();
        write!(f, "job s{stage}.c{cell}.p{prompt}.r{repeat}.v{vote}")
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_coordinate_survives_packing(
            stage in 0..JobId::STAGES_MAX, cell in 0..JobId::CELLS_MAX, repeat in 0..JobId::REPEATS_MAX,
            prompt in 0..JobId::PROMPTS_MAX, vote in 0..JobId::VOTES_MAX,
        ) {
            let at = Coordinate { stage, cell, repeat, prompt, vote };
            let job = JobId::pack(at).unwrap();
            prop_assert_eq!(job.at(), at);
            prop_assert_eq!(JobId::from_number(job.number()), Some(job));
        }
    }

    #[test]
    fn the_layout_on_disk_is_fixed() {
        let at = Coordinate { stage: 1, cell: 2, repeat: 3, prompt: 4, vote: 5 };
        let expected = (1 << 57) | (2 << 40) | (3 << 28) | (4 << 6) | 5;
        assert_eq!(JobId::pack(at).unwrap().number(), expected);
    }

    #[test]
    fn a_coordinate_beyond_its_bits_is_refused_by_name() {
        let at = Coordinate { prompt: JobId::PROMPTS_MAX, ..Coordinate::default() };
        let error = JobId::pack(at).unwrap_err().to_string();
        assert_eq!(error, "prompt 4194304 is beyond the limit of 4194304: split the sweep");
    }
}
