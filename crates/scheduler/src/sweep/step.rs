//! Keeping step: a sweep hands out its jobs in the measure in which another one ends its transcripts.
//!
//! Both are measured from when they are first at work together, which after a restart is where they have
//! come to: what is left of the one is spread evenly over what is left of the other, and nothing needs
//! to be remembered. What the one adds to its open jobs is spread over the rest as well; once the other
//! has more left than before, because it was extended, both are measured anew.
//!
//! It cannot come to a standstill. Who is in step is held up only by one that is at work and in step with
//! nobody, and so is held up by no such thing itself; and that one's rest sets it free.

use std::collections::BTreeSet;

use iago_sweep::JobId;

use super::Sweep;
use crate::bits::Grid;
use crate::known::StageCount;

/// By how many jobs a sweep may be ahead of the one that it is in step with: enough to keep a judge at
/// work between two of the other's ends, and too few for the judge to have changed within them.
const STEPS_AHEAD_MAX: u64 = 8;

/// How a sweep keeps step, and is kept step with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step {
    /// Where both stood when they were first at work together; `None` where it is in step with nobody.
    from: Option<Origin>,
    /// How many jobs it may hand out at present; `None` without bound.
    may: Option<u64>,
    /// What was said last to be left of it, to whoever is in step with it.
    left: Option<u64>,
}

/// Where two sweeps stood.
#[derive(Clone, Copy, Debug)]
struct Origin {
    /// Jobs that the one in step had to hand out.
    waiting: u64,
    /// Transcripts that the other had left.
    left: u64,
    /// Transcripts that it has left by now.
    left_now: u64,
}

impl Sweep {
    /// How many of its transcripts have not ended, at most; exactly, where whoever keeps step begins to.
    /// Never more than it said before, unless it was loaded anew. `None` where nobody needs to keep step
    /// with it.
    pub(crate) fn left_to_keep_step_with(&mut self, begins: bool) -> Option<u64> {
        if self.course.has_ended() || self.known.in_step_with.is_some() {
            return None;
        }
        let before = self.step.left.filter(|_| !begins);
        let left = before.unwrap_or_else(|| self.count_open_transcripts()).min(self.open());
        self.step.left = Some(left);
        Some(left)
    }

    /// Whether it has still to be measured against the sweep that it is in step with.
    pub(crate) fn is_to_begin_steps(&self) -> bool {
        self.step.from.is_none()
    }

    /// Says how many transcripts are left of the sweep that it is in step with; `None` where that holds
    /// nothing up.
    pub(crate) fn keep_step(&mut self, left: Option<u64>) {
        let waiting = self.open().saturating_sub(self.count_out());
        let begin = |left_now| Origin { waiting, left: left_now, left_now };
        let go_on = |from: Origin, left_now| {
            if left_now > from.left_now { begin(left_now) } else { Origin { left_now, ..from } }
        };
        let from = left.map(|left| self.step.from.map_or(begin(left), |from| go_on(from, left)));
        self.step.from = from;
        self.step.may = from.map(|from| from.may(waiting));
    }

    /// Whether it may hand out a job without getting too far ahead.
    pub(super) fn may_step(&self) -> bool {
        self.step.may != Some(0)
    }

    /// Hands out a job.
    pub(super) fn take_step(&mut self) {
        self.step.may = self.step.may.map(|may| may.saturating_sub(1));
    }

    fn open(&self) -> u64 {
        self.counts().iter().map(StageCount::open).sum()
    }

    /// How many of its open jobs are out.
    fn count_out(&self) -> u64 {
        self.out.keys().filter(|job| self.is_open(**job)).count() as u64
    }

    /// How many transcripts have an open job. Of several stages that open by themselves, each counts.
    fn count_open_transcripts(&self) -> u64 {
        let is_root = |stage: usize| self.shape().stages[stage].opener.is_none();
        let roots = self.counts().into_iter().enumerate().filter(|(stage, _)| is_root(*stage));
        let roots: u64 = roots.map(|(_, count)| count.open()).sum();
        let held_back = self.held_back.iter().map(|held_back| &held_back.ready);
        let ready = held_back.chain([&self.known.ready]).flat_map(Grid::jobs);
        let away = self.out.keys().chain(self.returned.values().flatten()).copied();
        let open = ready.chain(away.filter(|job| self.is_open(*job))).map(JobId::at);
        let begun = open.filter(|at| !is_root(at.stage as usize));
        let begun: BTreeSet<_> = begun.map(|at| (at.cell, at.repeat, at.prompt)).collect();
        roots + begun.len() as u64
    }

    fn is_open(&self, job: JobId) -> bool {
        self.shape().contains(job) && !self.has_ended(job)
    }
}

impl Origin {
    /// How many jobs may go out where so many are waiting.
    fn may(self, waiting: u64) -> u64 {
        let kept = u128::from(self.waiting) * u128::from(self.left_now);
        let kept = u64::try_from(kept.div_ceil(self.left.max(1).into())).unwrap_or(u64::MAX);
        waiting.saturating_add(STEPS_AHEAD_MAX).saturating_sub(kept)
    }
}
