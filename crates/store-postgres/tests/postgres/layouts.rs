//! Every layout that was ever released comes up to date, with what is in it.

use std::time::Duration;

use iago_store::{Dates, Kind, NewBaseline, Nights, NoticeEnd, Store};
use iago_store_postgres::PostgresStore;
use iago_sweep::{Digest, Fact, Label, Money, Parse, PoolUse, ReadingFact, SweepId, Text};

use crate::cluster::{CLUSTER, ask, connect, execute, open};
use crate::facts::{job, new, result_of};

/// A layout that was released: what made it, and a sweep that was stored in it. The rows say in each
/// layout's own words what [`holds_the_sweep`] expects.
struct Released {
    steps: &'static [&'static str],
    rows: &'static str,
    /// Of job 7.
    has_reading: bool,
    has_use: bool,
    /// Sweep 2, of a schedule.
    has_night: bool,
}

/// Version n is at place n - 1. With each release one is added, and none is ever changed.
const RELEASED: &[Released] = &[
    Released {
        steps: &[
            include_str!("../../migrations/0001_facts.sql"),
            include_str!("../../migrations/0001_views.sql"),
        ],
        rows: include_str!("released/0001_rows.sql"),
        has_reading: false,
        has_use: false,
        has_night: false,
    },
    Released {
        steps: &[
            include_str!("../../migrations/0001_facts.sql"),
            include_str!("../../migrations/0001_views.sql"),
            include_str!("../../migrations/0002_readings.sql"),
        ],
        rows: concat!(
            include_str!("released/0001_rows.sql"),
            include_str!("released/0002_rows.sql")
        ),
        has_reading: true,
        has_use: false,
        has_night: false,
    },
    Released {
        steps: &[
            include_str!("../../migrations/0001_facts.sql"),
            include_str!("../../migrations/0001_views.sql"),
            include_str!("../../migrations/0002_readings.sql"),
            include_str!("../../migrations/0003_logprobs_and_uses.sql"),
        ],
        rows: concat!(
            include_str!("released/0001_rows.sql"),
            include_str!("released/0002_rows.sql"),
            include_str!("released/0003_rows.sql")
        ),
        has_reading: true,
        has_use: true,
        has_night: false,
    },
    Released {
        steps: &[
            include_str!("../../migrations/0001_facts.sql"),
            include_str!("../../migrations/0001_views.sql"),
            include_str!("../../migrations/0002_readings.sql"),
            include_str!("../../migrations/0003_logprobs_and_uses.sql"),
            include_str!("../../migrations/0004_nights.sql"),
        ],
        rows: concat!(
            include_str!("released/0001_rows.sql"),
            include_str!("released/0002_rows.sql"),
            include_str!("released/0003_rows.sql"),
            include_str!("released/0004_rows.sql")
        ),
        has_reading: true,
        has_use: true,
        has_night: true,
    },
];

#[tokio::test]
async fn every_released_layout_comes_up_to_date() {
    for (version, released) in (1..).zip(RELEASED) {
        let url = CLUSTER.new_database().unwrap();
        let steps = released.steps.concat();
        execute(&url, &format!("SET search_path = iago; {steps} {}", released.rows)).await;
        execute(&url, &format!("INSERT INTO iago.layout (version) VALUES ({version})")).await;
        // A second time, too, when there is nothing left to do.
        for _ in 0..2 {
            let store = open(&url).await;
            holds_the_sweep(&store).await;
            let readings = store.readings(SweepId(1), reading(7).grammar, None, 10).await.unwrap();
            assert_eq!(readings, vec![reading(7); usize::from(released.has_reading)]);
            let uses = store.recent_use(0).await.unwrap();
            assert_eq!(uses, vec![used(); usize::from(released.has_use)]);
            if released.has_night {
                holds_the_night(&store).await;
            } else {
                assert_eq!(store.dates().await.unwrap(), Dates::default());
            }
        }
        takes_what_came_since(&open(&url).await).await;
    }
}

#[tokio::test]
async fn an_empty_database_comes_to_the_latest_layout() {
    let url = CLUSTER.new_database().unwrap();
    let store = open(&url).await;
    assert_eq!(store.sweeps().await.unwrap(), []);
    let mut connection = connect(&url).await;
    let version = ask(&mut connection, "SELECT max(version)::bigint FROM iago.layout").await;
    assert_eq!(usize::try_from(version).unwrap(), RELEASED.len(), "a layout without a test");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_all_succeed() {
    let url = CLUSTER.new_database().unwrap();
    let opened = (0..6).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { PostgresStore::open(&url).await })
    });
    for store in opened.collect::<Vec<_>>() {
        assert_eq!(store.await.unwrap().unwrap().sweeps().await.unwrap(), []);
    }
    let mut connection = connect(&url).await;
    let taken = ask(&mut connection, "SELECT count(*) FROM iago.layout").await;
    assert_eq!(usize::try_from(taken).unwrap(), RELEASED.len());
}

/// By the program that knew no readings, while this one stood by.
#[tokio::test]
async fn partitions_of_an_earlier_program_are_added_to() {
    let url = CLUSTER.new_database().unwrap();
    let store = open(&url).await;
    let term = store.lead("the earlier program", Duration::ZERO).await.unwrap();
    let drop = "DROP TABLE iago.readings_from_0, iago.readings_from_64";
    execute(&url, drop).await;
    let sweep = store.submit(term, new("a sweep")).await.unwrap();
    execute(&url, drop).await;
    store.keep_readings(sweep, term, vec![reading(1)]).await.unwrap();
    assert_eq!(store.readings(sweep, reading(1).grammar, None, 10).await.unwrap(), [reading(1)]);
}

/// Those that an earlier program made, too; and in each they are compressed as the other texts are.
#[tokio::test]
async fn every_partition_of_texts_holds_log_probabilities() {
    let url = CLUSTER.new_database().unwrap();
    let earlier = &RELEASED[1];
    let steps = earlier.steps.concat();
    execute(&url, &format!("SET search_path = iago; {steps} {}", earlier.rows)).await;
    execute(&url, "INSERT INTO iago.layout (version) VALUES (2)").await;
    open(&url).await.close().await.unwrap();
    let mut connection = connect(&url).await;
    let compressed = "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relname IN ('texts', 'texts_from_0', 'texts_from_64') AND attname = 'logprobs'
         AND attcompression = 'l'";
    assert_eq!(ask(&mut connection, compressed).await, 3);
}

async fn takes_what_came_since(store: &PostgresStore) {
    let term = store.lead("the next one", Duration::ZERO).await.expect("a term");
    store.keep_readings(SweepId(1), term, vec![reading(8)]).await.expect("kept");
    let readings = store.readings(SweepId(1), reading(8).grammar, Some(7), 10).await;
    assert_eq!(readings.expect("readings"), [reading(8)]);

    let text = Text { logprobs: Some("[\0]".to_owned()), ..Text::default() };
    let fact = Fact::Result(Box::new(result_of(job(20), 1)), text.clone());
    store.append(SweepId(1), term, vec![fact]).await.expect("appended");
    let read = store.read(SweepId(1), &[job(20)]).await.expect("read");
    assert_eq!(read, [(job(20), text)]);
    let new = NewBaseline {
        name: "since".to_owned(),
        sweep: SweepId(1),
        revision: 0,
        by: "somebody".to_owned(),
        replaces: false,
    };
    let set = store.set_baseline(new).await.expect("set");
    assert_eq!(store.baselines().await.expect("baselines").last(), Some(&set));
    let later = PoolUse { at_ms: used().at_ms + 1, ..used() };
    store.note_use(term, vec![later.clone()]).await.expect("noted");
    assert_eq!(store.recent_use(later.at_ms).await.expect("uses"), [later]);
}

fn used() -> PoolUse {
    let (pool, at_ms) = ("a\0pool".to_owned(), 1_790_000_000_123);
    PoolUse { pool, at_ms, calls: u64::MAX, cost: Money(7) }
}

fn reading(number: i64) -> ReadingFact {
    let grammar = Digest::from_bytes(&[7; 32]).expect("32 bytes");
    let label = Some(Label::Word("yes".to_owned()));
    ReadingFact { job: job(number), grammar, parse: Parse::Ok, label, opens: 4, decided: 12 }
}

async fn holds_the_night(store: &PostgresStore) {
    let (of, sweep) = (SweepId(1), SweepId(2));
    let digest = Digest::from_bytes(&[7; 32]).expect("32 bytes");
    assert_eq!(store.sweeps().await.expect("stored")[0].kind, Kind::Night);
    let baseline = &store.baselines().await.expect("stored")[0];
    assert_eq!((baseline.sweep, baseline.set_ms, baseline.by.as_str()), (of, 41, "somebody"));
    let files = store.files(digest).await.expect("stored");
    assert_eq!(files, [("a\0path".to_owned(), vec![0])]);
    let version = store.version("nightly", digest).await.expect("stored");
    assert_eq!(version.as_deref(), Some(&b"{\"a\":\"version\"}"[..]));
    let Dates { schedules, runs } = store.dates().await.expect("stored");
    assert_eq!(schedules, [b"{\"a\":\"standing\"}"]);
    assert_eq!((runs.len(), runs[0].sweep, runs[0].row.is_over), (1, Some(sweep), false));
    assert_eq!(runs[0].verdict.as_deref(), Some(&b"{\"word\":\"pass\"}"[..]));
    let with = &store.comparisons(sweep).await.expect("stored")[0];
    assert_eq!((with.of, with.baseline.as_str(), with.anchors), (of, "main", None));
    let notices = store.notices(&runs[0].row.key).await.expect("stored");
    assert_eq!(notices[0].end, Some(NoticeEnd::GivenUp("410".to_owned())));
}

async fn holds_the_sweep(store: &PostgresStore) {
    let sweep = SweepId(1);
    let heads = store.sweeps().await.expect("stored");
    let first = heads.last().expect("a sweep");
    assert_eq!((first.id, first.name.as_str(), first.kind), (sweep, "a sweep", Kind::Asked));
    assert_eq!(store.plan(sweep, 0).await.expect("stored"), new("a sweep").revision.plan);
    assert_eq!(store.results(sweep, None, 10).await.expect("stored"), [result_of(job(7), 1)]);
    let texts = store.read(sweep, &[job(7)]).await.expect("stored");
    assert_eq!((texts[0].1.raw.as_str(), &texts[0].1.logprobs), ("a\0nul", &None));
    let failure = &store.failures(sweep).await.expect("stored")[0];
    assert_eq!((failure.job, failure.cost), (job(8), Some(Money::ZERO)));
    assert_eq!(store.attempts(sweep).await.expect("stored")[0].job, job(9));
    assert_eq!(store.frontiers(sweep).await.expect("stored")[0].position, 4_096);
    let totals = store.totals(sweep).await.expect("stored");
    assert_eq!((totals.calls(), totals.cost), (1 + 10 + 100, Money(7_000_000_000)));
    assert_eq!(totals.unpriced, 1, "of the attempt");
}
