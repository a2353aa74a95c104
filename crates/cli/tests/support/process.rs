//! A process of the real program: its log is a file, and it ends with the test.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::until;

/// How much of a log is shown when a test fails.
const SHOWN_LINES_MAX: usize = 60;

/// A running process.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the command. What it says on either stream is appended to `log`.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Self {
        let out = append_to(log);
        let err = out.try_clone().expect("a second handle");
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { name: name.to_owned(), child, log: log.to_owned() }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill is there").success(), "SIG{name} to {}", self.name);
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it is gone");
    }

    /// Waits for its end.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let name = self.name.clone();
        let mut status = None;
        until(&format!("{name} to end"), within, || {
            status = self.child.try_wait().expect("its state");
            status.is_some()
        })
        .await;
        status.expect("it has ended")
    }

    /// Whether it has not ended by itself.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    /// The most memory that it ever had, in MiB.
    pub fn memory_peak(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid());
        let status = std::fs::read_to_string(path).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.expect("the kernel says so").trim().trim_end_matches(" kB");
        kib.parse::<u64>().expect("a number") / 1_024
    }
}

impl Drop for Process {
    #[expect(clippy::print_stderr, reason = "whoever reads a failed test wants the log beside it")]
    fn drop(&mut self) {
        // A stopped process dies of SIGKILL as well. One that is gone already is no matter.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(SHOWN_LINES_MAX)..];
            eprintln!("---- {} says:\n{}", self.name, last.join("\n"));
        }
    }
}

fn append_to(log: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(log).expect("a log can be written")
}
