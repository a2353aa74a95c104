//! The coordinator's side of a fleet: what is decided is committed, and only then done.

use std::collections::BTreeMap;

use iago_scheduler::{
    Action, Assigned, Event, Leased, PauseReason, PoolId, Share, Start, WorkerId,
};
use iago_sweep::{AttemptCause, Fact, Money};

use crate::fleet::{Fleet, PRICE, limits, usable};
use crate::process::Process;
use crate::store::Execution;
use crate::world::{SWEEP, lead};

impl Fleet {
    pub(crate) fn load(&mut self) {
        (self.at_rest, self.finished) = (false, false);
        let known = Box::new(self.store.known(&self.shape));
        self.turn(vec![Event::Loaded(SWEEP, known, Start::Now)], None);
    }

    /// The coordinator dies in a turn, and another one leads.
    pub(crate) fn crash(&mut self, events: Vec<Event>, committed: bool) {
        let (mut actions, ends) = (Vec::new(), ends(&events));
        events.into_iter().for_each(|event| self.machine.apply(event, &mut actions));
        self.machine.dispatch(&mut actions);
        if committed {
            self.commit(&actions, ends);
        }
        self.term += 1;
        self.machine = lead(self.term, limits());
        (self.usable, self.told) = (usable(), BTreeMap::new());
        self.processes.values_mut().for_each(|process| process.connected = false);
        // Where several are at work on a job, a new leader sets money aside for one of them.
        let held = self.processes.values().flat_map(Process::inventory);
        let several = held.filter(|leased| self.given_up.contains(&leased.job)).count();
        self.paid = Money(self.paid.0 - PRICE.0 * i64::try_from(several).expect("they are few"));
        let mut known = Box::new(self.store.known(&self.shape));
        if self.shape.revision > 0 {
            known.everything_may_be_out();
        }
        let start = if self.at_rest { Start::AtRest } else { Start::AfterGrace };
        // What comes late to a sweep at rest counts once somebody wants to go on with it.
        self.finished = false;
        self.turn(vec![Event::Loaded(SWEEP, known, start)], None);
    }

    /// One turn of a coordinator. What is sent to `deaf` is lost.
    pub(crate) fn turn(&mut self, events: Vec<Event>, deaf: Option<u64>) {
        let loses = events.iter().any(|event| matches!(event, Event::Left(_)));
        let (mut actions, ends) = (Vec::new(), ends(&events));
        events.into_iter().for_each(|event| self.machine.apply(event, &mut actions));
        self.machine.dispatch(&mut actions);
        assert!(loses || !actions.iter().any(gives_up), "nobody was lost: {actions:?}");
        self.commit(&actions, ends);
        let spent = self.machine.spent(SWEEP).total();
        assert_eq!(spent, self.store.spent(), "what is shown is what is stored");
        for action in actions {
            self.act(action, deaf);
        }
    }

    fn commit(&mut self, actions: &[Action], ends: Vec<Execution>) {
        for action in actions {
            if let Action::Record(_, fact) = action {
                self.store.commit(fact.clone());
            }
        }
        self.ended.extend(ends);
    }

    fn act(&mut self, action: Action, deaf: Option<u64>) {
        match action {
            Action::Record(..) => {}
            Action::Assign(worker, assigned) => self.assign(worker, &assigned, deaf),
            Action::Slice(worker, pool, share) => self.tell(worker, pool, share),
            Action::Acknowledge(worker, sequence) => {
                let process = self.processes.get_mut(&worker.0);
                if let Some(process) = process.filter(|of| of.connected && deaf != Some(worker.0)) {
                    process.unacknowledged.retain(|of, _| *of > sequence);
                }
            }
            Action::Finished(_) => {
                assert_eq!(self.store.open(&self.shape), [], "finished with open jobs");
                (self.finished, self.at_rest) = (true, true);
            }
            Action::Paused(_, reason) => {
                self.at_rest = true;
                if reason == PauseReason::Budget {
                    self.shape.budget = None;
                }
                assert_eq!(self.machine.out_of(SWEEP), 0);
            }
            Action::Cancelled(_) => {
                self.at_rest = true;
                assert_eq!(self.machine.out_of(SWEEP), 0);
            }
            Action::Reopened(_) => {
                assert!(self.finished, "reopened what was not finished");
                (self.finished, self.at_rest) = (false, false);
            }
            Action::Drained => panic!("nobody asked to drain"),
        }
    }

    fn assign(&mut self, worker: WorkerId, assigned: &Assigned, deaf: Option<u64>) {
        let Assigned { lease, sweep, job, attempt, .. } = *assigned;
        assert!(!self.store.has_ended(job), "an ended job was handed out");
        for (id, process) in &self.processes {
            let holds = process.holds.values().any(|leased| leased.job == job);
            let holds = holds && !self.given_up.contains(&job);
            assert!(!holds, "{job} is out with {id} and goes to {worker:?}");
        }
        let process = self.processes.get_mut(&worker.0).expect("it lives");
        assert!(process.connected, "{worker:?} takes nothing");
        if process.leaving || deaf == Some(worker.0) {
            return;
        }
        let leased = Leased { lease, term: self.term, sweep, job, attempt };
        process.holds.insert((self.term, lease), leased);
        assert!(self.begun.insert((job, self.term, attempt)), "one name for two executions");
        *self.executions.entry(job).or_default() += 1;
        self.paid += PRICE;
        let (paid, budget) = (self.paid, self.shape.budget);
        assert!(budget.is_none_or(|budget| paid <= budget), "{paid:?} of {budget:?} was paid");
    }

    fn tell(&mut self, worker: WorkerId, pool: PoolId, share: Share) {
        let process = self.processes.get_mut(&worker.0).expect("it lives");
        assert!(process.connected, "{worker:?} cannot hear of its share");
        process.shares.insert(pool, share);
        let before = self.slots_of(pool);
        self.told.insert((worker, pool), share);
        let (slots, usable) = (self.slots_of(pool), self.usable[&pool]);
        assert!(slots <= usable.max(before), "{slots} of {usable} in {pool:?}, after {before}");
    }

    /// How many calls at once everybody was told of a pool.
    fn slots_of(&self, pool: PoolId) -> u32 {
        let of_pool = self.told.iter().filter(|((_, of), _)| *of == pool);
        of_pool.map(|(_, share)| share.concurrency).sum()
    }
}

/// The executions that end with these events.
fn ends(events: &[Event]) -> Vec<Execution> {
    let ended = |event: &Event| {
        let Event::Settled(_, settled) = event else { return None };
        let leased = &settled.leased;
        Some((leased.job, leased.term, leased.attempt))
    };
    events.iter().filter_map(ended).collect()
}

fn gives_up(action: &Action) -> bool {
    let Action::Record(_, Fact::Attempt(fact)) = action else { return false };
    fact.cause == AttemptCause::Abandoned
}
