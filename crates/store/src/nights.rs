//! The third part of the port: baselines, schedules, what became of their due times, and who is told.
//!
//! What schedules, runs and verdicts say of themselves is JSON of whoever decides about them; a store keeps
//! these bytes and does not look into them, but for the few things beside them that it must know: which
//! run it is, in what state, and which sweeps are its own.

use std::future::Future;

use iago_sweep::{Digest, SweepId};

use crate::{NewSweep, StoreError};

/// A run that somebody set on purpose to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What people call it.
    pub name: String,
    /// The sweep.
    pub sweep: SweepId,
    /// At this revision, whatever the sweep is extended to later.
    pub revision: u32,
    /// When it was set, in milliseconds since 1970, by the store's clock.
    pub set_ms: i64,
    /// Who set it.
    pub by: String,
}

/// A baseline to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBaseline {
    /// What people call it.
    pub name: String,
    /// The sweep.
    pub sweep: SweepId,
    /// At this revision.
    pub revision: u32,
    /// Who sets it.
    pub by: String,
    /// In the place of one of its name.
    pub replaces: bool,
}

/// What a run is known by: there is at most one for a schedule and a due time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DueKey {
    /// The name of the schedule.
    pub schedule: String,
    /// When it was due, in whole seconds since 1970.
    pub due_s: i64,
}

/// What became of a due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// What it is known by.
    pub key: DueKey,
    /// All that is said of it, as JSON.
    pub run: Vec<u8>,
    /// Its state alone, as JSON: what is compared, byte for byte, before it is replaced.
    pub state: Vec<u8>,
    /// Nothing follows any more.
    pub is_over: bool,
}

/// A run with what the store knows of it besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// What became of it.
    pub row: RunRow,
    /// The sweep that it is, once it was begun.
    pub sweep: Option<SweepId>,
    /// What it came to, as JSON, once that is known.
    pub verdict: Option<Vec<u8>>,
}

/// What leads to a run, and what is told of it, stored together with its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A schedule as it stands from now on, in the place of the one of its name. Its version is kept for
    /// good beside those before it.
    Keep {
        /// Its name.
        name: String,
        /// The version that is in force.
        version: Digest,
        /// That version, as JSON.
        schedule: Vec<u8>,
        /// All that is said of it, as JSON.
        standing: Vec<u8>,
    },
    /// A schedule is no more. Its versions and runs stay.
    Forget {
        /// Its name.
        name: String,
    },
    /// What became of a due time: a new row where `was` is `None`, and otherwise in the place of a row
    /// with that very state. Where the store has something else, nothing of this change is written.
    Record(Box<Recording>),
}

/// See [`Change::Record`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// What became of it.
    pub row: RunRow,
    /// What its state is believed to be in the store.
    pub was: Option<Vec<u8>>,
    /// The run's sweep, and those in which anchors are judged for it, are cancelled, each unless it is done.
    pub cancels: bool,
    /// What it came to, as JSON; `None` leaves it at what is known already.
    pub verdict: Option<Vec<u8>>,
    /// Who is to be told. A message whose id is there already is left out.
    pub notices: Vec<NewNotice>,
}

/// What became of one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is stored.
    Stored,
    /// The store has this run in place of the one that was believed to be there.
    Found(Box<RunRow>),
    /// The store has no run of this key, and one was believed to be there.
    Absent,
}

/// All that a coordinator needs in order to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// The standings of all schedules in force, by name.
    pub schedules: Vec<Vec<u8>>,
    /// All runs that are not over, by key.
    pub runs: Vec<StoredRun>,
}

/// A sweep that is compared with a baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNight {
    /// It.
    pub sweep: NewSweep,
    /// What with, if with anything.
    pub against: Option<NewComparison>,
}

/// What a sweep is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComparison {
    /// The name of the baseline, as it was when the sweep began.
    pub baseline: String,
    /// The sweep that it was.
    pub of: SweepId,
    /// At this revision.
    pub revision: u32,
    /// The sweep in which transcripts of the baseline are judged again, if they are.
    pub anchors: Option<NewSweep>,
}

/// The same, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The sweep that is compared.
    pub sweep: SweepId,
    /// The name of the baseline, as it was when the sweep began.
    pub baseline: String,
    /// The sweep that it was.
    pub of: SweepId,
    /// At this revision.
    pub revision: u32,
    /// The sweep in which transcripts of the baseline are judged again, if they are.
    pub anchors: Option<SweepId>,
}

/// A night whose sweeps are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Night {
    /// The sweep.
    pub sweep: SweepId,
    /// What it is compared with.
    pub against: Option<Comparison>,
}

/// What became of a run that was to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Its sweeps are stored with its state, now or earlier.
    Night(Night),
    /// The store has this run, which is in another state and has no sweep: nothing was written.
    Found(Box<RunRow>),
}

/// A message to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// What it is known by to whoever receives it, however often it comes. No two messages share one.
    pub id: String,
    /// Who receives it, as JSON.
    pub to: Vec<u8>,
    /// What is said, as JSON.
    pub body: Vec<u8>,
}

/// A message with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The message.
    pub new: NewNotice,
    /// The run that it is about.
    pub key: DueKey,
    /// When it was stored, in milliseconds since 1970, by the store's clock.
    pub since_ms: i64,
    /// What became of it; `None`: it is still to be delivered.
    pub end: Option<NoticeEnd>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeEnd {
    /// It was received.
    Delivered,
    /// Nobody tries any more, for this reason.
    GivenUp(String),
}

/// Baselines, schedules, runs and messages. Whatever a verb returns from survives a crash; one that fails
/// has written nothing. Verbs that name a term are fenced as those of [`crate::Store`] are.
///
/// Baselines ask for no term: people set them while nobody leads.
pub trait Nights: Send + Sync + 'static {
    /// Sets a baseline. One of this name that is there already is replaced only if `replaces` says so:
    /// otherwise it is [`StoreError::BaselineTaken`], unless it stands for the same sweep and revision, and
    /// is left as it is. The sweep must have the revision, or it is [`StoreError::Missing`].
    fn set_baseline(
        &self,
        baseline: NewBaseline,
    ) -> impl Future<Output = Result<Baseline, StoreError>> + Send;

    /// Forgets a baseline; what was compared with it stays compared. [`StoreError::NoBaseline`] if none has
    /// this name.
    fn drop_baseline(&self, name: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Every baseline, by name.
    fn baselines(&self) -> impl Future<Output = Result<Vec<Baseline>, StoreError>> + Send;

    /// Keeps the files of a sweep under the digest of all of them together. What is there already stays.
    fn keep_files(
        &self,
        term: u64,
        content: Digest,
        files: Vec<(String, Vec<u8>)>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The files that were kept under a digest, by path; none where nothing was.
    fn files(
        &self,
        content: Digest,
    ) -> impl Future<Output = Result<Vec<(String, Vec<u8>)>, StoreError>> + Send;

    /// A version of a schedule, as JSON; `None` where there never was one.
    fn version(
        &self,
        name: &str,
        version: Digest,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// The schedules in force and the runs that are not over, all read at one instant.
    fn dates(&self) -> impl Future<Output = Result<Dates, StoreError>> + Send;

    /// Stores changes in their order, in one transaction, and says what became of each. Those whose run is
    /// not as believed are left out, and all others are written.
    fn change(
        &self,
        term: u64,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<Vec<Changed>, StoreError>> + Send;

    /// Stores the sweeps of a run and, in the same transaction, its next state. A run that has its sweeps
    /// already gets them again and nothing is written: this may be asked twice.
    ///
    /// `was` is what the run's state is believed to be. The run must be there, or it is
    /// [`StoreError::NoRun`].
    fn begin(
        &self,
        term: u64,
        row: RunRow,
        was: Vec<u8>,
        night: NewNight,
    ) -> impl Future<Output = Result<Begun, StoreError>> + Send;

    /// Stores that a sweep which is there is compared with a baseline, with the sweep of its anchors. Where
    /// it is compared with a baseline of this name, sweep and revision already, that is given again and
    /// nothing is written; another one of this name takes its place. What is compared with is not looked up.
    fn compare(
        &self,
        term: u64,
        sweep: SweepId,
        with: NewComparison,
    ) -> impl Future<Output = Result<Comparison, StoreError>> + Send;

    /// What a sweep is compared with, by the name of the baseline; or of which comparison it judges the
    /// anchors. [`StoreError::Missing`] if there is no such sweep.
    fn comparisons(
        &self,
        sweep: SweepId,
    ) -> impl Future<Output = Result<Vec<Comparison>, StoreError>> + Send;

    /// The runs of a schedule, the latest due first: at most `limit` that were due before `before_s`.
    fn runs(
        &self,
        schedule: &str,
        before_s: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredRun>, StoreError>> + Send;

    /// The run that a sweep is; `None` of one that nobody scheduled, and of one that judges anchors.
    fn run_of(
        &self,
        sweep: SweepId,
    ) -> impl Future<Output = Result<Option<StoredRun>, StoreError>> + Send;

    /// Messages that are still to be delivered, the oldest first, at most `limit`.
    fn open_notices(
        &self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Notice>, StoreError>> + Send;

    /// What became of a message. The first end of it stays; an id that no message has is left alone.
    fn end_notice(
        &self,
        term: u64,
        id: &str,
        end: NoticeEnd,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The messages about a run, in the order they were stored.
    fn notices(&self, key: &DueKey)
    -> impl Future<Output = Result<Vec<Notice>, StoreError>> + Send;
}
