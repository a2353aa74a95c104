//! What people may ask in SQL, as somebody who may only read, while a sweep is at work.

use std::sync::Arc;

use iago_store::{
    Appended, Change, DueKey, NewNotice, Nights, NoticeEnd, Recording, RunRow, Store,
};
use iago_sweep::{
    AttemptCause, Digest, Fact, Finish, Label, Money, Parse, PoolUse, ReadingFact, ResultFact, Text,
};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::cluster::{ask, connect, execute, fresh};
use crate::facts::{answered, attempt, begin, failure, job_at, result, result_of};

const VIEWS: [&str; 11] = [
    "answers",
    "labels",
    "failed",
    "calls",
    "cell_progress",
    "sweep_progress",
    "read_anew",
    "spending",
    "pool_use",
    "nights",
    "messages",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_can_be_read_while_a_sweep_is_at_work() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let store = Arc::new(store);
    let mut reader = reader_of(&url).await;
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for first in (0..2_000).step_by(50) {
            let facts = (first..first + 50).map(|number| result(number, 1)).collect();
            let appended = writer.append(sweep, term, facts).await.expect("appended");
            assert_eq!(appended, [Appended::Stored; 50]);
        }
    });
    let mut seen = 0;
    while !writing.is_finished() {
        for view in VIEWS {
            ask(&mut reader, &format!("SELECT count(*) FROM iago.{view}")).await;
        }
        let answers = ask(&mut reader, "SELECT count(*) FROM iago.answers").await;
        assert!(answers >= seen && answers % 50 == 0, "{answers} answers after {seen}");
        seen = answers;
    }
    writing.await.unwrap();
    let progress = "SELECT answers FROM iago.sweep_progress";
    assert_eq!(ask(&mut reader, progress).await, 2_000);
}

#[tokio::test]
async fn whoever_reads_cannot_write_or_see_who_may() {
    let (_store, url) = fresh().await;
    let mut reader = reader_of(&url).await;
    for statement in [
        "INSERT INTO iago.attempts VALUES (1, 1, 1, 1, 1, NULL, 'released', NULL)",
        "UPDATE iago.sweeps SET name = 'another'",
        "UPDATE iago.sweep_progress SET name = 'another'",
        "DELETE FROM iago.results",
        "DELETE FROM iago.readings",
        "DELETE FROM iago.uses",
        "TRUNCATE iago.texts",
        "DROP VIEW iago.answers",
        "CREATE TABLE iago.notes (note text)",
        "SELECT 1 FROM iago.leadership FOR SHARE",
        "SELECT hash FROM iago.tokens",
        "SELECT who FROM iago.audit",
        "SELECT content FROM iago.blobs",
        "DELETE FROM iago.nights",
        "UPDATE iago.runs SET is_over = true",
        "SELECT recipient FROM iago.notices",
        "SELECT standing FROM iago.schedules",
    ] {
        let refused = sqlx::query(statement).execute(&mut reader).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code());
        // Not permitted, or a view that takes no updates from anybody.
        assert!(matches!(code.as_deref(), Some("42501" | "55000")), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn every_view_says_what_it_is() {
    let (_store, url) = fresh().await;
    let mut connection = connect(&url).await;
    let views = "SELECT count(*) FROM pg_class WHERE relkind = 'v'
         AND relnamespace = 'iago'::regnamespace AND length(obj_description(oid)) > 40";
    assert_eq!(ask(&mut connection, views).await, i64::try_from(VIEWS.len()).unwrap());
    let all = "SELECT count(*) FROM pg_views WHERE schemaname = 'iago'";
    assert_eq!(ask(&mut connection, all).await, i64::try_from(VIEWS.len()).unwrap());
}

#[tokio::test]
async fn a_night_is_told_by_the_words_of_its_state_and_verdict() {
    let (store, url) = fresh().await;
    let (_, term) = begin(&store).await;
    let night = |due_s, state: &str, verdict: Option<&str>| {
        let key = DueKey { schedule: "nightly".to_owned(), due_s };
        let row = RunRow { key, run: b"{}".to_vec(), state: state.into(), is_over: true };
        let verdict = verdict.map(Into::into);
        let notices = vec![NewNotice { id: due_s.to_string(), to: vec![], body: vec![] }];
        Change::Record(Box::new(Recording { row, was: None, cancels: false, verdict, notices }))
    };
    let changes = vec![
        night(1_790_000_000, r#"{"state":"ended"}"#, Some(r#"{"word":"pass","of":"a\u0000"}"#)),
        night(1_790_086_400, r#"{"state":"missed","why":{"missed":"late"}}"#, None),
        night(1_790_172_800, r#"{"state":"failed","why":"\u0000"}"#, Some(r#"{"of":1}"#)),
    ];
    store.change(term, changes).await.unwrap();
    store.end_notice(term, "1790086400", NoticeEnd::GivenUp("410".to_owned())).await.unwrap();
    let mut reader = reader_of(&url).await;
    let nights =
        "SELECT concat_ws(' ', schedule, to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
             state, coalesce(word, '-'), sweep, baseline, is_over, verdict)
         FROM iago.nights ORDER BY due";
    let expected = [
        r#"nightly 2026-09-21 14:13 ended pass t {"word":"pass","of":"a\u0000"}"#,
        "nightly 2026-09-22 14:13 missed - t",
        r#"nightly 2026-09-23 14:13 failed - t {"of":1}"#,
    ];
    assert_eq!(lines_of(&mut reader, nights).await, expected);
    let messages = "SELECT concat_ws(' ', id, schedule, since > now() - interval '1 hour',
             coalesce(outcome, 'open'), reason) FROM iago.messages ORDER BY due";
    let expected = [
        "1790000000 nightly t open",
        "1790086400 nightly t given-up 410",
        "1790172800 nightly t open",
    ];
    assert_eq!(lines_of(&mut reader, messages).await, expected);
}

#[tokio::test]
async fn a_number_of_a_job_is_taken_apart_into_names() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let text =
        Text { raw: "no\0thing".to_owned(), logprobs: Some("[]".to_owned()), ..Text::default() };
    let refusal = ResultFact { finish: Finish::Refusal, ..result_of(job_at(0, 1, 1), 1) };
    let beyond = result_of(job_at(5, 70_000, 4_000_000), 1); // nobody gave it names
    let facts = vec![Fact::Result(Box::new(refusal), text), answered(beyond)];
    store.append(sweep, term, facts).await.unwrap();
    let mut reader = reader_of(&url).await;
    let rows = sqlx::query(
        "SELECT concat_ws(' ', sweep_name, stage, model, condition, prompt, repeat, vote, finish,
             raw, logprobs, dollars, input_tokens, stage_number, cell_number, prompt_number, simulated)
         FROM iago.answers ORDER BY job",
    )
    .fetch_all(&mut reader)
    .await
    .unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        lines,
        [
            "a sweep ask b-model only p-1 3 2 refusal no\u{2400}thing [] 0.007000000000 500 0 1 1 t",
            "a sweep 3 2 stop answer 1 of job s5.c70000.p4000000.r3.v2 0.007000000000 500 5 70000 \
             4000000 t",
        ]
    );
}

#[tokio::test]
async fn labels_tell_an_abstention_from_a_no() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let said = |prompt, label| ResultFact { label, ..result_of(job_at(1, 0, prompt), 1) };
    let facts = vec![
        answered(said(0, Some(Label::Word("no".to_owned())))),
        answered(said(1, Some(Label::Abstained))),
        answered(said(2, None)),
    ];
    store.append(sweep, term, facts).await.unwrap();
    let mut reader = reader_of(&url).await;
    let lines = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', stage, prompt, coalesce(label, '-'), abstained) FROM iago.labels
         ORDER BY job",
    );
    assert_eq!(lines.await, ["judge p-0 no f", "judge p-1 - t"]);
}

#[tokio::test]
async fn what_was_read_anew_stands_beside_what_was_read_at_first() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let job = job_at(1, 1, 0);
    let first = ResultFact { label: Some(Label::Word("no".to_owned())), ..result_of(job, 1) };
    store.append(sweep, term, vec![answered(first)]).await.unwrap();
    let (grammar, label) = (Digest::of("grammar"), Some(Label::Abstained));
    let read = ReadingFact { job, grammar, parse: Parse::Unclosed, label, opens: 0, decided: 0b10 };
    store.keep_readings(sweep, term, vec![read]).await.unwrap();
    let mut reader = reader_of(&url).await;
    let lines = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', stage, model, prompt, parse, coalesce(label, '-'), abstained,
             parse_at_first, label_at_first, abstained_at_first, simulated, grammar)
         FROM iago.read_anew",
    );
    assert_eq!(lines.await, [format!("judge b-model p-0 unclosed - t ok no f t {grammar}")]);
}

#[tokio::test]
async fn progress_and_calls_add_up_to_the_totals() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let cut = ResultFact {
        parse: Parse::Truncated,
        finish: Finish::Length,
        ..result_of(job_at(0, 0, 0), 1)
    };
    let facts = vec![
        answered(cut),
        answered(ResultFact { cost: None, ..result_of(job_at(0, 1, 0), 1) }),
        result(5, 1),
        failure(5, 2, 0),
        failure(6, 1, 0),
        failure(9, 2, 0),
        attempt(7, 1, AttemptCause::Abandoned),
        attempt(8, 1, AttemptCause::Abandoned),
        result(8, 1),
    ];
    store.append(sweep, term, facts).await.unwrap();
    let totals = store.totals(sweep).await.unwrap();
    let mut reader = reader_of(&url).await;
    let calls = ask(&mut reader, "SELECT sum(calls)::bigint FROM iago.calls").await;
    assert_eq!(calls.unsigned_abs(), totals.calls());

    let progress = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', name, state, revision, answers, failures, calls,
             (dollars * 1000000000000)::bigint, unpriced, simulated) FROM iago.sweep_progress",
    );
    let expected = format!(
        "a sweep running 0 {} {} {} {} {} t",
        totals.results,
        totals.failures,
        totals.calls(),
        totals.cost.0,
        totals.unpriced
    );
    assert_eq!(progress.await, [expected]);

    let cells = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', stage, model, answers, cut, unreadable, unpriced)
         FROM iago.cell_progress ORDER BY stage, model",
    );
    assert_eq!(cells.await, ["ask a-model 3 1 1 0", "ask b-model 1 0 0 1"]);
    let failed = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', stage, class, status, answered_since) FROM iago.failed",
    );
    assert_eq!(failed.await, ["ask exhausted 503 f"; 2]);
}

#[tokio::test]
async fn spending_is_told_apart_as_the_totals_tell_it() {
    let (store, url) = fresh().await;
    let (sweep, term) = begin(&store).await;
    let facts = vec![
        answered(result_of(job_at(0, 0, 0), 1)),
        answered(ResultFact { cost: None, ..result_of(job_at(0, 1, 0), 1) }),
        answered(result_of(job_at(1, 0, 0), 1)),
        answered(result_of(job_at(1, 0, 0), 2)), // late
        failure(6, 2, 0),
        attempt(7, 1, AttemptCause::Abandoned),
        attempt(8, 1, AttemptCause::Released),
    ];
    store.append(sweep, term, facts).await.unwrap();
    let used = PoolUse { pool: "pool".to_owned(), at_ms: 60_000, calls: u64::MAX, cost: Money(5) };
    store.note_use(term, vec![used]).await.unwrap();
    let mut reader = reader_of(&url).await;
    let lines = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', sweep_name, stage, went_to, executions, calls,
             (dollars * 1000000000000)::bigint, unpriced)
         FROM iago.spending ORDER BY stage_number, went_to",
    );
    assert_eq!(
        lines.await,
        [
            "a sweep ask abandoned 1 100 0 1",
            "a sweep ask answers 2 2 7000000000 1",
            "a sweep ask failures 1 10 7 0",
            "a sweep ask late 1 100 0 1",
            "a sweep judge answers 1 1 7000000000 0",
            "a sweep judge late 1 1 7000000000 0",
        ]
    );
    let spent = store.totals(sweep).await.unwrap().spent;
    let told = [&spent.stages[&0], &spent.stages[&1], &spent.failures, &spent.late];
    let told = told.map(|part| (part.executions, part.calls, part.cost.0, part.unpriced));
    let expected = [(2, 2, 7_000_000_000, 1), (1, 1, 7_000_000_000, 0), (1, 10, 7, 0)];
    assert_eq!((&told[..3], told[3]), (&expected[..], (2, 101, 7_000_000_000, 1)));

    let uses = lines_of(
        &mut reader,
        "SELECT concat_ws(' ', pool, extract(epoch FROM at)::bigint, calls,
             (dollars * 1000000000000)::bigint) FROM iago.pool_use",
    );
    assert_eq!(uses.await, ["pool 60 18446744073709551615 5"]);
}

/// Somebody of their own who may do what `iago_reader` may.
async fn reader_of(url: &str) -> PgConnection {
    // All tests share the server, and so its roles.
    execute(
        url,
        "DO $$ BEGIN CREATE ROLE analyst LOGIN PASSWORD 'analyst' IN ROLE iago_reader;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    )
    .await;
    let (_, server) = url.split_once('@').expect("an address with a user");
    connect(&format!("postgres://analyst:analyst@{server}")).await
}

async fn lines_of(reader: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(reader).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}
