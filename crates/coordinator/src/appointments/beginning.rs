//! A run begins: its sweep is compiled from the files that its schedule pins, and stored with the run.

use std::sync::Arc;

use iago_nightly::{Event, Run, RunKey, RunState, Schedule};
use iago_store::{Baseline, Begun, Kind, NewNight, NewSweep, Night, Nights, Store, StoreError};
use iago_sweep::Plan;
use jiff::Timestamp;
use tracing::warn;

use super::{Going, News, Progress, rows, survived};
use crate::admission::check_admission;
use crate::against::compare_with;
use crate::compile::{Sources, compile};
use crate::driver::{Driver, Halt};
use crate::place::revision;
use crate::settings::Settings;
use crate::standing::StandingError;
use crate::submit::check_weight;

/// What came of a run that was to begin.
pub(crate) type Began = Result<(Box<Schedule>, Begun), NotBegun>;

/// Why a run did not begin.
#[derive(Debug)]
pub(crate) struct NotBegun {
    why: String,
    /// It may by and by.
    again: bool,
}

impl NotBegun {
    #[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
    fn for_good(why: impl ToString) -> Self {
        Self { why: why.to_string(), again: false }
    }
}

impl From<StoreError> for NotBegun {
    fn from(error: StoreError) -> Self {
        let again = matches!(
            error,
            StoreError::Unavailable { .. } | StoreError::Full { .. } | StoreError::Deposed { .. }
        );
        Self { why: error.to_string(), again }
    }
}

impl From<StandingError> for NotBegun {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::Store(error) => error.into(),
            StandingError::Plan { .. } => Self::for_good(error),
        }
    }
}

/// A run that is to begin, with all that this takes.
struct Beginning<S> {
    store: Arc<S>,
    settings: Settings,
    term: u64,
    now: Timestamp,
    run: Run,
}

impl<S: Store + Nights> Driver<S> {
    /// Begins a run, beside the loop.
    pub(super) fn begin(&mut self, run: Run) {
        let (store, settings) = (Arc::clone(&self.store), self.settings.clone());
        let (term, now, key) = (self.term, self.now(), run.key.clone());
        let beginning = Beginning { store, settings, term, now, run };
        self.work_beside(async move {
            let began = survived(beginning.begin()).await;
            News::Began(key, began.unwrap_or_else(|broke| Err(NotBegun::for_good(broke))))
        });
    }

    /// A run has begun, and its sweeps are worked on from here; or it has not.
    pub(super) async fn take_began(&mut self, key: RunKey, began: Began) -> Result<(), Halt> {
        let event = match began {
            Ok((schedule, Begun::Night(night))) => {
                self.work_on(&key, *schedule, night).await?;
                Event::Started(key)
            }
            Ok((_, Begun::Found(row))) => match rows::read_run(&row.run) {
                Some(run) => Event::Found(Box::new(run)),
                None => return Ok(()),
            },
            Err(NotBegun { why, again }) => {
                // Not why: what cannot be compiled may be quoted there.
                warn!(schedule = %key.schedule, due = %key.due, again, "a run did not begin");
                Event::NotStarted { key, why, again }
            }
        };
        self.happen(event).await.map(drop)
    }

    async fn work_on(&mut self, key: &RunKey, of: Schedule, night: Night) -> Result<(), Halt> {
        let Some(appointments) = &mut self.appointments else { return Ok(()) };
        if appointments.going.contains_key(key) {
            return Ok(());
        }
        let Night { sweep, against } = night;
        let going = Going { schedule: Some(of), sweep, against, progress: Progress::AtWork };
        let sweeps: Vec<_> = going.sweeps().collect();
        appointments.going.insert(key.clone(), going);
        for sweep in sweeps {
            self.take_to_hand(sweep).await?;
        }
        Ok(())
    }
}

impl<S: Store + Nights> Beginning<S> {
    async fn begin(self) -> Began {
        let schedule = self.read_schedule().await?;
        let mut plan = self.compile(&schedule).await?;
        let created_ms = self.now.as_millisecond();
        let against = match self.find_baseline(&schedule).await? {
            Some(baseline) => {
                Some(compare_with(&*self.store, &mut plan, &baseline, created_ms).await?)
            }
            None => None,
        };
        let note = format!("a run of schedule {}, due {}", schedule.name, self.run.key.due);
        let sweep = NewSweep {
            name: plan.name.clone(),
            revision: revision(0, &plan, &note),
            created_ms,
            kind: Kind::Night,
        };
        let running = Run { state: RunState::Running, ..self.run.clone() };
        let (row, was) = (rows::row(&running), rows::state(&self.run.state));
        let night = NewNight { sweep, against };
        let begun = self.store.begin(self.term, row, was, night).await?;
        Ok((Box::new(schedule), begun))
    }

    async fn read_schedule(&self) -> Result<Schedule, NotBegun> {
        let (name, version) = (&self.run.key.schedule, self.run.version);
        let json = self.store.version(name.as_str(), version).await?;
        json.and_then(|json| rows::read_schedule(&json)).ok_or_else(|| {
            NotBegun::for_good(format!(
                "version {} of schedule `{name}` cannot be read; add the schedule again",
                version.short()
            ))
        })
    }

    /// The sweep as it was when the schedule was added, by what a submission is checked by.
    async fn compile(&self, schedule: &Schedule) -> Result<Plan, NotBegun> {
        let files = self.store.files(schedule.content).await?;
        if files.is_empty() {
            let name = &schedule.name;
            let why = format!("the files of schedule `{name}` are gone; add the schedule again");
            return Err(NotBegun::for_good(why));
        }
        let file_name = schedule.terms.sweep.clone();
        let sources = Sources { file_name, files: files.into_iter().collect(), prompts_max: None };
        let plan = compile(&sources).map_err(NotBegun::for_good)?;
        check_weight(rows::json(&plan).len())
            .map_err(|status| NotBegun::for_good(status.message()))?;
        check_admission(&plan, &self.settings).map_err(NotBegun::for_good)?;
        Ok(plan)
    }

    /// The baseline that the schedule names. A night whose baseline is not there runs all the same, and
    /// says so in the morning.
    async fn find_baseline(&self, schedule: &Schedule) -> Result<Option<Baseline>, StoreError> {
        let Some(pinned) = &schedule.terms.baseline else { return Ok(None) };
        let baselines = self.store.baselines().await?;
        let found = baselines.into_iter().find(|baseline| baseline.name == pinned.pinned);
        if found.is_none() {
            warn!(schedule = %schedule.name, baseline = pinned.pinned, "there is no such baseline");
        }
        Ok(found)
    }
}
