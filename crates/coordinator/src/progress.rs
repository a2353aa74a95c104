//! How it goes, for people who wait.

use std::sync::Arc;

use iago_protocol::Heartbeat;
use iago_protocol::wire::{PoolProgress, Progress, StageProgress};
use iago_scheduler::PauseReason;
use iago_store::Store;
use iago_sweep::{LOCAL_POOL, SweepId};

use crate::driver::Driver;
use crate::settings::PoolSettings;
use crate::submit::Loaded;

impl<S: Store> Driver<S> {
    /// Tells everybody who watches.
    pub(crate) fn publish(&self) {
        let counted = self.peers.counted();
        let of =
            |sweep: &SweepId, loaded: &Loaded| (*sweep, self.progress(*sweep, loaded, &counted));
        let board = self.sweeps.iter().map(|(sweep, loaded)| of(sweep, loaded)).collect();
        self.ends.board.send_replace(Arc::new(board));
    }

    fn progress(&self, sweep: SweepId, loaded: &Loaded, counted: &Heartbeat) -> Progress {
        let mut progress = Progress {
            calls: loaded.calls,
            throttles: loaded.throttles,
            troubles: counted.troubles.clone().into_iter().collect(),
            spent_picodollars: self.scheduler.spent(sweep).0,
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
        progress.pools = self.pools_of(loaded, counted);
        if let Some((end, reason)) = self.endings.get(&sweep) {
            progress.set_end(*end);
            progress.end_reason.clone_from(reason);
        }
        progress
    }

    fn pools_of(&self, loaded: &Loaded, counted: &Heartbeat) -> Vec<PoolProgress> {
        let pools = self.scheduler.out().filter(|(name, ..)| loaded.pools.contains(*name));
        let pools = pools.map(|(name, out, blocked)| {
            let held_up = blocked.or(counted.waits.get(name).map(String::as_str));
            PoolProgress {
                name: name.to_owned(),
                in_flight: u64::from(out),
                waits_for: held_up.map_or_else(|| self.usual_wait(name, out), ToOwned::to_owned),
            }
        });
        pools.collect()
    }

    /// What a pool waits for when nothing is wrong with it: a worker that has its program, and once it
    /// is full its limit, or answers.
    fn usual_wait(&self, name: &str, out: u32) -> String {
        if let Some(program) = program_of(name).filter(|_| !self.scheduler.is_served(name)) {
            return format!("a worker, since no worker runs program `{program}`");
        }
        let pool = self.settings.pools.iter().find(|pool| pool.name == name);
        match pool.filter(|pool| out >= pool.concurrency) {
            None => String::new(),
            Some(PoolSettings { requests_per_minute: Some(limit), .. }) => {
                format!("its limit of {limit} calls a minute")
            }
            Some(PoolSettings { concurrency, .. }) => {
                format!("answers ({concurrency} calls at once)")
            }
        }
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
                let spent = self.scheduler.spent(sweep);
                format!(
                    "the next job could take the spend of {spent} beyond the budget of {budget}: \
                     raise budget_usd and run the same command again"
                )
            }
            PauseReason::Asked(who) => format!("asked for by {who}"),
            PauseReason::Blocked { pool, why } => {
                let pool = self.settings.pools.get(pool.0 as usize);
                let name = pool.map_or("?", |pool| &pool.name);
                match program_of(name) {
                    Some(program) => format!("program `{program}`: {why}"),
                    None => format!("endpoint `{name}`: {why}"),
                }
            }
        }
    }
}

/// The program that a pool is of, if it is one's.
fn program_of(pool: &str) -> Option<&str> {
    pool.strip_prefix(LOCAL_POOL).and_then(|rest| rest.strip_prefix('.'))
}
