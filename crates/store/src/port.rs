//! The port: what a coordinator asks of any store, and what it may rely on after a crash.

use std::future::Future;
use std::time::Duration;

use iago_sweep::{
    AttemptFact, Digest, Fact, FailureFact, Finish, Frontier, JobId, Money, Parse, PoolUse,
    ReadingFact, ResultFact, SweepId, Text, words,
};

use crate::{StoreError, Totals};

/// How many texts one [`Store::read`] gives at most: at a few KiB each, a page of some MiB.
pub const READ_MAX: usize = 1_000;

/// A sweep to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSweep {
    /// Its name; several sweeps may bear the same one.
    pub name: String,
    /// Its first revision, number 0.
    pub revision: NewRevision,
    /// When it was submitted, in milliseconds since 1970, by the caller's clock.
    pub created_ms: i64,
    /// What it is for.
    pub kind: Kind,
}

words! {
    /// What a sweep is for. It stays what it was submitted as.
    #[derive(Default)]
    Kind, "kind of sweep", {
        /// Somebody asked for its answers, and whoever asks the same again is given them.
        #[default]
        Asked = "asked",
        /// A run of a schedule: its answers are those of that night, and of no other.
        Night = "night",
        /// Transcripts of a baseline, judged again beside another sweep.
        Anchors = "anchors",
    }
}

/// A plan of a sweep: the first one, an extension, or another analysis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// From 0, without gaps.
    pub number: u32,
    /// The plan as JSON; the store keeps these bytes and does not look into them.
    pub plan: Vec<u8>,
    /// Covers what is sent.
    pub ask: Digest,
    /// Covers what is read from the answers.
    pub analysis: Digest,
    /// Why there is this revision, for people: `extended: repeats 3 to 5`.
    pub note: String,
    /// What its coordinates are called.
    pub names: Names,
}

/// What the coordinates of a plan are called, for people who query tables.
///
/// A store whose tables nobody reads may ignore it: the plan says the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The names of the stages, by number.
    pub stages: Vec<String>,
    /// The model and the condition of each cell, by number.
    pub cells: Vec<(String, String)>,
    /// The ids of the prompts, by number.
    pub prompts: Vec<String>,
}

/// A sweep at its latest revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepHead {
    /// Its number in this store.
    pub id: SweepId,
    /// Its name.
    pub name: String,
    /// The number of its latest revision.
    pub revision: u32,
    /// What that revision asks.
    pub ask: Digest,
    /// What it reads from the answers.
    pub analysis: Digest,
    /// Why there is that revision.
    pub note: String,
    /// Whether work goes on.
    pub state: State,
    /// The retry round that counts, from 0: only its failures close a job. Those of earlier rounds
    /// are history.
    pub round: u32,
    /// When it was submitted, in milliseconds since 1970.
    pub created_ms: i64,
    /// What it is for.
    pub kind: Kind,
}

/// Whether work on a sweep goes on. A new sweep is running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Jobs are handed out.
    Running,
    /// None are, for the reason given.
    Paused(String),
    /// There are none left.
    Done,
    /// None are, and none will be unless somebody resumes it. What is stored stays.
    Cancelled,
}

/// What a restart must know of a result: the narrow row of recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The job that has a result.
    pub job: JobId,
    /// The term of the lease that it came under.
    pub term: u64,
    /// Which execution of the job it is of.
    pub attempt: u32,
    /// How its answer ended.
    pub finish: Finish,
    /// Whether its fields could be read.
    pub parse: Parse,
    /// The stages that it opens, one bit each.
    pub opens: u64,
    /// The stages for which opening was decided, one bit each.
    pub decided: u64,
    /// What it cost, where that is known.
    pub cost: Option<Money>,
}

impl Recovered {
    /// The narrow row of a result.
    pub fn of(result: &ResultFact) -> Self {
        let ResultFact { job, term, attempt, finish, parse, opens, decided, cost, .. } = *result;
        Self { job, term, attempt, finish, parse, opens, decided, cost }
    }
}

/// What became of one appended fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored. For a frontier: the store's is at least as far.
    Stored,
    /// The job has an answer, or this round's failure, from another execution. The first one
    /// stays; this one is kept as an attempt, with its calls and cost.
    Duplicate,
    /// This very execution is stored already: its message came twice, and nothing was written.
    Repeated,
}

/// Durable facts.
///
/// (job, term, attempt) names one execution of a job. Everything may arrive twice: an execution
/// counts once however often it is appended, or the sum of calls would not be what endpoints saw.
///
/// Whoever writes names its term, and gets [`StoreError::Deposed`] unless that is the latest one
/// that [`Store::lead`] gave; whether it has run out does not matter as long as nobody took over.
///
/// Unknown sweeps are [`StoreError::Missing`] everywhere. A verb that fails has written nothing.
/// A verb whose future is dropped is either done whole or not at all.
pub trait Store: Send + Sync + 'static {
    /// Stores a sweep with its first revision and plan, in state [`State::Running`].
    ///
    /// Once it returns, the sweep will be found after a crash; before that, nothing of it.
    /// [`StoreError::Conflict`] if the revision is not number 0.
    fn submit(
        &self,
        term: u64,
        new: NewSweep,
    ) -> impl Future<Output = Result<SweepId, StoreError>> + Send;

    /// Stores the next revision of a sweep. Once it returns, the sweep is found at it.
    ///
    /// [`StoreError::Conflict`] if its number is not the next one: somebody else revised first.
    fn revise(
        &self,
        term: u64,
        sweep: SweepId,
        revision: NewRevision,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Sets whether work on a sweep goes on. Once it returns, a restart keeps to it.
    fn control(
        &self,
        term: u64,
        sweep: SweepId,
        state: State,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Begins the next retry round of a sweep, and says which: failures of earlier rounds close
    /// nothing from here on. Once it returns, a restart keeps to it.
    fn retry(
        &self,
        term: u64,
        sweep: SweepId,
    ) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// Every sweep, the newest first.
    fn sweeps(&self) -> impl Future<Output = Result<Vec<SweepHead>, StoreError>> + Send;

    /// The plan of a revision, byte for byte.
    fn plan(
        &self,
        sweep: SweepId,
        revision: u32,
    ) -> impl Future<Output = Result<Vec<u8>, StoreError>> + Send;

    /// Stores facts, all of them or none, and says what became of each, in their order. Once it
    /// returns they are durable: only now may they be acknowledged.
    ///
    /// A result or failure of a job that has a result becomes an attempt, and so does a second
    /// failure of a retry round. One that is stored already is [`Appended::Repeated`] whichever round
    /// it is said to be of now. A result of a job that has only failures is stored: a paid answer
    /// is never thrown away. A frontier moves forward or stays.
    fn append(
        &self,
        sweep: SweepId,
        term: u64,
        facts: Vec<Fact>,
    ) -> impl Future<Output = Result<Vec<Appended>, StoreError>> + Send;

    /// What a restart must know of each result, in job order: at most `limit` rows, from the first
    /// job whose number is above `after`. Fewer than `limit` are the last ones.
    fn recover(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Recovered>, StoreError>> + Send;

    /// Whole results without their texts, in the order and pages of [`Store::recover`].
    fn results(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<ResultFact>, StoreError>> + Send;

    /// Every failure, by job and round; those of jobs that have a result by now among them.
    fn failures(
        &self,
        sweep: SweepId,
    ) -> impl Future<Output = Result<Vec<FailureFact>, StoreError>> + Send;

    /// Every attempt, by job, term and attempt.
    fn attempts(
        &self,
        sweep: SweepId,
    ) -> impl Future<Output = Result<Vec<AttemptFact>, StoreError>> + Send;

    /// How far work may be in flight, by revision and pool.
    fn frontiers(
        &self,
        sweep: SweepId,
    ) -> impl Future<Output = Result<Vec<Frontier>, StoreError>> + Send;

    /// The texts of these jobs' results, in job order. Jobs without a result are left out.
    ///
    /// [`StoreError::TooMany`] for more than [`READ_MAX`] jobs.
    fn read(
        &self,
        sweep: SweepId,
        jobs: &[JobId],
    ) -> impl Future<Output = Result<Vec<(JobId, Text)>, StoreError>> + Send;

    /// Keeps what stored texts came to under another grammar, all of it or nothing. Once it returns,
    /// a restart need not read those texts again.
    ///
    /// The first reading of a job under a grammar stays, and one that comes later is left out: the
    /// same text under the same grammar says the same. No result changes, and no sum does.
    fn keep_readings(
        &self,
        sweep: SweepId,
        term: u64,
        readings: Vec<ReadingFact>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What was read under one grammar, in the order and pages of [`Store::recover`].
    fn readings(
        &self,
        sweep: SweepId,
        grammar: Digest,
        after: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<ReadingFact>, StoreError>> + Send;

    /// Sums over a sweep, all taken at one instant.
    fn totals(&self, sweep: SweepId) -> impl Future<Output = Result<Totals, StoreError>> + Send;

    /// Stores what was called in pools, all of it or nothing. Once it returns, limits by the day still
    /// know of it after a crash; before that, calls of the last minute or so are forgotten.
    ///
    /// Uses are appended and never summed up: one that comes twice counts twice, and so a limit is
    /// rather taken for used up than exceeded.
    fn note_use(
        &self,
        term: u64,
        uses: Vec<PoolUse>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What was called in pools from this moment on (in milliseconds since 1970, by the clock of
    /// those who noted it): the earliest first, and uses of one moment in the order they were noted.
    fn recent_use(
        &self,
        since_ms: i64,
    ) -> impl Future<Output = Result<Vec<PoolUse>, StoreError>> + Send;

    /// Takes leadership and gives the new term, which nobody can take over for as long as `hold`,
    /// by the store's clock. Once it returns, nothing of an earlier term can be written any more,
    /// after a crash neither.
    ///
    /// [`StoreError::Led`] while a term has not run out, whoever holds it: two processes may have
    /// been given one name, and must not depose each other for ever. A `hold` of zero has run out
    /// at once.
    fn lead(
        &self,
        holder: &str,
        hold: Duration,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Holds a term for `hold` from now, which may be sooner than before. A term that has run out
    /// is held again if nobody took over meanwhile; otherwise it is [`StoreError::Deposed`].
    fn renew(
        &self,
        term: u64,
        hold: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets a term run out now, so that the next one who wants to lead need not wait. A term that
    /// is over already is left alone. Whoever resigned must write nothing more.
    fn resign(&self, term: u64) -> impl Future<Output = Result<(), StoreError>> + Send;
}
