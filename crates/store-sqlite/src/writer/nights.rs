//! Writes about what is scheduled and compared.

use iago_store::{
    Baseline, Begun, Change, Changed, Comparison, NewBaseline, NewComparison, NewNight, NoticeEnd,
    RunRow, StoreError,
};
use iago_sweep::{Digest, SweepId};
use sqlx::SqliteConnection;

use super::{Answer, Writer, send};
use crate::fault::Fault;
use crate::leadership::require_term;
use crate::{baseline, comparison, notice, run, schedule};

/// Something to be written of nights.
#[derive(Debug)]
pub(crate) enum NightWrite {
    SetBaseline(NewBaseline, Answer<Baseline>),
    DropBaseline(String, Answer<()>),
    KeepFiles(u64, Digest, Vec<(String, Vec<u8>)>, Answer<()>),
    Change(u64, Vec<Change>, Answer<Vec<Changed>>),
    Begin(u64, RunRow, Vec<u8>, Box<NewNight>, Answer<Begun>),
    Compare(u64, SweepId, Box<NewComparison>, Answer<Comparison>),
    EndNotice(u64, String, NoticeEnd, Answer<()>),
}

impl Writer {
    pub(super) async fn serve_night(&mut self, write: NightWrite) {
        match write {
            NightWrite::SetBaseline(new, answer) => send(answer, self.set_baseline(&new).await),
            NightWrite::DropBaseline(name, answer) => send(answer, self.drop_baseline(&name).await),
            NightWrite::KeepFiles(term, content, files, answer) => {
                send(answer, self.keep_files(term, content, &files).await);
            }
            NightWrite::Change(term, changes, answer) => {
                send(answer, self.change(term, &changes).await);
            }
            NightWrite::Begin(term, row, was, night, answer) => {
                send(answer, self.begin_run(term, &row, &was, &night).await);
            }
            NightWrite::Compare(term, sweep, with, answer) => {
                send(answer, self.compare(term, sweep, &with).await);
            }
            NightWrite::EndNotice(term, id, end, answer) => {
                send(answer, self.end_notice(term, &id, &end).await);
            }
        }
    }

    async fn set_baseline(&mut self, new: &NewBaseline) -> Result<Baseline, StoreError> {
        self.begin().await?;
        let outcome = baseline::set(&mut self.connection, new).await;
        self.end(outcome).await
    }

    async fn drop_baseline(&mut self, name: &str) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = baseline::forget(&mut self.connection, name).await;
        self.end(outcome).await
    }

    async fn keep_files(
        &mut self,
        term: u64,
        content: Digest,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = schedule::keep_files(&mut self.connection, term, content, files).await;
        self.end(outcome).await
    }

    async fn change(&mut self, term: u64, changes: &[Change]) -> Result<Vec<Changed>, StoreError> {
        self.begin().await?;
        let outcome = change_all(&mut self.connection, term, changes).await;
        self.end(outcome).await
    }

    async fn begin_run(
        &mut self,
        term: u64,
        row: &RunRow,
        was: &[u8],
        night: &NewNight,
    ) -> Result<Begun, StoreError> {
        self.begin().await?;
        let outcome = run::begin(&mut self.connection, term, row, was, night).await;
        self.end(outcome).await
    }

    async fn compare(
        &mut self,
        term: u64,
        sweep: SweepId,
        with: &NewComparison,
    ) -> Result<Comparison, StoreError> {
        self.begin().await?;
        let outcome = comparison::compare(&mut self.connection, term, sweep, with).await;
        self.end(outcome).await
    }

    async fn end_notice(&mut self, term: u64, id: &str, end: &NoticeEnd) -> Result<(), StoreError> {
        self.begin().await?;
        let outcome = notice::end(&mut self.connection, term, id, end).await;
        self.end(outcome).await
    }
}

async fn change_all(
    connection: &mut SqliteConnection,
    term: u64,
    changes: &[Change],
) -> Result<Vec<Changed>, Fault> {
    require_term(connection, term).await?;
    let mut changed = Vec::with_capacity(changes.len());
    for change in changes {
        changed.push(change_one(connection, change).await?);
    }
    Ok(changed)
}

async fn change_one(connection: &mut SqliteConnection, change: &Change) -> Result<Changed, Fault> {
    match change {
        Change::Keep { name, version, schedule, standing } => {
            schedule::keep(connection, name, *version, schedule, standing).await?;
        }
        Change::Forget { name } => schedule::forget(connection, name).await?,
        Change::Record(recording) => return run::record(connection, recording).await,
    }
    Ok(Changed::Stored)
}
