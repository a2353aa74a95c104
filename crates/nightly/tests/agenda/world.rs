//! Virtual years: coordinators that die anywhere, a stale one beside its successor, a store, sweeps that
//! take their time, and people.

use std::collections::{BTreeSet, VecDeque};

use iago_nightly::{Action, Agenda, Event, Run, RunKey, RunState, Schedule, ScheduleName};
use jiff::{SignedDuration, Timestamp};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::store::Store;

/// What may happen in a world.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// How much the clocks of coordinators differ at most, in seconds.
    pub(crate) skew_s: u64,
    /// Whether people change, pause, remove and run schedules.
    pub(crate) has_people: bool,
    /// Whether commits check the term.
    pub(crate) is_fenced: bool,
}

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    /// The moments at which a tick was committed, by the clock of whoever did, in true order.
    pub(crate) ticks: Vec<Timestamp>,
    /// The moments at which a tick was committed and all that it asked for was done.
    pub(crate) calm: Vec<Timestamp>,
    /// Runs whose submission went wrong at least once.
    pub(crate) unlucky: Vec<RunKey>,
    pub(crate) deaths: usize,
    rules: Rules,
    schedules: Vec<Schedule>,
    leader: Option<Coordinator>,
    stale: Option<Coordinator>,
    dice: ChaCha8Rng,
}

struct Coordinator {
    agenda: Agenda,
    term: u64,
    skew: SignedDuration,
}

/// Why a coordinator stops in the middle of a turn.
enum Stop {
    Killed,
    Deposed,
}

impl World {
    pub(crate) fn new(seed: u64, rules: Rules, begin: Timestamp, schedules: Vec<Schedule>) -> Self {
        let store = Store { is_fenced: rules.is_fenced, ..Store::default() };
        Self {
            store,
            now: begin,
            ticks: Vec::new(),
            calm: Vec::new(),
            unlucky: Vec::new(),
            deaths: 0,
            rules,
            schedules,
            leader: None,
            stale: None,
            dice: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// Lives until then; at the end somebody leads and nothing is due.
    pub(crate) fn live(&mut self, end: Timestamp) {
        self.take_over();
        while self.now < end {
            self.step();
        }
        self.stale = None;
        self.take_over();
        while self.leader.is_none() || self.wakes().is_some_and(|moment| moment <= self.now) {
            self.take_over_if_nobody_leads();
            self.act(Event::Tick);
        }
    }

    fn step(&mut self) {
        let jitter = self.upto(20);
        let wake = self.wakes().unwrap_or(self.now).max(self.now);
        self.now = wake + seconds(jitter);
        if self.one_in(60) {
            self.lose_the_leader();
        }
        self.take_over_if_nobody_leads();
        self.let_the_stale_one_try();
        self.end_sweeps();
        if self.rules.has_people && self.one_in(40) {
            let wish = self.wish();
            self.act(wish);
        }
        self.act(Event::Tick);
    }

    /// When the leader or a sweep has something to do next.
    fn wakes(&self) -> Option<Timestamp> {
        let agenda = self.leader.as_ref().and_then(|leader| {
            let here = self.now + leader.skew;
            leader.agenda.next_moment(here).map(|moment| moment - leader.skew)
        });
        let running = self.store.open().filter(|run| run.state == RunState::Running);
        let sweeps = running.map(|run| self.store.sweeps[&run.key]);
        agenda.into_iter().chain(sweeps).min()
    }

    /// The leader dies, or is only cut off and does not know that it leads no more.
    fn lose_the_leader(&mut self) {
        let lost = self.leader.take();
        self.deaths += 1;
        if self.one_in(2) {
            self.stale = lost;
        }
        let away = match self.upto(10) {
            0 => self.upto(20 * 86_400), // weeks
            1..4 => self.upto(86_400),
            _ => self.upto(1_800),
        };
        self.now += seconds(away);
    }

    fn take_over_if_nobody_leads(&mut self) {
        if self.leader.is_none() {
            self.take_over();
        }
    }

    fn take_over(&mut self) {
        self.store.term += 1;
        let skew = seconds(self.upto(2 * self.rules.skew_s + 1)) - seconds(self.rules.skew_s);
        self.leader = Some(Coordinator { agenda: Agenda::default(), term: self.store.term, skew });
        let loaded = Event::Loaded(Box::new(self.store.load()));
        self.act(loaded);
        if self.store.eras.is_empty() {
            for schedule in self.schedules.clone() {
                self.act(Event::Put(Box::new(schedule)));
                self.take_over_if_nobody_leads();
            }
        }
    }

    fn let_the_stale_one_try(&mut self) {
        let Some(mut stale) = self.stale.take() else { return };
        let done = self.turn(&mut stale, Event::Tick);
        let goes_on = matches!(done, Ok(())) && !self.one_in(5);
        self.stale = goes_on.then_some(stale);
    }

    fn end_sweeps(&mut self) {
        let running = self.store.open().filter(|run| run.state == RunState::Running);
        let done = running.filter(|run| self.store.sweeps[&run.key] <= self.now);
        for key in done.map(|run| run.key.clone()).collect::<Vec<_>>() {
            self.act(Event::Ended(key));
        }
    }

    fn wish(&mut self) -> Event {
        let which = self.one_of_the_schedules();
        let name = self.schedules[which].name.clone();
        match self.upto(7) {
            0 => Event::Pause(name),
            1 | 2 => Event::Resume(name),
            3 => Event::Remove(name),
            4 => Event::Put(Box::new(self.with_other_timetable(&name, which))),
            5 => Event::RunNow(name),
            _ => Event::Put(Box::new(self.schedules[which].clone())),
        }
    }

    fn with_other_timetable(&mut self, name: &ScheduleName, which: usize) -> Schedule {
        let other = self.one_of_the_schedules();
        let mut schedule = self.schedules[which].clone();
        schedule.terms = self.schedules[other].terms.clone();
        schedule.name = name.clone();
        schedule
    }

    /// A turn of the leader, who may not outlive it.
    fn act(&mut self, event: Event) {
        let Some(mut leader) = self.leader.take() else { return };
        match self.turn(&mut leader, event) {
            Ok(()) => self.leader = Some(leader),
            Err(Stop::Killed) => self.deaths += 1,
            Err(Stop::Deposed) => panic!("the one that leads was taken for deposed"),
        }
    }

    /// Decide, commit, act, with what follows from it.
    fn turn(&mut self, who: &mut Coordinator, event: Event) -> Result<(), Stop> {
        let here = self.now + who.skew;
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let is_tick = matches!(event, Event::Tick);
            let actions = who.agenda.apply(here, event);
            assert_calm(&actions);
            self.maybe_die()?;
            if self.one_in(200) {
                // The commit fails, or its answer is lost: nobody knows which.
                if self.one_in(2) {
                    let done = self.store.commit(who.term, here, &actions);
                    done.map_err(|_deposed| Stop::Deposed)?;
                    self.note_tick(is_tick, here);
                }
                events.clear();
                events.push_back(Event::Loaded(Box::new(self.store.load())));
                continue;
            }
            let found = self.store.commit(who.term, here, &actions);
            let found = found.map_err(|_deposed| Stop::Deposed)?;
            self.note_tick(is_tick, here);
            self.maybe_die()?;
            for action in &actions {
                events.extend(self.perform(who.term, action, &found)?);
            }
            if is_tick {
                self.calm.push(here);
            }
            if is_tick && found.is_empty() && self.rules.is_fenced {
                assert_eq!(self.store.waits_for_nothing(), None, "at {here}");
            }
            events.extend(found.into_iter().map(|run| Event::Found(Box::new(run))));
        }
        Ok(())
    }

    fn note_tick(&mut self, is_tick: bool, here: Timestamp) {
        if is_tick {
            self.ticks.push(here);
        }
    }

    fn perform(
        &mut self,
        term: u64,
        action: &Action,
        found: &[Run],
    ) -> Result<Option<Event>, Stop> {
        let Action::Submit(run) = action else { return Ok(None) };
        if found.iter().any(|found| found.key == run.key) {
            return Ok(None);
        }
        self.maybe_die()?;
        let key = run.key.clone();
        if self.one_in(30) {
            self.unlucky.push(key.clone());
            let again = !self.one_in(5);
            return Ok(Some(Event::NotStarted { key, why: "the store is away".into(), again }));
        }
        let takes = if self.one_in(10) { self.upto(3 * 86_400) } else { self.upto(7_200) };
        let done = self.now + seconds(takes);
        let is_running = self.store.submit(term, &key, done).map_err(|_deposed| Stop::Deposed)?;
        self.maybe_die()?;
        let there = self.store.runs[&key].clone();
        Ok(Some(if is_running { Event::Started(key) } else { Event::Found(Box::new(there)) }))
    }

    fn maybe_die(&mut self) -> Result<(), Stop> {
        if self.one_in(150) { Err(Stop::Killed) } else { Ok(()) }
    }

    fn one_of_the_schedules(&mut self) -> usize {
        let count = u64::try_from(self.schedules.len()).expect("they are few");
        usize::try_from(self.upto(count)).expect("they are few")
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.upto(sides) == 0
    }

    /// From 0 to below this.
    fn upto(&mut self, sides: u64) -> u64 {
        self.dice.next_u64() % sides.max(1)
    }
}

pub(crate) fn seconds(count: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(count).expect("less than an age"))
}

/// However much has come up, one sweep of a schedule at a time.
fn assert_calm(actions: &[Action]) {
    let submitted = actions.iter().filter_map(|action| match action {
        Action::Submit(run) => Some(&run.key.schedule),
        Action::Keep(_)
        | Action::Forget(_)
        | Action::Record { .. }
        | Action::Cancel(_)
        | Action::Refuse(..) => None,
    });
    let mut seen = BTreeSet::new();
    for schedule in submitted {
        assert!(seen.insert(schedule), "two runs of {schedule} at once");
    }
}
