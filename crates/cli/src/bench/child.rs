//! Another process of this program, and what it says line by line.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// This very program, also where its file was replaced since it started.
const OWN_PROGRAM: &str = "/proc/self/exe";
/// Lines that may wait to be read; what is said beyond that is not heard.
const LINES_MAX: usize = 4_096;
/// How long the next line may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Which of its outputs is listened to. The coordinator logs to stderr; what others say there goes to
/// the terminal.
#[derive(Clone, Copy)]
pub(super) enum Listen {
    Stdout,
    Stderr,
}

/// A process. It ends with this value.
pub(super) struct Child {
    name: &'static str,
    process: std::process::Child,
    lines: mpsc::Receiver<Line>,
}

/// Something that it said, and when.
pub(super) struct Line {
    pub(super) at: Instant,
    pub(super) text: String,
}

impl Child {
    /// Starts this program with other arguments.
    pub(super) fn start(name: &'static str, arguments: &[&OsStr], listen: Listen) -> Result<Self> {
        let mut command = Command::new(OWN_PROGRAM);
        command.args(arguments).stdin(Stdio::piped());
        match listen {
            Listen::Stdout => command.stdout(Stdio::piped()),
            Listen::Stderr => command.stdout(Stdio::null()).stderr(Stdio::piped()),
        };
        let mut process = command.spawn().with_context(|| format!("cannot start the {name}"))?;
        let (said, lines) = mpsc::channel(LINES_MAX);
        match (process.stdout.take(), process.stderr.take()) {
            (Some(output), _) => hear(output, said),
            (None, Some(output)) => hear(output, said),
            (None, None) => {}
        }
        Ok(Self { name, process, lines })
    }

    pub(super) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Writes a line to its input.
    pub(super) fn tell(&mut self, line: &str) -> Result<()> {
        let input = self.process.stdin.as_mut().context("its input is closed")?;
        Ok(writeln!(input, "{line}")?)
    }

    /// Closes its input.
    pub(super) fn tell_no_more(&mut self) {
        drop(self.process.stdin.take());
    }

    /// The next thing that it says.
    pub(super) async fn line(&mut self) -> Result<Line> {
        let name = self.name;
        let line = timeout(PATIENCE, self.lines.recv()).await;
        let line = line.with_context(|| format!("the {name} says nothing for {PATIENCE:?}"))?;
        line.with_context(|| format!("the {name} ended"))
    }

    /// What it says that is of interest, and when; what it says before that is passed over. If it
    /// never comes, the last words are told.
    pub(super) async fn until<T>(
        &mut self,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<(Instant, T)> {
        let mut last = String::new();
        loop {
            match self.line().await {
                Ok(line) => match find(&line.text) {
                    Some(found) => return Ok((line.at, found)),
                    None => last = line.text,
                },
                Err(error) => bail!("{error:#}: {last}"),
            }
        }
    }

    /// Passes over everything that it has said up to now.
    pub(super) fn skip(&mut self) {
        while self.lines.try_recv().is_ok() {}
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Runs this program to its end; gives what it printed.
pub(super) fn run_to_end(arguments: &[&OsStr], variables: &[(&str, &str)]) -> Result<String> {
    let mut command = Command::new(OWN_PROGRAM);
    command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null());
    let output = command.output().context("cannot start this program once more")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        bail!("{arguments:?} ended with {}: {said}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Reads on a thread: the process must never wait for us. Ends with the process' output.
fn hear(output: impl Read + Send + 'static, said: mpsc::Sender<Line>) {
    std::thread::spawn(move || {
        for text in BufReader::new(output).lines().map_while(Result::ok) {
            drop(said.try_send(Line { at: Instant::now(), text }));
        }
    });
}
