//! A coordinator's loop and its workers, every part of which can fail at every point.

use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{
    Action, Assigned, End, Event, Leased, PauseReason, PoolId, Scheduler, Settled, Shape, Share,
    Start, WorkerId,
};
use iago_sweep::{FailureClass, JobId, Money};

use crate::chance::{Chance, Ending};
use crate::store::Store;
use crate::world::{SWEEP, answer, pools, rejection};

pub(crate) const PRICE: Money = Money(10);
pub(crate) const CONCURRENCY: u32 = 3;

/// A worker process.
#[derive(Default)]
struct Process {
    connected: bool,
    leaving: bool,
    holds: BTreeMap<(u64, u64), Leased>,
    unacknowledged: BTreeMap<u64, Settled>,
    sequence: u64,
}

pub(crate) struct Fleet {
    pub(crate) machine: Scheduler,
    pub(crate) shape: Shape,
    pub(crate) store: Store,
    pub(crate) finished: bool,
    at_rest: bool,
    term: u64,
    processes: BTreeMap<u64, Process>,
    arrived: u64,
    told: BTreeMap<(WorkerId, PoolId), Share>,
    /// Executions that reached a worker, and how many of a job may have been repeated.
    begun: BTreeSet<(JobId, u64, u32)>,
    executions: BTreeMap<JobId, u32>,
    excuses: BTreeMap<JobId, u32>,
    /// What all executions can have cost.
    paid: Money,
}

impl Fleet {
    pub(crate) fn new(shape: Shape) -> Self {
        let mut fleet = Self {
            machine: Scheduler::new(1, pools(CONCURRENCY)),
            shape,
            store: Store::default(),
            finished: false,
            at_rest: false,
            term: 1,
            processes: BTreeMap::new(),
            arrived: 0,
            told: BTreeMap::new(),
            begun: BTreeSet::new(),
            executions: BTreeMap::new(),
            excuses: BTreeMap::new(),
            paid: Money::ZERO,
        };
        fleet.load();
        fleet.arrive();
        fleet
    }

    pub(crate) fn happen(&mut self, chance: Chance) {
        match chance {
            Chance::Ends(worker, pick, ending) => {
                let events = self.end(worker, pick, ending);
                self.turn(events, None);
            }
            Chance::EndsUnheard(worker, pick) => {
                let Some(id) = self.pick(worker) else { return };
                let events = self.end(worker, pick, Ending::Answered);
                self.turn(events, Some(id));
                self.disconnect(id);
            }
            Chance::Breaks(worker) => {
                let id = self.pick(worker);
                id.into_iter().for_each(|id| self.disconnect(id));
            }
            Chance::Returns(worker) => {
                let id = self.pick(worker);
                id.into_iter().for_each(|id| self.connect(id));
            }
            Chance::Arrives => self.arrive(),
            Chance::Drains(worker) => self.drain(worker),
            Chance::Dies(worker) => self.die(worker),
            Chance::Pause => self.turn(vec![Event::Pause(SWEEP, "ann".into())], None),
            Chance::Cancel => self.turn(vec![Event::Cancel(SWEEP)], None),
            Chance::Load => self.load(),
            Chance::Retry => {
                self.store.round += 1;
                self.load();
            }
            Chance::Extend => {
                if self.shape.repeats < 4 {
                    self.shape.repeats += 1;
                    self.shape.revision += 1;
                    self.load();
                }
            }
            Chance::GraceOver => self.end_grace(),
            Chance::Crashes(worker, pick, committed) => {
                let events = self.end(worker, pick, Ending::Answered);
                self.crash(events, committed);
            }
        }
        self.see_off();
    }

    /// Lets all that is open come to its end.
    pub(crate) fn settle_down(&mut self) {
        for _ in 0..1_000 {
            if self.finished {
                return;
            }
            if self.processes.values().all(|process| process.leaving) {
                self.arrive();
            }
            self.end_grace();
            if self.at_rest && !self.finished {
                self.load();
            }
            let holds = self.processes.values().map(|process| process.holds.len());
            for (worker, holds) in holds.enumerate().collect::<Vec<_>>() {
                for _ in 0..holds {
                    let events = self.end(worker, 0, Ending::Answered);
                    self.turn(events, None);
                }
            }
            self.see_off();
        }
        panic!("the sweep never ended; {} out", self.machine.out_of(SWEEP));
    }

    /// How often a job was executed for no reason but a coordinator or a stream that broke.
    pub(crate) fn needless(&self) -> Option<(&JobId, &u32)> {
        let excused = |job| 1 + self.excuses.get(job).copied().unwrap_or(0);
        self.executions.iter().find(|(job, times)| **times > excused(job))
    }

    fn pick(&self, worker: usize) -> Option<u64> {
        self.processes.keys().nth(worker % self.processes.len().max(1)).copied()
    }

    /// An attempt ends in a worker; if it is connected, the coordinator hears of it.
    fn end(&mut self, worker: usize, pick: usize, ending: Ending) -> Vec<Event> {
        let Some(id) = self.pick(worker) else { return vec![] };
        let Some(process) = self.processes.get_mut(&id) else { return vec![] };
        let pick = pick % process.holds.len().max(1);
        let Some((key, leased)) = process.holds.iter().nth(pick) else { return vec![] };
        let (key, leased) = (*key, leased.clone());
        process.holds.remove(&key);
        let job = leased.job;
        if !matches!(ending, Ending::Answered) {
            *self.excuses.entry(job).or_default() += 1;
        }
        if matches!(ending, Ending::Failed) {
            self.paid = Money(self.paid.0 - PRICE.0);
        }
        process.sequence += 1;
        let settled = settled(process.sequence, leased, ending);
        process.unacknowledged.insert(process.sequence, settled.clone());
        if process.connected {
            vec![Event::Settled(WorkerId(id), Box::new(settled))]
        } else {
            vec![]
        }
    }

    fn disconnect(&mut self, id: u64) {
        self.processes.get_mut(&id).expect("it was picked").connected = false;
        self.turn(vec![Event::Away(WorkerId(id))], None);
    }

    fn connect(&mut self, id: u64) {
        let process = self.processes.get_mut(&id).expect("it was picked");
        process.connected = true;
        let unacknowledged = process.unacknowledged.values();
        let delivered = unacknowledged.clone().map(|settled| settled.leased.clone());
        let held = process.holds.values().cloned().chain(delivered).collect();
        let resent: Vec<_> = unacknowledged
            .map(|settled| Event::Settled(WorkerId(id), Box::new(settled.clone())))
            .collect();
        let pools = vec![PoolId(0), PoolId(1)];
        let joined = Event::Joined(WorkerId(id), pools, held);
        // One that drains makes no room, and says again that it does.
        let leaving = process.leaving;
        let say = |jobs| {
            let credit = Event::Credit(WorkerId(id), jobs);
            if leaving { Event::Leaving(WorkerId(id)) } else { credit }
        };
        self.turn(vec![joined, say(7)], None);
        self.turn(resent.into_iter().chain([say(1_000_000)]).collect(), None);
    }

    fn arrive(&mut self) {
        let living = self.processes.values().filter(|process| !process.leaving).count();
        if living < 4 {
            self.arrived += 1;
            self.processes.insert(self.arrived, Process::default());
            self.connect(self.arrived);
        }
    }

    fn drain(&mut self, worker: usize) {
        let Some(id) = self.pick(worker) else { return };
        let process = self.processes.get_mut(&id).expect("it was picked");
        process.leaving = true;
        self.turn(vec![Event::Leaving(WorkerId(id))], None);
    }

    /// Those that drain go once they have nothing left to deliver.
    fn see_off(&mut self) {
        let is_empty = |of: &Process| of.holds.is_empty() && of.unacknowledged.is_empty();
        let drained = self.processes.iter().filter(|(_, of)| of.leaving && is_empty(of));
        for id in drained.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.remove(id);
        }
    }

    fn die(&mut self, worker: usize) {
        let Some(id) = self.pick(worker) else { return };
        let process = &self.processes[&id];
        let known = self.told.contains_key(&(WorkerId(id), PoolId(0)));
        let delivered = process.unacknowledged.values().map(|settled| settled.leased.job);
        let lost = process.holds.values().map(|leased| leased.job);
        for job in lost.chain(delivered).collect::<Vec<_>>() {
            *self.excuses.entry(job).or_default() += 1;
            if !known {
                // Died between two coordinators: nobody can know what it was doing.
                self.paid = Money(self.paid.0 - PRICE.0);
            }
        }
        self.remove(id);
    }

    fn remove(&mut self, id: u64) {
        self.processes.remove(&id);
        self.told.retain(|(worker, _), _| *worker != WorkerId(id));
        self.turn(vec![Event::Left(WorkerId(id))], None);
    }

    fn load(&mut self) {
        (self.at_rest, self.finished) = (false, false);
        let known = Box::new(self.store.known(&self.shape));
        self.turn(vec![Event::Loaded(SWEEP, known, Start::Now)], None);
    }

    /// Everybody who lives has come back.
    fn end_grace(&mut self) {
        for id in self.processes.keys().copied().collect::<Vec<_>>() {
            if !self.processes[&id].connected {
                self.connect(id);
            }
        }
        self.turn(vec![Event::GraceOver], None);
    }

    /// The coordinator dies in a turn, and another one leads.
    fn crash(&mut self, events: Vec<Event>, committed: bool) {
        let mut actions = Vec::new();
        events.into_iter().for_each(|event| self.machine.apply(event, &mut actions));
        self.machine.dispatch(&mut actions);
        if committed {
            self.commit(&actions);
        }
        self.term += 1;
        self.machine = Scheduler::new(self.term, pools(CONCURRENCY));
        self.told.clear();
        self.processes.values_mut().for_each(|process| process.connected = false);
        let mut known = Box::new(self.store.known(&self.shape));
        if self.shape.revision > 0 {
            known.everything_may_be_out();
        }
        let start = if self.at_rest { Start::AtRest } else { Start::AfterGrace };
        self.turn(vec![Event::Loaded(SWEEP, known, start)], None);
    }

    /// One turn of a coordinator. What is sent to `deaf` is lost.
    fn turn(&mut self, events: Vec<Event>, deaf: Option<u64>) {
        let mut actions = Vec::new();
        events.into_iter().for_each(|event| self.machine.apply(event, &mut actions));
        self.machine.dispatch(&mut actions);
        self.commit(&actions);
        for action in actions {
            self.act(action, deaf);
        }
    }

    fn commit(&mut self, actions: &[Action]) {
        for action in actions {
            if let Action::Record(_, fact) = action {
                self.store.commit(fact.clone());
            }
        }
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
            Action::Drained => panic!("nobody asked to drain"),
        }
    }

    fn assign(&mut self, worker: WorkerId, assigned: &Assigned, deaf: Option<u64>) {
        let Assigned { lease, sweep, job, attempt } = *assigned;
        assert!(!self.store.has_ended(job), "an ended job was handed out");
        for (id, process) in &self.processes {
            let holds = process.holds.values().any(|leased| leased.job == job);
            assert!(!holds, "{job} is out with {id} and goes to {worker:?}");
        }
        let process = self.processes.get_mut(&worker.0).expect("it lives");
        assert!(process.connected && !process.leaving, "{worker:?} takes nothing");
        if deaf == Some(worker.0) {
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
        assert!(self.processes[&worker.0].connected, "{worker:?} cannot hear of its share");
        self.told.insert((worker, pool), share);
        let of_pool = self.told.iter().filter(|((_, of), _)| *of == pool);
        let sum: u32 = of_pool.map(|(_, share)| share.concurrency).sum();
        assert!(sum <= CONCURRENCY, "more than the pool's limit was given away");
    }
}

fn settled(sequence: u64, leased: Leased, ending: Ending) -> Settled {
    let Leased { term, job, attempt, .. } = leased;
    let (cost, end) = match ending {
        Ending::Answered => {
            let opens = u64::from(job.at().stage == 0 && job.at().prompt.is_multiple_of(2)) * 2;
            let End::Answered(mut fact, text) = answer(job, opens) else { unreachable!() };
            (fact.term, fact.attempt, fact.cost) = (term, attempt, Some(PRICE));
            (Some(PRICE), End::Answered(fact, text))
        }
        Ending::Failed => {
            let End::Failed(mut fact) = rejection(job) else { unreachable!() };
            (fact.term, fact.attempt, fact.class) = (term, attempt, FailureClass::Exhausted);
            (None, End::Failed(fact))
        }
        Ending::Released => (Some(PRICE), End::Released),
    };
    Settled { sequence, leased, calls: 1, cost, end }
}
