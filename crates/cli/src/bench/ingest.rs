//! `iago bench ingest`: how many results a coordinator takes in and makes durable, what each costs,
//! and how long they wait for it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use iago_private_postgres::Cluster;
use iago_store_postgres::PostgresStore;
use tokio::time::Instant;

use super::args::IngestArgs;
use super::base::{Base, Coordinator};
use super::cores;
use super::database::{new_database, start_postgres};
use super::load::{Delays, Load, Span, WARM_UP};
use super::rows::Writer;
use crate::watch::grouped;

/// Bytes of text in a result, and what is aimed at on two cores, in results a second.
const SIZES: [(usize, u64); 2] = [(2_048, 12_000), (8_192, 5_000)];
/// What is aimed at for Postgres' CPU time for a result of the first size, in microseconds, and for
/// the delay that 99 in 100 stay below at the offered rate.
const POSTGRES_US_AIM: u32 = 18;
const P99_MS_AIM: u32 = 200;
/// More jobs than any measurement takes.
const JOBS: u32 = 20_000_000;

/// Measures every size through the coordinator and without it, then the delays at a given rate.
pub(super) async fn measure(args: &IngestArgs, folder: &Path) -> Result<String> {
    let cluster = start_postgres().await?;
    let time = Duration::from_secs(args.seconds);
    let mut lines = vec![format!(
        "SIMULATED answers from a generator in a process of its own, beside the coordinator and \
         Postgres on {} cores\n",
        cores()
    )];
    for (bytes, aim) in SIZES {
        let base = Base::new(&cluster, folder.join(format!("{bytes}"))).await?;
        let (span, delays) = through_coordinator(&base, bytes, None, time).await?;
        lines.push(full_lines(bytes, aim, &span, &delays));
        let (rate, postgres_us) = floor(&cluster, bytes, time).await?;
        lines.push(format!(
            "floor    {} rows/s by the insert alone, one batch after the other; Postgres \
             {postgres_us:.1} us of CPU a row\n",
            whole(rate)
        ));
    }
    let (bytes, _) = SIZES[0];
    let base = Base::new(&cluster, folder.join("paced")).await?;
    let (span, delays) = through_coordinator(&base, bytes, Some(args.rate), time).await?;
    lines.push(paced_line(args.rate, &span, &delays));
    lines.push("SIMULATED: this measures iago and Postgres, not a model\n".to_owned());
    Ok(lines.concat())
}

fn full_lines(bytes: usize, aim: u64, span: &Span, delays: &Delays) -> String {
    let aim_us =
        if bytes == SIZES[0].0 { format!(" (aim {POSTGRES_US_AIM})") } else { String::new() };
    format!(
        "ingest   {} KB as fast as they are taken: {} rows/s (aim {}), acknowledged after {:.0} ms \
         (p50), {:.0} ms (p99)\n\
         cpu      Postgres {:.1} us a row{aim_us}, coordinator {:.1} us, generator {:.1} us\n",
        bytes / 1024,
        whole(span.rate()),
        grouped(aim),
        delays.p50_ms,
        delays.p99_ms,
        span.postgres_us,
        span.coordinator_us,
        span.generator_us,
    )
}

fn paced_line(offered: u32, span: &Span, delays: &Delays) -> String {
    format!(
        "delay    {} KB, {} rows/s offered, {} taken: acknowledged after {:.1} ms (p50), {:.1} ms \
         (p99, aim {P99_MS_AIM}), {:.1} ms (longest)\n\
         cpu      Postgres {:.1} us a row, coordinator {:.1} us, generator {:.1} us\n",
        SIZES[0].0 / 1024,
        grouped(offered.into()),
        whole(span.rate()),
        delays.p50_ms,
        delays.p99_ms,
        delays.most_ms,
        span.postgres_us,
        span.coordinator_us,
        span.generator_us,
    )
}

/// Results through TLS, the coordinator and Postgres.
async fn through_coordinator(
    base: &Base,
    bytes: usize,
    rate: Option<u32>,
    time: Duration,
) -> Result<(Span, Delays)> {
    let coordinator = Coordinator::start(base).await?;
    base.submit(&base.write_sweep(JOBS)?, &coordinator).await?;
    let mut load = Load::start(base, &coordinator, bytes, rate)?;
    load.first().await?;
    load.pass(WARM_UP).await?;
    let span = load.count(base, &coordinator, time).await?;
    Ok((span, load.end().await?))
}

/// The same rows by the store alone: rows a second, and Postgres' CPU time for one in microseconds.
async fn floor(cluster: &Arc<Cluster>, bytes: usize, time: Duration) -> Result<(f64, f64)> {
    let store = PostgresStore::open(&new_database(cluster).await?).await?;
    let mut writer = Writer::submit(&store, bytes).await?;
    let warm = Instant::now() + WARM_UP;
    while Instant::now() < warm {
        writer.append().await?;
    }
    let (cpu, begun) = (cluster.cpu_time(), Instant::now());
    let (mut rows, mut took) = (0.0, Duration::ZERO);
    while begun.elapsed() < time {
        let (appended, by) = writer.append().await?;
        rows += f64::from(appended);
        took += by;
    }
    let cpu = cluster.cpu_time().saturating_sub(cpu);
    store.close().await?;
    Ok((rows / took.as_secs_f64(), cpu.as_secs_f64() * 1e6 / rows))
}

/// A rate for people, without its fraction.
pub(super) fn whole(rate: f64) -> String {
    let rounded = format!("{rate:.0}").parse().unwrap_or(0);
    grouped(rounded)
}
