//! How it goes, for people who wait.

use std::sync::Arc;

use iago_protocol::Heartbeat;
use iago_protocol::wire::{self, Progress, StageProgress};
use iago_scheduler::{PauseReason, Spend};
use iago_store::{Nights, Store};
use iago_sweep::SweepId;

use crate::driver::Driver;
use crate::pools::program_of;
use crate::submit::Loaded;

/// How the reason of a pause ends that the budget is used up. Going on by itself would change nothing:
/// a budget stands in the sweep's file, which has to be handed in again.
pub const RAISE_BUDGET: &str = "raise budget_usd";

/// How the reason of a pause begins that somebody asked for.
const ASKED_FOR: &str = "asked for by ";
/// Who asks for a pause where a sweep cannot be worked on here.
pub(crate) const COORDINATOR: &str = "the coordinator, since ";
/// The reason of a pause where all work was told to end.
pub(crate) const STOPPED: &str = "stopped";

/// Why a sweep was paused that somebody wanted to pause.
pub(crate) fn asked_for(who: &str) -> String {
    format!("{ASKED_FOR}{who}")
}

/// Whether a person paused a sweep, for whatever reason, and will say when it goes on.
pub(crate) fn is_asked_for(reason: &str) -> bool {
    let who = reason.strip_prefix(ASKED_FOR);
    reason == STOPPED || who.is_some_and(|who| !who.starts_with(COORDINATOR))
}

impl<S: Store + Nights> Driver<S> {
    /// Tells everybody who watches.
    pub(crate) fn publish(&self) {
        let counted = self.peers.counted();
        let pools = self.pools(&counted);
        let of = |sweep: &SweepId, loaded: &Loaded| {
            let pools = loaded.its_pools(&pools);
            (*sweep, Progress { pools, ..self.progress(*sweep, loaded, &counted) })
        };
        let board = self.sweeps.iter().map(|(sweep, loaded)| of(sweep, loaded)).collect();
        self.ends.board.send_replace(Arc::new(board));
    }

    fn progress(&self, sweep: SweepId, loaded: &Loaded, counted: &Heartbeat) -> Progress {
        let spend = self.scheduler.spent(sweep);
        let mut progress = Progress {
            calls: loaded.calls,
            throttles: loaded.throttles,
            troubles: counted.troubles.clone().into_iter().collect(),
            spent_picodollars: spend.total().0,
            spend: Some(spend_of(spend)),
            in_flight: self.scheduler.out_of(sweep),
            workers: self.peers.connected(),
            store_trouble: self.store_trouble.clone(),
            ..Progress::default()
        };
        for (stage, count) in loaded.plan.stages.iter().zip(self.scheduler.counts(sweep)) {
            progress.failures += count.failed;
            progress.stages.push(StageProgress {
                name: stage.name.clone(),
                done: count.done,
                known: count.known,
                failed: count.failed,
            });
        }
        if let Some((end, reason)) = self.endings.get(&sweep) {
            progress.set_end(*end);
            progress.end_reason.clone_from(reason);
        }
        progress
    }

    /// Why a sweep was paused, in words, with the way out.
    pub(crate) fn explain(&self, sweep: SweepId, reason: &PauseReason) -> String {
        let plan = self.sweeps.get(&sweep).map(|loaded| &loaded.plan);
        match reason {
            PauseReason::Rejections { stage, cell, rejected, ended, why } => {
                let stage = plan.and_then(|plan| plan.stages.get(*stage as usize));
                let cell = plan.and_then(|plan| plan.cells.get(*cell as usize));
                let stage = stage.map_or("?", |stage| &stage.name);
                let (model, condition) =
                    cell.map_or(("?", "?"), |cell| (&cell.model, &cell.condition));
                format!(
                    "stage `{stage}` of model `{model}` under `{condition}` was rejected {rejected} \
                     times in {ended}: {why}"
                )
            }
            PauseReason::Budget => {
                let budget = plan.and_then(|plan| plan.budget).unwrap_or_default();
                let spent = self.scheduler.spent(sweep).total();
                format!(
                    "the next job could take the spend of {spent} beyond the budget of {budget}: \
                     {RAISE_BUDGET}"
                )
            }
            PauseReason::Asked(who) => asked_for(who),
            PauseReason::Blocked { pool, why } => {
                let pool = self.settings.pool(*pool);
                let name = pool.map_or("?", |pool| &pool.name);
                match program_of(name) {
                    Some(program) => format!("program `{program}`: {why}"),
                    None => format!("endpoint `{name}`: {why}"),
                }
            }
        }
    }
}

/// What money went to, as people are told.
fn spend_of(spend: Spend) -> wire::Spend {
    let Spend { answered, judges, failed, late, abandoned, unknown, reserved } = spend;
    wire::Spend {
        answered: answered.0,
        judges: judges.0,
        failed: failed.0,
        late: late.0,
        abandoned: abandoned.0,
        unknown: unknown.0,
        outstanding: reserved.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_paused_is_told_from_what_the_coordinator_did() {
        assert!(is_asked_for(&asked_for("somebody")) && is_asked_for(STOPPED));
        assert!(!is_asked_for(&asked_for(&format!("{COORDINATOR}a template is wrong"))));
        assert!(!is_asked_for("the next job could take the spend beyond the budget"));
    }
}
