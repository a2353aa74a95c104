//! `iago bench recovery`: how long a coordinator takes from the lead to knowing what a store full of
//! results says, and what it weighs then.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use iago_store::Store;
use iago_store_postgres::PostgresStore;
use iago_sweep::SweepId;
use tokio::time::Instant;

use super::args::RecoveryArgs;
use super::base::{Base, Coordinator};
use super::cores;
use super::database::start_postgres;
use super::meter::memory_kib;
use super::rows::Writer;
use crate::watch::grouped;

/// What is aimed at for a million results, in seconds.
const AIM_S: u32 = 2;
/// Rows in a page, as the coordinator reads them.
const PAGE: usize = 10_000;

/// Fills a store, and has coordinators recover from it.
pub(super) async fn measure(args: &RecoveryArgs, folder: &Path) -> Result<String> {
    let cluster = start_postgres().await?;
    let base = Base::new(&cluster, folder.join("recovery")).await?;
    let coordinator = Coordinator::start(&base).await?;
    // Twice as many jobs as results: the sweep still runs.
    base.submit(&base.write_sweep(args.rows.saturating_mul(2))?, &coordinator).await?;
    drop(coordinator);
    let store = PostgresStore::open(&base.database).await?;
    let rows = fill(&store, args).await?;
    let reading = read(&store).await?;
    store.close().await?;
    let mut lines = vec![format!(
        "SIMULATED results in Postgres, recovered by a coordinator in a process of its own, on {} \
         cores\nstore    {} results of {} bytes; reading what recovery needs of them takes {:.2} s\n",
        cores(),
        grouped(rows.into()),
        grouped(args.bytes as u64),
        reading.as_secs_f64(),
    )];
    for _ in 0..args.times {
        lines.push(recover(&base).await?);
    }
    lines.push("SIMULATED: this measures iago and Postgres, not a model\n".to_owned());
    Ok(lines.concat())
}

async fn fill(store: &PostgresStore, args: &RecoveryArgs) -> Result<u32> {
    let sweep = sweep(store).await?;
    let mut writer = Writer::lead(store, sweep, args.bytes).await?;
    let mut rows = 0;
    while rows < args.rows {
        rows += writer.append().await?.0;
    }
    Ok(rows)
}

async fn sweep(store: &PostgresStore) -> Result<SweepId> {
    Ok(store.sweeps().await?.first().context("no sweep was stored")?.id)
}

/// The store's share: the pages of recovery, read and thrown away.
async fn read(store: &PostgresStore) -> Result<Duration> {
    let sweep = sweep(store).await?;
    let (begun, mut after) = (Instant::now(), None);
    loop {
        let page = store.recover(sweep, after, PAGE).await?;
        after = page.last().map(|row| row.job.number());
        if page.len() < PAGE {
            return Ok(begun.elapsed());
        }
    }
}

async fn recover(base: &Base) -> Result<String> {
    let mut coordinator = Coordinator::start(base).await?;
    let took = coordinator.loaded().await?;
    let now = memory_kib(coordinator.pid(), "VmRSS")? / 1024;
    let most = memory_kib(coordinator.pid(), "VmHWM")? / 1024;
    Ok(format!(
        "recover  {:.2} s from the lead to loaded (aim {AIM_S} for 1,000,000); {now} MiB then, \
         {most} MiB at most\n",
        took.as_secs_f64()
    ))
}
