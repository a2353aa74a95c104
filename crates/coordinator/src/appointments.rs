//! What a standing coordinator does at its due times: it drives the [`Agenda`].
//!
//! The agenda decides what becomes of each due time; what it decides is committed in one transaction of the
//! term in which this process leads, and only then done. A run begins with one transaction that stores
//! its sweeps and that it is running. Once they have come to rest, the night is judged, and what it came
//! to is stored with the run's end and with the messages about it. So it does not matter where a
//! coordinator dies: the next one finds in the store what is left to do, and does that.
//!
//! What takes long (compiling, reading a whole sweep to judge it) is done beside the loop, and comes back
//! to it as [`News`].

mod beginning;
mod deciding;
mod ending;
mod judging;
mod last_due;
mod rows;
#[cfg(test)]
mod tests;
mod topping_up;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use iago_nightly::{Agenda, Event, Morning, Run, RunKey, RunState, Schedule, ScheduleName, Stored};
use iago_store::{Comparison, Nights, Store, StoredRun};
use iago_sweep::{Plan, SweepId};
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;
use tracing::warn;

use crate::admission::check_admission;
use crate::driver::{Driver, Halt};
use crate::inbox::{Message, Reply};
use crate::submit::invalid;

pub(crate) use beginning::Began;
pub(crate) use judging::Judged;
pub(crate) use rows::{content_of, read_run, read_schedule};

/// What people asked for that may wait until it can be decided on.
const WISHES_MAX: usize = 100;

/// What a standing coordinator has to do at its due times.
#[derive(Default)]
pub(crate) struct Appointments {
    agenda: Agenda,
    /// The runs whose sweeps are stored and that are not over.
    going: BTreeMap<RunKey, Going>,
    /// What people asked for, the oldest first.
    wishes: VecDeque<(Wish, Reply<()>)>,
    /// Sweeps may have come to rest, or gone to work, since this was last looked at.
    is_unlooked: bool,
    /// What is done beside the loop; it ends with this leader.
    work: JoinSet<()>,
}

/// A run whose sweeps are stored, with what its end will take.
struct Going {
    /// In the run's version; `None` where the store has none that can be read.
    schedule: Option<Schedule>,
    sweep: SweepId,
    against: Option<Comparison>,
    progress: Progress,
}

/// How far a run has come.
enum Progress {
    /// Its sweeps are worked on, or are to be.
    AtWork,
    /// They have come to rest, and it is being judged.
    AtRest,
    /// It came to this, which is to be stored.
    Judged(Box<Morning>),
}

/// What somebody with the authority wants of a schedule.
pub(crate) enum Wish {
    /// That it is there, in the place of one of its name.
    Put(Box<Offer>),
    /// To know whether it would be taken.
    Try(Box<Offer>),
    Pause(ScheduleName),
    Resume(ScheduleName),
    Remove(ScheduleName),
    RunNow(ScheduleName),
}

/// A schedule that somebody hands in.
pub(crate) struct Offer {
    pub(crate) schedule: Schedule,
    /// The files of its sweep.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What they come to.
    pub(crate) plan: Plan,
}

/// What was done beside the loop.
pub(crate) enum News {
    /// A run's sweeps are stored, or are not.
    Began(RunKey, Began),
    /// A night was judged.
    Judged(RunKey, Box<Judged>),
}

/// Something that is done beside the loop broke.
#[derive(Debug, thiserror::Error)]
#[error("the coordinator broke over it, which is a fault of iago; its log says where")]
struct Broke;

/// Does something that may have a fault: one night that breaks must hold up no other.
async fn survived<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Broke> {
    AbortOnDropHandle::new(tokio::spawn(work)).await.map_err(|_broken| Broke)
}

impl Going {
    /// Its sweep, and that of its anchors.
    fn sweeps(&self) -> impl Iterator<Item = SweepId> {
        [Some(self.sweep), self.against.as_ref().and_then(|with| with.anchors)]
            .into_iter()
            .flatten()
    }
}

impl Appointments {
    /// Which run a sweep is of, or judges the anchors of.
    fn of_sweep(&self, sweep: SweepId) -> Option<&Going> {
        self.going.values().find(|going| going.sweeps().any(|of| of == sweep))
    }

    /// Whether nothing is to be decided yet: a run came to rest, its deadline has passed, and what it came
    /// to is not known yet. It was in time, and is not to be taken for late.
    fn is_held(&self, now: Timestamp) -> bool {
        self.agenda.runs().any(|run| {
            let is_due = run.done_by.is_some_and(|done_by| done_by <= now);
            let is_at_rest = |going: &Going| !matches!(going.progress, Progress::AtWork);
            is_due && self.going.get(&run.key).is_some_and(is_at_rest)
        })
    }

    fn is_tick_due(&self, now: Timestamp) -> bool {
        self.agenda.next_moment(now).is_some_and(|moment| moment <= now)
    }
}

impl<S: Store + Nights> Driver<S> {
    /// Finds out from the store what is to be done, and goes on with the sweeps of runs that were not known
    /// to be going.
    async fn load_again(&mut self) -> Result<(), Halt> {
        let known: BTreeSet<SweepId> = self.going_sweeps();
        self.load_appointments().await?;
        for sweep in self.going_sweeps().difference(&known) {
            self.take_to_hand(*sweep).await?;
        }
        Ok(())
    }

    fn going_sweeps(&self) -> BTreeSet<SweepId> {
        let going = self.appointments.iter().flat_map(|of| of.going.values());
        going.flat_map(Going::sweeps).collect()
    }

    /// Finds out from the store what is to be done. Nothing is decided yet.
    pub(crate) async fn load_appointments(&mut self) -> Result<(), Halt> {
        let dates = self.insist(|store| async move { store.dates().await }).await?;
        let mut appointments = self.appointments.take().unwrap_or_default();
        let mut runs = Vec::new();
        for stored in dates.runs {
            let Some(run) = read_run(&stored.row.run) else { continue };
            self.find_going(&mut appointments, &run, stored).await?;
            runs.push(run);
        }
        appointments.going.retain(|key, _| runs.iter().any(|run| run.key == *key));
        let mut schedules = Vec::with_capacity(dates.schedules.len());
        for standing in dates.schedules.iter().filter_map(|json| rows::read_standing(json)) {
            schedules.push(self.recall_last_due(standing).await?);
        }
        let stored = Stored { schedules, runs };
        appointments.agenda.apply(self.now(), Event::Loaded(Box::new(stored)));
        appointments.is_unlooked = true;
        self.appointments = Some(appointments);
        Ok(())
    }

    async fn find_going(
        &mut self,
        appointments: &mut Appointments,
        run: &Run,
        stored: StoredRun,
    ) -> Result<(), Halt> {
        let Some(sweep) = stored.sweep.filter(|_| run.state == RunState::Running) else {
            return Ok(());
        };
        if appointments.going.contains_key(&run.key) {
            return Ok(());
        }
        let schedule = self.read_version(run).await?;
        let with = self.insist(move |store| async move { store.comparisons(sweep).await }).await?;
        let against = with.into_iter().find(|with| with.sweep == sweep);
        let going = Going { schedule, sweep, against, progress: Progress::AtWork };
        appointments.going.insert(run.key.clone(), going);
        Ok(())
    }

    /// The schedule of a run, in the version that it is of.
    async fn read_version(&mut self, run: &Run) -> Result<Option<Schedule>, Halt> {
        let (name, version) = (run.key.schedule.clone(), run.version);
        let ask = |store: Arc<S>| {
            let name = name.clone();
            async move { store.version(name.as_str(), version).await }
        };
        let json = self.insist(ask).await?;
        Ok(json.and_then(|json| read_schedule(&json)))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.settings.clock.now()
    }

    /// Sweeps may have come to rest, or gone to work.
    pub(crate) fn look_at_appointments(&mut self) {
        if let Some(appointments) = &mut self.appointments {
            appointments.is_unlooked = true;
        }
    }

    /// Somebody wants something of a schedule. It is decided on with the next appointments.
    pub(crate) fn take_wish(&mut self, wish: Wish, reply: Reply<()>) {
        let refused = match &mut self.appointments {
            None => Status::failed_precondition(
                "schedules are for a coordinator that stays: start one with `iago coordinator`",
            ),
            Some(of) if of.wishes.len() >= WISHES_MAX => {
                Status::unavailable("too much is asked for at once: ask again")
            }
            Some(of) => return of.wishes.push_back((wish, reply)),
        };
        self.tell(reply, Err(refused));
    }

    /// Does what is due by now, and what people asked for.
    pub(crate) async fn keep_appointments(&mut self) -> Result<(), Halt> {
        self.look_for_rest().await?;
        loop {
            let now = self.now();
            let Some(appointments) = &mut self.appointments else { return Ok(()) };
            if appointments.is_held(now) {
                return Ok(());
            }
            if let Some((wish, reply)) = appointments.wishes.pop_front() {
                let answer = self.fulfil(wish).await?;
                self.tell(reply, answer);
            } else if appointments.is_tick_due(now) {
                self.happen(Event::Tick).await?;
            } else {
                return Ok(());
            }
        }
    }

    async fn fulfil(&mut self, wish: Wish) -> Result<Result<(), Status>, Halt> {
        let event = match wish {
            Wish::Put(offer) => match self.take_offer(*offer).await? {
                Ok(schedule) => Event::Put(Box::new(schedule)),
                Err(refused) => return Ok(Err(refused)),
            },
            Wish::Try(offer) => return Ok(self.admit(&offer)),
            Wish::Pause(name) => Event::Pause(name),
            Wish::Resume(name) => Event::Resume(name),
            Wish::Remove(name) => Event::Remove(name),
            Wish::RunNow(name) => Event::RunNow(name),
        };
        let refused = self.happen(event).await?;
        Ok(refused.map_or(Ok(()), Err))
    }

    fn admit(&self, offer: &Offer) -> Result<(), Status> {
        check_admission(&offer.plan, &self.settings).map_err(invalid)
    }

    /// What could not be worked on at night is not stored by day either.
    async fn take_offer(&mut self, offer: Offer) -> Result<Result<Schedule, Status>, Halt> {
        if let Err(refused) = self.admit(&offer) {
            return Ok(Err(refused));
        }
        let Offer { schedule, files, .. } = offer;
        let (term, content) = (self.term, schedule.content);
        let files: Vec<_> = files.into_iter().collect();
        let ask = |store: Arc<S>| {
            let files = files.clone();
            async move { store.keep_files(term, content, files).await }
        };
        self.insist(ask).await?;
        Ok(Ok(self.keep_paused(schedule)))
    }

    /// Whoever adds a schedule anew does not thereby resume it.
    fn keep_paused(&self, mut schedule: Schedule) -> Schedule {
        let known = self.appointments.iter().flat_map(|of| of.agenda.schedules());
        let mut same = known.filter(|standing| standing.schedule.name == schedule.name);
        schedule.terms.paused |= same.any(|standing| standing.schedule.terms.paused);
        schedule
    }

    /// Takes in what was done beside the loop.
    pub(crate) async fn take_news(&mut self, news: News) -> Result<(), Halt> {
        match news {
            News::Began(key, began) => self.take_began(key, began).await,
            News::Judged(key, judged) => self.take_judged(key, *judged).await,
        }
    }

    /// Does something beside the loop; the loop hears of it as news.
    fn work_beside(&mut self, work: impl Future<Output = News> + Send + 'static) {
        let again = self.ends.again.clone();
        let Some(appointments) = &mut self.appointments else { return };
        // Those that have ended take no room.
        while appointments.work.try_join_next().is_some() {}
        appointments.work.spawn(async move {
            let news = work.await;
            // Without anybody who could ask, the loop has ended.
            if let Some(inbox) = again.upgrade() {
                drop(inbox.send(Message::News(Box::new(news))).await);
            }
        });
    }

    /// A sweep that its run hangs on is worked on from where it stands.
    async fn take_to_hand(&mut self, sweep: SweepId) -> Result<(), Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        match heads.into_iter().find(|head| head.id == sweep) {
            Some(head) => self.take_up(head).await,
            None => {
                warn!(%sweep, "a run's sweep is not in this store");
                Ok(())
            }
        }
    }
}
