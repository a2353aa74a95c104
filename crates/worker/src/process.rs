//! One process of a program that scores: a line in, a line out, within bounds of time and memory.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use tracing::debug;

use crate::settings::ProgramSettings;

/// The longest reply, in bytes: a label or a number, and what a person may want to read beside it.
const REPLY_BYTES_MAX: u64 = 64 * 1024;

/// How much longer the first reply of a process may take than any other: it may have a library or a
/// model to load, and only its reply tells that it has.
const START_UP_MAX: Duration = Duration::from_secs(60);

/// What is read at once of what nobody looks at.
const STDERR_PIECE_BYTES: usize = 4096;

/// How long a process that was killed may take to be gone, before nobody asks how it ended.
const GONE_MAX: Duration = Duration::from_secs(5);

/// A process that waits for its next request. It is killed, with all that it started, once this is
/// dropped; its directory goes with it.
pub(crate) struct Process {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    stderr: ChildStderr,
    /// How much it has said there. What it has said may hold answers of models: nobody reads it.
    stderr_bytes: u64,
    asked: u64,
    _directory: TempDir,
}

/// Why a process is of no more use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("it cannot be started: {0}")]
    Unstarted(String),
    #[error("it ended without a reply{}", .0.map(|status| format!(" ({status})")).unwrap_or_default())]
    Ended(Option<ExitStatus>),
    #[error("no reply within {0:?}")]
    Slow(Duration),
    #[error("its reply is longer than {REPLY_BYTES_MAX} bytes")]
    Long,
    #[error("its reply is no UTF-8 text")]
    Garbled,
    #[error("its reply has not the `id` of the request")]
    Astray,
    #[error("its reply says nothing: {0}")]
    Meaningless(String),
}

impl Process {
    /// Starts one. It may run for a moment before its memory is bounded, but has been given nothing
    /// to work on by then.
    pub(crate) fn start(settings: &ProgramSettings) -> io::Result<Self> {
        let (program, arguments) = settings
            .command
            .split_first()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no command"))?;
        let directory = tempfile::Builder::new().prefix("iago-program-").tempdir()?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            // Not a setting of ours: it is how this machine finds what it can run.
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(&settings.environment)
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::other("it has no standard streams"));
        };
        let stdout = BufReader::new(stdout);
        let (stderr_bytes, asked) = (0, 0);
        let process =
            Self { child, stdin, stdout, stderr, stderr_bytes, asked, _directory: directory };
        process.bound_memory(settings.memory_bytes_max)?;
        Ok(process)
    }

    /// The number of the next request; that of the first is 1.
    pub(crate) fn next_id(&mut self) -> u64 {
        self.asked += 1;
        self.asked
    }

    /// Sends one line and waits for one for so long, and longer where it is the first. Whatever is wrong with it, and where the wait is given up,
    /// the process has to be dropped: nobody knows what its next line would belong to.
    pub(crate) async fn exchange(&mut self, line: &[u8], long: Duration) -> Result<String, Broken> {
        let long = if self.asked > 1 { long } else { long.saturating_add(START_UP_MAX) };
        let Self { stdin, stdout, stderr, stderr_bytes, .. } = self;
        let exchanging = async {
            // A process that reads no more may still have replied.
            let writing = async { stdin.write_all(line).await.and(stdin.flush().await) };
            let (_written, read) = tokio::join!(writing, read_line(stdout));
            read
        };
        // What nobody reads would hold the process up once its pipe is full.
        let exchanged = tokio::select! {
            exchanged = timeout(long, exchanging) => exchanged,
            never = discard(stderr, stderr_bytes) => match never {},
        };
        exchanged.unwrap_or(Err(Broken::Slow(long)))
    }

    /// Ends it, and says how it ended where it did so by itself.
    pub(crate) async fn end(mut self) -> Option<ExitStatus> {
        self.kill();
        timeout(GONE_MAX, self.child.wait()).await.ok()?.ok()
    }

    /// The whole group: a program may have started others. What has not been waited for keeps its
    /// number, so that this can meet nobody else.
    fn kill(&self) {
        if let Some(group) = self.pid()
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            debug!(%error, "a program had ended with all that it started");
        }
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.id()?).ok()?)
    }

    #[cfg(target_os = "linux")]
    fn bound_memory(&self, bytes: u64) -> io::Result<()> {
        use rustix::process::{Resource, Rlimit, getrlimit, prlimit};

        // A limit that this process is under itself can be lowered by anybody, and raised by few.
        let inherited = getrlimit(Resource::As).maximum;
        let bytes = inherited.map_or(bytes, |inherited| inherited.min(bytes));
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        let pid = self.pid().ok_or_else(|| io::Error::other("it has no process number"))?;
        prlimit(Some(pid), Resource::As, limit)?;
        Ok(())
    }

    /// No other system lets a process bound the memory of another one.
    #[cfg(not(target_os = "linux"))]
    fn bound_memory(&self, _bytes: u64) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        debug!(requests = self.asked, stderr_bytes = self.stderr_bytes, "a program is ended");
    }
}

async fn read_line(stdout: &mut BufReader<ChildStdout>) -> Result<String, Broken> {
    let mut line = Vec::new();
    let read = stdout.take(REPLY_BYTES_MAX).read_until(b'\n', &mut line).await;
    if read.is_err() {
        return Err(Broken::Ended(None));
    }
    match line.pop() {
        Some(b'\n') => String::from_utf8(line).map_err(|_not_shown| Broken::Garbled),
        Some(_) if line.len() as u64 + 1 >= REPLY_BYTES_MAX => Err(Broken::Long),
        Some(_) | None => Err(Broken::Ended(None)),
    }
}

/// Counts what comes, for ever: one who says nothing more is waited for in vain.
async fn discard(from: &mut (impl AsyncRead + Unpin), bytes: &mut u64) -> std::convert::Infallible {
    let mut piece = [0; STDERR_PIECE_BYTES];
    loop {
        match from.read(&mut piece).await {
            Ok(0) | Err(_) => return std::future::pending().await,
            Ok(read) => *bytes += read as u64,
        }
    }
}
