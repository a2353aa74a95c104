//! A disk that is full in mid-sweep. The limit on pages makes SQLite say what it says then.

use std::path::Path;

use iago_store::{Kind, Names, NewRevision, Totals};
use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Finish, JobId, Parse, ResultFact, Text, Usage,
};
use tempfile::TempDir;

use super::*;
use crate::reader::Reader;

/// Pages of a store that is "full": room for the tables and one batch, not for three.
const PAGES_MAX: u32 = 80;

#[tokio::test]
async fn a_full_disk_loses_the_batch_and_nothing_else() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("iago.db");
    let (mut writer, sweep, term) = begin(&path).await;
    let reader = Reader { pool: connect::open_readers(&path), path: path.clone() };

    limit(&mut writer, PAGES_MAX).await;
    writer.append(sweep, term, batch(0)).await.expect("the first batch has room");
    let before = reader.totals(sweep).await.unwrap();
    let refused = writer.append(sweep, term, batch(1)).await;
    assert!(matches!(&refused, Err(StoreError::Full { path: at }) if *at == path), "{refused:?}");
    let again = writer.append(sweep, term, batch(1)).await;
    assert!(matches!(again, Err(StoreError::Full { .. })), "{again:?}");
    assert_eq!(reader.totals(sweep).await.unwrap(), before);

    limit(&mut writer, u32::MAX).await;
    let appended = writer.append(sweep, term, batch(1)).await.expect("there is space again");
    assert_eq!(appended, [Appended::Stored; ROWS + 1]);
    let expected = Totals { results: 2 * ROWS as u64, attempts: 2, ..Totals::default() };
    let totals = reader.totals(sweep).await.unwrap();
    assert_eq!((totals.results, totals.attempts), (expected.results, expected.attempts));
    assert_eq!(totals.calls(), 2 * before.calls());
}

#[tokio::test]
async fn a_sweep_that_does_not_fit_is_not_there() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("iago.db");
    let (mut writer, _, term) = begin(&path).await;
    let reader = Reader { pool: connect::open_readers(&path), path: path.clone() };

    limit(&mut writer, 1).await;
    let plan = noise(1 << 20).into_bytes();
    let refused = writer.submit(term, &new("large", plan)).await;
    assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
    let heads = reader.sweeps().await.unwrap();
    assert_eq!(heads.iter().map(|head| head.name.as_str()).collect::<Vec<_>>(), ["small"]);
}

const ROWS: usize = 20;

async fn begin(path: &Path) -> (Writer, SweepId, u64) {
    let mut writer = Writer::open(path.to_owned()).await.expect("opened");
    let term = writer.lead("this test".to_owned(), Duration::ZERO).await.expect("a term");
    let sweep = writer.submit(term, &new("small", vec![])).await.expect("submitted");
    (writer, sweep, term)
}

/// SQLite never sets it below what the database has: 1 means "not a page more".
async fn limit(writer: &mut Writer, pages: u32) {
    let pragma = format!("PRAGMA max_page_count = {pages}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(pragma))
        .execute(&mut writer.connection)
        .await
        .expect("a limit on pages");
}

fn new(name: &str, plan: Vec<u8>) -> NewSweep {
    let (ask, analysis) = (Digest::of("ask"), Digest::of("analysis"));
    let (note, names) = (String::new(), Names::default());
    let revision = NewRevision { number: 0, plan, ask, analysis, note, names };
    NewSweep { name: name.to_owned(), revision, created_ms: 0, kind: Kind::Asked }
}

/// The cheap fact stands first: it would be there if only the rest had failed.
fn batch(number: usize) -> Vec<Fact> {
    let jobs = (number * ROWS..(number + 1) * ROWS).map(job);
    let first = Fact::Attempt(AttemptFact {
        job: job(number),
        term: 1,
        attempt: 9,
        cause: AttemptCause::Released,
        calls: 1,
        cost: None,
    });
    std::iter::once(first).chain(jobs.map(answered)).collect()
}

fn job(number: usize) -> JobId {
    JobId::from_number(i64::try_from(number).expect("small")).expect("from 0")
}

fn answered(job: JobId) -> Fact {
    let result = ResultFact {
        job,
        term: 1,
        attempt: 1,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: None,
        opens: 0,
        decided: 0,
        usage: Usage::default(),
        cost: None,
        latency_ms: 1,
        calls: 1,
        throttles: 0,
        echoed_model: None,
        request: Digest::of("body"),
        simulated: true,
    };
    let text = Text { raw: noise(8_000), reasoning: None, altered: false, logprobs: None };
    Fact::Result(Box::new(result), text)
}

/// Text that compression does not make small.
fn noise(length: usize) -> String {
    let digests = (0u64..).map(|n| Digest::of(n.to_le_bytes()).to_string());
    digests.take(length.div_ceil(64)).collect()
}
