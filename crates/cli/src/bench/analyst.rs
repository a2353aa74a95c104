//! `iago bench analyst`: what a transaction that an analyst holds open costs those who store results
//! meanwhile. Phases without and with it alternate in one run, so that what drifts cancels out.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use iago_private_postgres::Cluster;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep};

use super::args::AnalystArgs;
use super::base::{Base, Coordinator};
use super::cores;
use super::database::start_postgres;
use super::ingest::whole;
use super::load::{Load, Span, WARM_UP};

/// What is aimed at, in percent.
const AIM_PERCENT: f64 = 2.0;
/// Whether the analyst is there, in each phase of a block.
const PHASES: [bool; 4] = [false, true, true, false];
/// Between two phases: the analyst comes or goes, and is waited for.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the analyst may take to come.
const ARRIVAL_MAX: Duration = Duration::from_secs(10);
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// More jobs than any measurement takes.
const JOBS: u32 = 40_000_000;

/// Measures blocks of four phases each.
pub(super) async fn measure(args: &AnalystArgs, folder: &Path) -> Result<String> {
    let cluster = start_postgres().await?;
    let base = Base::new(&cluster, folder.join("analyst")).await?;
    let coordinator = Coordinator::start(&base).await?;
    base.submit(&base.write_sweep(JOBS)?, &coordinator).await?;
    let mut load = Load::start(&base, &coordinator, args.bytes, None)?;
    load.first().await?;
    load.pass(WARM_UP).await?;
    let mut table = format!(
        "SIMULATED answers of {} bytes, as fast as they are taken, on {} cores; phases of {} s\n",
        args.bytes,
        cores(),
        args.seconds
    );
    let mut changes = Vec::new();
    for _ in 0..args.blocks {
        let mut spans = Vec::new();
        for with in PHASES {
            spans.push(phase(&base, &coordinator, &mut load, with, args.seconds).await?);
        }
        let (line, change) = block_line(&spans);
        table += &line;
        changes.push(change);
    }
    load.end().await?;
    let aim = format!("(aim: within {AIM_PERCENT}%)");
    Ok(table
        + &total_line(&changes, &aim)
        + "SIMULATED: this measures iago and Postgres, not a model\n")
}

async fn phase(
    base: &Base,
    coordinator: &Coordinator,
    load: &mut Load,
    with: bool,
    seconds: u64,
) -> Result<Span> {
    let time = Duration::from_secs(seconds);
    if !with {
        load.pass(PAUSE).await?;
        return load.count(base, coordinator, time).await;
    }
    let analyst = Analyst::arrive(base, time).await?;
    load.pass(PAUSE).await?;
    let span = load.count(base, coordinator, time).await?;
    analyst.leave().await?;
    Ok(span)
}

/// Somebody who reads in one long transaction.
struct Analyst {
    cluster: Arc<Cluster>,
    database: String,
    reading: JoinHandle<Result<String, iago_private_postgres::ClusterError>>,
}

/// Sessions of this database that sleep in a transaction with a snapshot.
const HOLDERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event = 'PgSleep' AND backend_xmin IS NOT NULL";
const END_THEM: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE \
                        datname = current_database() AND wait_event = 'PgSleep'";

impl Analyst {
    /// Begins a transaction, looks at the results, and holds it for longer than `time`. Returns once
    /// Postgres says that its snapshot is held.
    async fn arrive(base: &Base, time: Duration) -> Result<Self> {
        let held_s = (time + 10 * PAUSE + ARRIVAL_MAX).as_secs();
        let statements = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM iago.sweeps; \
             SELECT pg_sleep({held_s}); COMMIT"
        );
        let (cluster, database) = (Arc::clone(&base.cluster), base.database.clone());
        let (asked, url) = (Arc::clone(&cluster), database.clone());
        let reading = spawn_blocking(move || asked.psql(&url, &statements));
        let analyst = Self { cluster, database, reading };
        let begun = Instant::now();
        while analyst.ask(HOLDERS).await? != "1" {
            if analyst.reading.is_finished() || begun.elapsed() > ARRIVAL_MAX {
                bail!("the analyst's transaction is not there");
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(analyst)
    }

    /// Ends it; it must have lasted until now.
    async fn leave(self) -> Result<()> {
        if self.ask(HOLDERS).await? != "1" {
            bail!("the analyst's transaction ended before its phase did");
        }
        self.ask(END_THEM).await?;
        // That it was cut off is what was asked for.
        drop(self.reading.await?);
        Ok(())
    }

    async fn ask(&self, question: &'static str) -> Result<String> {
        let (cluster, url) = (Arc::clone(&self.cluster), self.database.clone());
        Ok(spawn_blocking(move || cluster.psql(&url, question)).await??)
    }
}

/// A block's line, and the change of its throughput in percent.
fn block_line(spans: &[Span]) -> (String, f64) {
    let mean = |with: bool| {
        let of = PHASES.iter().zip(spans).filter(|(is_with, _)| **is_with == with);
        let (rows, seconds) =
            of.fold((0.0, 0.0), |(rows, s), (_, span)| (rows + span.rows, s + span.seconds));
        rows / seconds
    };
    let (without, with) = (mean(false), mean(true));
    let change = (with / without - 1.0) * 100.0;
    let rates: Vec<String> = spans.iter().map(|span| whole(span.rate())).collect();
    let line = format!(
        "block    {} rows/s without, {} with: {change:+.2}%   (in order: {})\n",
        whole(without),
        whole(with),
        rates.join(", ")
    );
    (line, change)
}

/// The mean change, and how sure it is: the standard error over blocks.
fn total_line(changes: &[f64], aim: &str) -> String {
    let count = u32::try_from(changes.len()).map_or(1.0, f64::from);
    let mean = changes.iter().sum::<f64>() / count;
    let squares = changes.iter().map(|change| (change - mean).powi(2)).sum::<f64>();
    let spread = if count > 1.0 {
        format!(
            "± {:.2} (standard error over {count} blocks)",
            (squares / (count - 1.0) / count).sqrt()
        )
    } else {
        "(one block: no spread)".to_owned()
    };
    format!("change   {mean:+.2}% {spread} with a transaction held open {aim}\n")
}
