//! Stores of every released version open, are brought up to date, and keep their facts.

use std::time::Duration;

use iago_store::{
    Access, Act, Dates, Kind, NewBaseline, NewToken, Nights, Scope, State, Store, Totals,
};
use iago_sweep::{
    AttemptCause, AttemptFact, Digest, Fact, FailureClass, FailureFact, Finish, Frontier, JobId,
    Label, Money, Parse, PoolUse, ReadingFact, ResultFact, SweepId, Text, Usage,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use super::*;
use crate::SqliteStore;
use crate::column::pack;

/// By the hash of what was released: editing a step would leave older stores behind.
#[test]
fn a_released_step_is_never_edited() {
    let released = [
        "073a43aba67cf0faa767f19483cc7c5100eca17f329e3da22ba16acaaa48be49",
        "6742836e309d7417db090e71ea1f092ed2082bc30533d58a8d3ecd2b62b6c52b",
        "05f88e674e24d4d674cbbf05a07338ae08b2b396973baa6e813189dd73adea6a",
        "d5d5160ebf0209ed1e693fcdc0207881eec86c265f299dc7c1979fda2f8c7d50",
    ];
    for (step, hash) in released.iter().enumerate() {
        assert_eq!(Digest::of(MIGRATIONS[step]).to_string(), *hash, "step {step}");
    }
}

#[tokio::test]
async fn a_store_of_version_1_keeps_its_sweeps() {
    let (_place, path) = released_store().await;
    let store = SqliteStore::open(&path).await.unwrap();
    let heads = store.sweeps().await.unwrap();
    let seen: Vec<_> = heads
        .iter()
        .map(|head| (head.id.0, head.name.as_str(), head.revision, head.created_ms, &head.state))
        .collect();
    let paused = State::Paused("a\0b".to_owned());
    let expected = [
        (9, "third", 0, 30, &State::Done),
        (2, "second", 0, 20, &paused),
        (1, "first", 1, 10, &State::Running),
    ];
    assert_eq!(seen, expected);
    assert_eq!((heads[2].ask, heads[2].note.as_str()), (Digest::of("ask"), "longer"));
    assert_eq!(store.plan(SweepId(1), 0).await.unwrap(), PLAN);
    assert_eq!(store.plan(SweepId(9), 0).await.unwrap(), PLAN);
}

#[tokio::test]
async fn a_store_of_version_1_keeps_its_facts() {
    let (_place, path) = released_store().await;
    let store = SqliteStore::open(&path).await.unwrap();
    let sweep = SweepId(1);
    assert_eq!(store.results(sweep, None, 10).await.unwrap(), [result()]);
    let text = Text {
        raw: "said".to_owned(),
        reasoning: Some("thought".to_owned()),
        altered: true,
        logprobs: None,
    };
    assert_eq!(store.read(sweep, &[job(5)]).await.unwrap(), [(job(5), text)]);
    assert_eq!(store.failures(sweep).await.unwrap(), [failure()]);
    assert_eq!(store.attempts(sweep).await.unwrap(), [attempt()]);
    let frontier = Frontier { revision: 0, pool: "pool".to_owned(), position: 4_096 };
    assert_eq!(store.frontiers(sweep).await.unwrap(), [frontier]);
    let totals = store.totals(sweep).await.unwrap();
    assert_eq!((totals.calls(), totals.cost, totals.unpriced), (3 + 8 + 5, Money(7_000_011), 0));
    assert_eq!(store.totals(SweepId(2)).await.unwrap(), Totals::default());
}

/// A round counts from its first failure on, as it did.
#[tokio::test]
async fn a_store_of_version_1_is_in_the_round_of_its_latest_failure() {
    let (_place, path) = released_store().await;
    let mut connection = connect(&path).await;
    execute(&mut connection, LATER_FAILURES).await;
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let rounds = store.sweeps().await.unwrap().iter().map(|head| head.round).collect::<Vec<_>>();
    assert_eq!(rounds, [0, 3, 0]);
    let term = store.lead("the next one", Duration::ZERO).await.unwrap();
    assert_eq!(store.retry(term, SweepId(2)).await.unwrap(), 4);
    assert_eq!(store.retry(term, SweepId(9)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_store_of_version_1_does_what_a_new_one_does() {
    let (_place, path) = released_store().await;
    let store = SqliteStore::open(&path).await.unwrap();
    let term = store.lead("the next one", Duration::ZERO).await.unwrap();
    assert_eq!(term, 8);
    store.control(term, SweepId(1), State::Cancelled).await.unwrap();
    assert_eq!(store.sweeps().await.unwrap()[2].state, State::Cancelled);
    let (name, hash) = ("a token".to_owned(), Digest::of("text"));
    store.grant(NewToken { name, scope: Scope::Worker, hash, lives: None }).await.unwrap();
    store.close().await.unwrap();

    let mut connection = connect(&path).await;
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await;
    assert!(dangling.unwrap().is_empty());
    assert_eq!(version(&mut connection).await.unwrap(), LATEST);
    // A sweep's number is never given again, so the count of them must have come along.
    let insert = "INSERT INTO sweeps (name, created_ms) VALUES ('fourth', 40)";
    let inserted = sqlx::query(insert).execute(&mut connection).await.unwrap();
    assert_eq!(inserted.last_insert_rowid(), 10);
}

#[tokio::test]
async fn a_store_of_version_2_keeps_all_and_takes_readings() {
    let (_place, path) = released_store().await;
    let mut connection = connect(&path).await;
    execute(&mut connection, "PRAGMA foreign_keys = OFF").await;
    execute(&mut connection, MIGRATIONS[1]).await;
    execute(&mut connection, ORDERS).await;
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let heads = store.sweeps().await.unwrap();
    let rounds: Vec<_> = heads.iter().map(|head| (head.id.0, head.round)).collect();
    assert_eq!(rounds, [(9, 0), (2, 4), (1, 0)]);
    assert_eq!(heads[0].state, State::Cancelled);
    assert_eq!(store.tokens().await.unwrap()[0].hash, Digest::from_bytes(&[7; 32]).unwrap());
    assert_eq!(store.audit(10).await.unwrap()[0].detail, "for a worker");
    assert_eq!(store.results(SweepId(1), None, 10).await.unwrap(), [result()]);

    let term = store.lead("the next one", Duration::ZERO).await.unwrap();
    store.keep_readings(SweepId(1), term, vec![reading()]).await.unwrap();
    let grammar = reading().grammar;
    assert_eq!(store.readings(SweepId(1), grammar, None, 10).await.unwrap(), [reading()]);
    assert_eq!(store.readings(SweepId(2), grammar, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_store_of_version_3_keeps_its_texts_and_takes_log_probabilities_and_uses() {
    let (_place, path) = released_store().await;
    let mut connection = connect(&path).await;
    execute(&mut connection, "PRAGMA foreign_keys = OFF").await;
    execute(&mut connection, MIGRATIONS[1]).await;
    execute(&mut connection, MIGRATIONS[2]).await;
    execute(&mut connection, READINGS).await;
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let sweep = SweepId(1);
    let before = store.read(sweep, &[job(5)]).await.unwrap();
    assert_eq!((before[0].1.raw.as_str(), &before[0].1.logprobs), ("said", &None));
    assert_eq!(store.failures(sweep).await.unwrap()[0].cost, Some(Money(130)));
    let readings = store.readings(sweep, Digest::from_bytes(&[7; 32]).unwrap(), None, 10).await;
    assert_eq!(readings.unwrap()[0].label, Some(Label::Word("yes".to_owned())));
    assert_eq!(store.recent_use(i64::MIN).await.unwrap(), []);

    let term = store.lead("the next one", Duration::ZERO).await.unwrap();
    let text = Text { logprobs: Some("[-0.5]".to_owned()), ..Text::default() };
    let fact = Fact::Result(Box::new(ResultFact { job: job(8), ..result() }), text.clone());
    store.append(sweep, term, vec![fact]).await.unwrap();
    assert_eq!(store.read(sweep, &[job(8)]).await.unwrap(), [(job(8), text)]);
    let used = PoolUse { pool: "pool".to_owned(), at_ms: 1, calls: 2, cost: Money(3) };
    store.note_use(term, vec![used.clone()]).await.unwrap();
    assert_eq!(store.recent_use(1).await.unwrap(), [used]);
}

#[tokio::test]
async fn a_store_of_version_4_keeps_its_sweeps_and_audit_and_takes_nights() {
    let (_place, path) = released_store().await;
    let mut connection = connect(&path).await;
    execute(&mut connection, "PRAGMA foreign_keys = OFF").await;
    for (step, rows) in [(1, ORDERS), (2, READINGS), (3, USES)] {
        execute(&mut connection, MIGRATIONS[step]).await;
        execute(&mut connection, rows).await;
    }
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let heads = store.sweeps().await.unwrap();
    assert!(heads.iter().all(|head| head.kind == Kind::Asked), "{heads:?}");
    assert_eq!(store.recent_use(0).await.unwrap()[0].calls, 2);
    assert_eq!(store.dates().await.unwrap(), Dates::default());
    let audit = store.audit(10).await.unwrap();
    assert_eq!((audit[0].at_ms, audit[0].act, audit.len()), (41, Act::Grant, 1));

    store.note("me", Act::RunNow, None, "nightly").await.unwrap();
    assert_eq!(store.audit(10).await.unwrap()[1], audit[0]);
    let (name, by) = ("main".to_owned(), "me".to_owned());
    let new = NewBaseline { name, sweep: SweepId(1), revision: 1, by, replaces: false };
    let set = store.set_baseline(new).await.unwrap();
    assert_eq!(store.baselines().await.unwrap(), [set]);
    store.close().await.unwrap();
    let mut connection = connect(&path).await;
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await;
    assert!(dangling.unwrap().is_empty());
    // What was noted first had number 1, and the count of them came along.
    assert_eq!(count(&mut connection, "SELECT max(id) FROM audit").await, 2);
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_store_as_it_was() {
    let (_place, path) = released_store().await;
    let mut connection = connect(&path).await;
    // In the way of the step's last table.
    execute(&mut connection, "CREATE TABLE audit (mine TEXT)").await;
    migrate(&mut connection).await.unwrap_err();
    assert_eq!(version(&mut connection).await.unwrap(), 1);
    let tokens = "SELECT count(*) FROM sqlite_schema WHERE name IN ('tokens', 'sweeps_anew')";
    assert_eq!(count(&mut connection, tokens).await, 0);
    assert_eq!(count(&mut connection, "SELECT count(*) FROM sweeps").await, 3);

    execute(&mut connection, "DROP TABLE audit").await;
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.sweeps().await.unwrap().len(), 3);
}

#[tokio::test]
async fn references_are_looked_at_again_after_a_step() {
    let (_place, path) = released_store().await;
    let mut connection = connect(&path).await;
    migrate(&mut connection).await.unwrap();
    let orphan = "INSERT INTO frontier (sweep, revision, pool, position) VALUES (77, 0, '', 0)";
    let refused = sqlx::query(orphan).execute(&mut connection).await.unwrap_err();
    assert!(refused.as_database_error().unwrap().is_foreign_key_violation(), "{refused}");
}

/// Of a store that was just opened.
const LATEST: u32 = 5;
const PLAN: &[u8] = b"{\"a\":\"plan\"}";

/// A store as version 1 left it: its tables, and a row of each kind.
async fn released_store() -> (TempDir, std::path::PathBuf) {
    let place = TempDir::new().expect("a temporary directory");
    let path = place.path().join("iago.db");
    let mut connection = connect(&path).await;
    execute(&mut connection, MIGRATIONS[0]).await;
    execute(&mut connection, SWEEPS).await;
    sqlx::query("INSERT INTO blobs (digest, content) VALUES (?1, ?2)")
        .bind(Digest::of(PLAN).as_bytes().as_slice())
        .bind(pack(PLAN))
        .execute(&mut connection)
        .await
        .expect("a plan");
    for (sweep, number, note) in [(1, 0, ""), (1, 1, "longer"), (2, 0, ""), (9, 0, "")] {
        insert_revision(&mut connection, sweep, number, note).await;
    }
    insert_result(&mut connection).await;
    execute(&mut connection, FACTS).await;
    connection.close().await.expect("closed");
    (place, path)
}

/// The letters `iago` mark a file as ours. U+2400 stands for NUL.
const SWEEPS: &str = "
    PRAGMA application_id = 0x6961676f;
    PRAGMA user_version = 1;
    INSERT INTO sweeps (id, name, created_ms, state, reason) VALUES
        (1, 'first', 10, 'running', NULL),
        (2, 'second', 20, 'paused', 'a\u{2400}b'),
        (9, 'third', 30, 'done', NULL);
    INSERT INTO leadership (only, term, holder) VALUES (1, 7, 'somebody');";

const FACTS: &str = "
    INSERT INTO failures VALUES (1, 6, 0, 7, 1, 'exhausted', 503, 'overloaded', 8, 1, 0);
    INSERT INTO attempts VALUES (1, 7, 7, 1, 'released', 5, 11, NULL);
    INSERT INTO frontier VALUES (1, 0, 'pool', 4096);";

/// Of the second sweep, in two of its rounds.
const LATER_FAILURES: &str = "
    INSERT INTO failures VALUES
        (2, 6, 3, 7, 4, 'exhausted', 503, 'overloaded', 8, 1, 0),
        (2, 7, 1, 7, 2, 'exhausted', 503, 'overloaded', 8, 1, 0);";

/// What version 2 brought.
const ORDERS: &str = "
    PRAGMA user_version = 2;
    UPDATE sweeps SET round = 4 WHERE id = 2;
    UPDATE sweeps SET state = 'cancelled' WHERE id = 9;
    INSERT INTO tokens (name, scope, hash, created_ms) VALUES ('a token', 'worker',
        x'0707070707070707070707070707070707070707070707070707070707070707', 40);
    INSERT INTO audit (at_ms, who, act, detail) VALUES (41, 'me', 'grant', 'for a worker');";

/// What version 3 brought.
const READINGS: &str = "
    PRAGMA user_version = 3;
    UPDATE failures SET cost = 130;
    INSERT INTO readings VALUES (1, 5,
        x'0707070707070707070707070707070707070707070707070707070707070707',
        'ok', 'yes', 0, 4, 12);";

/// What version 4 brought.
const USES: &str = "
    PRAGMA user_version = 4;
    UPDATE texts SET logprobs = NULL;
    INSERT INTO uses (pool, at_ms, calls, cost) VALUES ('pool', 1, 2, 3);";

async fn insert_revision(connection: &mut SqliteConnection, sweep: i64, number: u32, note: &str) {
    sqlx::query("INSERT INTO revisions VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(sweep)
        .bind(number)
        .bind(Digest::of(PLAN).as_bytes().as_slice())
        .bind(Digest::of("ask").as_bytes().as_slice())
        .bind(Digest::of("analysis").as_bytes().as_slice())
        .bind(note)
        .execute(connection)
        .await
        .expect("a revision");
}

async fn insert_result(connection: &mut SqliteConnection) {
    sqlx::query(
        "INSERT INTO results VALUES (1, 5, 7, 1, 'stop', 'ok', 'yes', 0, 2, 6,
             501, 102, 53, 64, 15, 7000000, 890, 3, 2, 'echoed', ?1, 1)",
    )
    .bind(Digest::of("body").as_bytes().as_slice())
    .execute(&mut *connection)
    .await
    .expect("a result");
    sqlx::query("INSERT INTO texts VALUES (1, 5, ?1, ?2, 1)")
        .bind(pack(b"said"))
        .bind(pack(b"thought"))
        .execute(connection)
        .await
        .expect("a text");
}

fn result() -> ResultFact {
    ResultFact {
        job: job(5),
        term: 7,
        attempt: 1,
        finish: Finish::Stop,
        parse: Parse::Ok,
        label: Some(Label::Word("yes".to_owned())),
        opens: 2,
        decided: 6,
        usage: Usage { input: 501, cached_input: 102, cache_write: 53, output: 64, reasoning: 15 },
        cost: Some(Money(7_000_000)),
        latency_ms: 890,
        calls: 3,
        throttles: 2,
        echoed_model: Some("echoed".to_owned()),
        request: Digest::of("body"),
        simulated: true,
    }
}

fn failure() -> FailureFact {
    FailureFact {
        job: job(6),
        round: 0,
        term: 7,
        attempt: 1,
        class: FailureClass::Exhausted,
        status: Some(503),
        message: "overloaded".to_owned(),
        calls: 8,
        throttles: 1,
        cost: Some(Money::ZERO),
        simulated: false,
    }
}

fn attempt() -> AttemptFact {
    let (cause, cost) = (AttemptCause::Released, Some(Money(11)));
    AttemptFact { job: job(7), term: 7, attempt: 1, cause, calls: 5, cost }
}

fn reading() -> ReadingFact {
    let (grammar, label) = (Digest::of("grammar"), Some(Label::Abstained));
    ReadingFact { job: job(5), grammar, parse: Parse::Ok, label, opens: 0, decided: 2 }
}

fn job(number: i64) -> JobId {
    JobId::from_number(number).expect("from 0")
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    options.foreign_keys(true).connect().await.expect("connected")
}

async fn execute(connection: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.expect("executed");
}

async fn count(connection: &mut SqliteConnection, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(connection).await.expect("counted")
}
