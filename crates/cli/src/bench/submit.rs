//! `iago bench submit`: how long a large sweep takes from `iago submit` to its first job at a worker,
//! and what it weighs in the coordinator.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tokio::time::Instant;

use super::args::SubmitArgs;
use super::base::{Base, Coordinator, PROMPTS};
use super::cores;
use super::database::start_postgres;
use super::ingest::whole;
use super::load::Load;
use super::meter::memory_kib;
use crate::watch::grouped;

/// What is aimed at: seconds to the first job, and MiB.
const AIM_S: u32 = 2;
const MEMORY_AIM_MIB: u32 = 300;
/// Bytes of text in each result.
const BYTES: usize = 2_048;

/// Hands in a large sweep while a worker waits, and lets it work for a while.
pub(super) async fn measure(args: &SubmitArgs, folder: &Path) -> Result<String> {
    let cluster = start_postgres().await?;
    let base = Base::new(&cluster, folder.join("submit")).await?;
    let coordinator = Coordinator::start(&base).await?;
    let sweep = base.write_sweep(args.jobs)?;
    let mut load = Load::start(&base, &coordinator, BYTES, None)?;
    load.connected().await?;
    let memory = |what: &str| memory_kib(coordinator.pid(), what).map(|kib| kib / 1024);
    let (empty, begun) = (memory("VmRSS")?, Instant::now());
    let (submitted, first) = tokio::join!(base.submit(&sweep, &coordinator), load.first());
    submitted?;
    let (first, after_first) = (first?.duration_since(begun), memory("VmHWM")?);
    let span = load.count(&base, &coordinator, Duration::from_secs(args.seconds)).await?;
    let (now, most) = (memory("VmRSS")?, memory("VmHWM")?);
    load.end().await?;
    Ok(format!(
        "SIMULATED answers; coordinator, worker and client are processes of their own, on {} \
         cores\n\
         submit   {} jobs: {:.2} s from the start of `iago submit` to the first job at a worker \
         (aim {AIM_S})\n\
         memory   the coordinator: {empty} MiB before, {after_first} MiB at most until then; \
         {now} MiB after {} s at {} rows/s, {most} MiB at most (aim {MEMORY_AIM_MIB})\n\
         SIMULATED: this measures iago, not a model\n",
        cores(),
        grouped(u64::from(args.jobs.div_ceil(PROMPTS)) * u64::from(PROMPTS)),
        first.as_secs_f64(),
        args.seconds,
        whole(span.rate()),
    ))
}
