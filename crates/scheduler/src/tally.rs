//! Counts a cell's rejections, and says when going on would burn money.

use std::collections::BTreeMap;

use iago_sweep::{FailureClass, JobId};

use crate::events::PauseReason;

/// A cell is judged by its rejections only once it has this many.
const REJECTIONS_MIN: u32 = 20;

/// A cell that is rejected more often than this share pauses its sweep.
const REJECTED_SHARE_MAX: f64 = 0.5;

/// What has ended since the sweep was loaded, by (stage, cell).
#[derive(Clone, Debug, Default)]
pub(crate) struct Tallies(BTreeMap<(u32, u32), Tally>);

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    ended: u32,
    rejected: u32,
}

impl Tallies {
    pub(crate) fn answered(&mut self, job: JobId) {
        self.of(job).ended += 1;
    }

    /// Counts a failure; gives the reason if it makes the sweep pause.
    pub(crate) fn failed(
        &mut self,
        job: JobId,
        class: FailureClass,
        why: &str,
    ) -> Option<PauseReason> {
        let tally = self.of(job);
        tally.ended += 1;
        if class != FailureClass::Rejected {
            return None;
        }
        tally.rejected += 1;
        let Tally { ended, rejected } = *tally;
        let share = f64::from(rejected) / f64::from(ended);
        (rejected >= REJECTIONS_MIN && share > REJECTED_SHARE_MAX).then(|| {
            let (stage, cell) = (job.at().stage, job.at().cell);
            PauseReason::Rejections { stage, cell, rejected, ended, why: why.to_owned() }
        })
    }

    fn of(&mut self, job: JobId) -> &mut Tally {
        self.0.entry((job.at().stage, job.at().cell)).or_default()
    }
}
