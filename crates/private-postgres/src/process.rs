//! Processes, as `/proc` shows them.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::ClusterError;

/// Ticks of the times in `/proc`: a constant of Linux' interface on every machine that we build for.
const TICKS_PER_SECOND: u64 = 100;

/// A line of `/proc/PID/stat`, see proc(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    state: char,
    own_ticks: u64,
    /// Of children that have ended and were waited for.
    reaped_ticks: u64,
}

impl Process {
    /// `None` if there is no such process.
    pub(crate) fn look_up(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Its children at this moment.
    pub(crate) fn children(&self) -> Vec<Self> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter_map(Self::look_up).filter(|process| process.parent == self.pid).collect()
    }

    /// It has ended; only its line is there still.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// It does nothing until it is told to go on.
    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.state, 'T' | 't')
    }

    /// Processor time of its own and of all its children, the living and the reaped.
    pub(crate) fn family_time(&self) -> Duration {
        let children: u64 =
            self.children().iter().map(|child| child.own_ticks + child.reaped_ticks).sum();
        duration(self.own_ticks + self.reaped_ticks + children)
    }

    fn parse(line: &str) -> Option<Self> {
        // The name is in parentheses and may hold anything, parentheses among it.
        let (pid, rest) = line.split_once(" (")?;
        let (_, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            pid: pid.parse().ok()?,
            state: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            own_ticks: number(11)? + number(12)?,
            reaped_ticks: number(13)? + number(14)?,
        })
    }
}

/// Sends a signal to each process; those that have ended meanwhile do not matter.
pub(crate) fn signal(
    name: &str,
    processes: impl IntoIterator<Item = Process>,
) -> Result<(), ClusterError> {
    let pids: Vec<String> = processes.into_iter().map(|process| process.pid.to_string()).collect();
    if pids.is_empty() {
        return Ok(());
    }
    // The shell's own `kill`: not every system has one in a file.
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$@\" 2>/dev/null || true", "sh", name]).args(pids);
    let status = shell.stdin(Stdio::null()).status().map_err(ClusterError::io("sh"))?;
    if status.success() {
        return Ok(());
    }
    Err(ClusterError::io("sh")(io::Error::other(format!("`kill -s {name}`: {status}"))))
}

fn duration(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_whatever_the_name_of_the_process() {
        let line = "42 (a ) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 20 10 20 0 1 0 5 6\n";
        let process = Process::parse(line).unwrap();
        assert_eq!((process.pid, process.parent, process.state), (42, 7, 'S'));
        assert_eq!((process.own_ticks, process.reaped_ticks), (200, 30));
        assert_eq!(duration(process.own_ticks), Duration::from_secs(2));
    }

    #[test]
    fn this_process_is_found_among_its_parents_children() {
        let this = Process::look_up(std::process::id()).unwrap();
        let parent = Process::look_up(this.parent).unwrap();
        assert!(parent.children().iter().any(|child| child.pid == this.pid));
        assert!(!this.has_ended() && !this.is_stopped());
    }
}
