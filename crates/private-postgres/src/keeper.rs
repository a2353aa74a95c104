//! The shell that Postgres runs under.
//!
//! A `Drop` does not run in a process that is killed, and a static is never dropped. The end of a
//! pipe, however, reaches the other side whatever happens to us.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::ClusterError;
use crate::folder::{Account, Folder};

const SCRIPT: &str = include_str!("keeper.sh");
const NAME: &str = "sh";

/// The shell and the two pipes to it. It ends the cluster when it is dropped.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// Starts the shell in a folder, as whom the folder belongs to.
    pub(crate) fn start(folder: &Folder, programs: &Path) -> Result<Self, ClusterError> {
        let mut command = Command::new(NAME);
        command.args(["-c", SCRIPT, NAME]).arg(&folder.path).arg(programs);
        command.current_dir(&folder.path).stdin(Stdio::piped()).stdout(Stdio::piped());
        // A group of its own: an interrupt from the terminal is for us, and reaches it by the pipe.
        command.process_group(0);
        if let Some(Account { user, group }) = folder.account {
            command.uid(user).gid(group);
        }
        let mut shell = command.spawn().map_err(ClusterError::io(NAME))?;
        let orders = shell.stdin.take();
        let answers = shell.stdout.take().expect("its output is a pipe");
        Ok(Self { shell, orders, answers: BufReader::new(answers) })
    }

    /// Makes the cluster's files; false if that failed.
    pub(crate) fn init(&mut self) -> Result<bool, ClusterError> {
        Ok(self.order("init")? == 0)
    }

    /// Starts Postgres and gives the number of its first process.
    pub(crate) fn start_postgres(&mut self) -> Result<u32, ClusterError> {
        self.order("start")
    }

    /// Takes the remains of a Postgres that has ended.
    pub(crate) fn reap(&mut self) -> Result<(), ClusterError> {
        self.order("reap").map(drop)
    }

    fn order(&mut self, order: &str) -> Result<u32, ClusterError> {
        let failed = ClusterError::io(NAME);
        self.try_order(order).map_err(failed)
    }

    fn try_order(&mut self, order: &str) -> std::io::Result<u32> {
        let orders = self.orders.as_mut().expect("the pipe is closed by drop alone");
        writeln!(orders, "{order}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer.trim().parse().map_err(|error| {
            std::io::Error::other(format!("`{order}` was answered by {answer:?}: {error}"))
        })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        // It ends by itself; there is nobody to tell if it does not.
        drop(self.shell.wait());
    }
}
