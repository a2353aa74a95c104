//! What processes have used so far, as Linux tells it.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// Clock ticks in a second, as Linux reports CPU time to programs (`USER_HZ`, fixed at 100).
const TICKS_PER_S: f64 = 100.0;

/// CPU time of a process, in and for user code.
pub(super) fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = read(pid, "stat")?;
    // The second field is the program's name in brackets and may hold spaces.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    Ok(Duration::from_secs_f64(ticks.iter().sum::<f64>() / TICKS_PER_S))
}

/// A line of a process's memory status, in KiB: `VmRSS` is now, `VmHWM` the most ever.
pub(super) fn memory_kib(pid: u32, what: &str) -> Result<u64> {
    let status = read(pid, "status")?;
    let line = status.lines().find(|line| line.starts_with(what)).context("no such line")?;
    Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
}

fn read(pid: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}, which needs Linux"))
}
