//! A coordinator's loop and its workers, every part of which can fail at every point.

use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{Event, Limits, PoolId, Scheduler, Shape, Share, WorkerId};
use iago_sweep::{JobId, Money};

use crate::chance::{Chance, Ending};
use crate::process::Process;
use crate::store::{Execution, Store};
use crate::world::{BOTH, SWEEP, lead};

pub(crate) const PRICE: Money = Money(10);

pub(crate) struct Fleet {
    pub(crate) machine: Scheduler,
    pub(crate) shape: Shape,
    pub(crate) store: Store,
    /// How many calls at once may be used of each pool by now.
    pub(crate) usable: BTreeMap<PoolId, u32>,
    pub(crate) finished: bool,
    pub(crate) at_rest: bool,
    pub(crate) term: u64,
    pub(crate) processes: BTreeMap<u64, Process>,
    arrived: u64,
    /// What this coordinator told, and did not take back.
    pub(crate) told: BTreeMap<(WorkerId, PoolId), Share>,
    /// Executions that reached a worker, and how many of a job may have been repeated.
    pub(crate) begun: BTreeSet<Execution>,
    pub(crate) executions: BTreeMap<JobId, u32>,
    excuses: BTreeMap<JobId, u32>,
    /// Executions whose end was committed.
    pub(crate) ended: BTreeSet<Execution>,
    /// Jobs of workers that were taken for lost, and live: several may be at work on them.
    pub(crate) given_up: BTreeSet<JobId>,
    /// What all executions can have cost.
    pub(crate) paid: Money,
}

/// Three calls at once in one pool, and two in the other: too few for all workers.
pub(crate) fn limits() -> Vec<(String, Limits)> {
    let limits = |concurrency| Limits { concurrency };
    vec![("a".into(), limits(3)), ("b".into(), limits(2))]
}

/// What may be used when a coordinator begins.
pub(crate) fn usable() -> BTreeMap<PoolId, u32> {
    let concurrency = limits().into_iter().map(|(_, limits)| limits.concurrency);
    (0..).map(PoolId).zip(concurrency).collect()
}

impl Fleet {
    pub(crate) fn new(mut shape: Shape) -> Self {
        shape.stages[0].routes[3] = BOTH;
        let mut fleet = Self {
            machine: lead(1, limits()),
            shape,
            store: Store::default(),
            usable: usable(),
            finished: false,
            at_rest: false,
            term: 1,
            processes: BTreeMap::new(),
            arrived: 0,
            told: BTreeMap::new(),
            begun: BTreeSet::new(),
            executions: BTreeMap::new(),
            excuses: BTreeMap::new(),
            ended: BTreeSet::new(),
            given_up: BTreeSet::new(),
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
            Chance::EndsUnheard(worker, pick, ending) => {
                let Some(id) = self.pick(worker) else { return };
                let events = self.end(worker, pick, ending);
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
            Chance::GoesAtOnce(worker) => self.go_at_once(worker),
            Chance::Dies(worker) => self.die(worker),
            Chance::IsTakenForLost(worker) => self.take_for_lost(worker),
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
            Chance::Usable(pool, most) => {
                self.usable.insert(pool, most);
                self.turn(vec![Event::Usable(pool, most)], None);
            }
            Chance::Crashes(worker, pick, ending, committed) => {
                let events = self.end(worker, pick, ending);
                self.crash(events, committed);
            }
        }
        self.see_off();
    }

    /// Lets all that is open come to its end, and all that was called be delivered.
    pub(crate) fn settle_down(&mut self) {
        for _ in 0..1_000 {
            if self.finished && self.processes.values().all(Process::is_empty) {
                return;
            }
            if self.processes.values().all(|process| process.leaving) {
                self.arrive();
            }
            self.end_grace();
            if self.at_rest && !self.finished {
                self.load();
            }
            for worker in 0..self.processes.len() {
                let id = self.pick(worker).expect("they stay");
                while let Some((pick, ending)) = self.processes[&id].next_to_end(&self.shape) {
                    let events = self.end(worker, pick, ending);
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
        let Some(settled) = process.end(pick, ending) else { return vec![] };
        let connected = process.connected;
        if !matches!(ending, Ending::Answered) {
            *self.excuses.entry(settled.leased.job).or_default() += 1;
        }
        if matches!(ending, Ending::Failed) {
            self.paid = Money(self.paid.0 - PRICE.0);
        }
        let event = Event::Settled(WorkerId(id), Box::new(settled));
        if connected { vec![event] } else { vec![] }
    }

    fn disconnect(&mut self, id: u64) {
        self.processes.get_mut(&id).expect("it was picked").connected = false;
        self.turn(vec![Event::Away(WorkerId(id))], None);
    }

    fn connect(&mut self, id: u64) {
        let process = self.processes.get_mut(&id).expect("it was picked");
        process.connected = true;
        let held = process.inventory();
        let resent: Vec<_> = process
            .unacknowledged
            .values()
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

    /// Gives back all that it holds and goes. What is handed to it meanwhile never reaches it.
    fn go_at_once(&mut self, worker: usize) {
        let Some(id) = self.pick(worker).filter(|id| self.processes[id].connected) else { return };
        self.processes.get_mut(&id).expect("it was picked").leaving = true;
        let holds = self.processes[&id].holds.len();
        let events = (0..holds).flat_map(|_| self.end(worker, 0, Ending::Released)).collect();
        self.turn(events, None);
        self.turn(vec![Event::Leaving(WorkerId(id))], None);
    }

    /// Those that drain go once they have nothing left to deliver.
    fn see_off(&mut self) {
        let drained = self.processes.iter().filter(|(_, of)| of.leaving && of.is_empty());
        for id in drained.map(|(id, _)| *id).collect::<Vec<_>>() {
            let gone = self.processes.remove(&id).expect("it is one of them");
            let (left, departed) = (Event::Left(WorkerId(id)), Event::Departed(WorkerId(id)));
            self.part(id, if gone.connected { departed } else { left });
        }
    }

    fn die(&mut self, worker: usize) {
        let Some(id) = self.pick(worker) else { return };
        self.excuse(id);
        self.processes.remove(&id);
        self.part(id, Event::Left(WorkerId(id)));
    }

    /// The coordinator gives up a worker that lives: if it returns, it is another one to it.
    fn take_for_lost(&mut self, worker: usize) {
        let Some(id) = self.pick(worker) else { return };
        self.excuse(id);
        let mut process = self.processes.remove(&id).expect("it was picked");
        process.connected = false;
        self.given_up.extend(process.inventory().into_iter().map(|leased| leased.job));
        self.arrived += 1;
        self.processes.insert(self.arrived, process);
        self.part(id, Event::Left(WorkerId(id)));
    }

    /// What a worker that is lost was doing may be done again.
    fn excuse(&mut self, id: u64) {
        let known = self.told.contains_key(&(WorkerId(id), PoolId(0)));
        for leased in self.processes[&id].inventory() {
            *self.excuses.entry(leased.job).or_default() += 1;
            if !known {
                // Lost between two coordinators: nobody can know what it was doing.
                self.paid = Money(self.paid.0 - PRICE.0);
            }
        }
    }

    fn part(&mut self, id: u64, parting: Event) {
        self.told.retain(|(worker, _), _| *worker != WorkerId(id));
        self.turn(vec![parting], None);
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
}
