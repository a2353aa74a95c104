//! The load on a coordinator: a generator, started and watched.

use std::ffi::OsStr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::Instant;

use super::base::{Base, Coordinator};
use super::child::{Child, Listen};
use super::generator::{FORGET, Said};
use super::meter::cpu_time;

/// How long results flow before anything is counted: caches, connections and batches have settled.
pub(super) const WARM_UP: Duration = Duration::from_secs(2);

/// A generator at work.
pub(super) struct Load {
    child: Child,
}

/// How far things were at one moment.
pub(super) struct Standing {
    ms: u64,
    acknowledged: u64,
    postgres: Duration,
    coordinator: Duration,
    generator: Duration,
}

/// What happened between two moments.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// Results acknowledged.
    pub(super) rows: f64,
    pub(super) seconds: f64,
    /// CPU time for each, in microseconds.
    pub(super) postgres_us: f64,
    pub(super) coordinator_us: f64,
    pub(super) generator_us: f64,
}

/// From an answer to its acknowledgement, in milliseconds.
pub(super) struct Delays {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) most_ms: f64,
}

impl Load {
    /// Starts a generator of texts of so many bytes, at a rate or as fast as they are taken.
    pub(super) fn start(
        base: &Base,
        coordinator: &Coordinator,
        bytes: usize,
        rate: Option<u32>,
    ) -> Result<Self> {
        let (authority, bytes) = (base.authority(), bytes.to_string());
        let rate = rate.map(|rate| rate.to_string());
        let mut arguments: Vec<&OsStr> =
            ["bench", "generator", "--name", "generator"].map(OsStr::new).to_vec();
        arguments.extend(["--address".as_ref(), OsStr::new(&coordinator.workers)]);
        arguments.extend(["--ca".as_ref(), authority.as_os_str()]);
        arguments.extend(["--bytes".as_ref(), OsStr::new(&bytes)]);
        if let Some(rate) = &rate {
            arguments.extend(["--rate".as_ref(), OsStr::new(rate)]);
        }
        let mut child = Child::start("generator", &arguments, Listen::Stdout)?;
        child.tell(&base.worker_token)?;
        Ok(Self { child })
    }

    /// Waits for the first assignment; gives when it came.
    pub(super) async fn first(&mut self) -> Result<Instant> {
        let first = |line: &str| matches!(heard(line), Some(Said::First)).then_some(());
        Ok(self.child.until(first).await?.0)
    }

    /// Waits until it is connected: it says how far it is only then.
    pub(super) async fn connected(&mut self) -> Result<()> {
        self.child.until(standing).await.map(drop)
    }

    /// How far it is now.
    pub(super) async fn standing(
        &mut self,
        base: &Base,
        coordinator: &Coordinator,
    ) -> Result<Standing> {
        self.child.skip();
        let (_, (ms, acknowledged)) = self.child.until(standing).await?;
        Ok(Standing {
            ms,
            acknowledged,
            postgres: base.cluster.cpu_time(),
            coordinator: cpu_time(coordinator.pid())?,
            generator: cpu_time(self.child.pid())?,
        })
    }

    /// Counts for so long.
    pub(super) async fn count(
        &mut self,
        base: &Base,
        coordinator: &Coordinator,
        time: Duration,
    ) -> Result<Span> {
        let before = self.standing(base, coordinator).await?;
        self.child.tell(FORGET)?;
        self.pass(time).await?;
        let after = self.standing(base, coordinator).await?;
        Span::between(&before, &after).context("no result was stored in this time")
    }

    /// Lets it work for so long.
    pub(super) async fn pass(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while self.child.line().await?.at < end {}
        Ok(())
    }

    /// Tells it to leave, and waits until it has. Gives the delays since the last count began.
    pub(super) async fn end(mut self) -> Result<Delays> {
        self.child.skip();
        self.child.tell_no_more();
        let (_, delays) = self.child.until(delays).await?;
        while self.child.line().await.is_ok() {}
        Ok(delays)
    }
}

impl Span {
    fn between(before: &Standing, after: &Standing) -> Option<Self> {
        let rows = u32::try_from(after.acknowledged - before.acknowledged).ok()?;
        let rows = (rows > 0).then_some(f64::from(rows))?;
        let each_us = |before: Duration, after: Duration| {
            after.saturating_sub(before).as_secs_f64() * 1e6 / rows
        };
        Some(Self {
            rows,
            seconds: Duration::from_millis(after.ms - before.ms).as_secs_f64(),
            postgres_us: each_us(before.postgres, after.postgres),
            coordinator_us: each_us(before.coordinator, after.coordinator),
            generator_us: each_us(before.generator, after.generator),
        })
    }

    /// Results a second.
    pub(super) fn rate(&self) -> f64 {
        self.rows / self.seconds
    }
}

fn heard(line: &str) -> Option<Said> {
    serde_json::from_str(line).ok()
}

fn standing(line: &str) -> Option<(u64, u64)> {
    match heard(line)? {
        Said::Standing { ms, acknowledged } => Some((ms, acknowledged)),
        Said::First | Said::Delays { .. } => None,
    }
}

fn delays(line: &str) -> Option<Delays> {
    match heard(line)? {
        Said::Delays { p50_ms, p99_ms, most_ms } => Some(Delays { p50_ms, p99_ms, most_ms }),
        Said::First | Said::Standing { .. } => None,
    }
}
