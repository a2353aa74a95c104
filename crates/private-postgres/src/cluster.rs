//! A cluster, from its making to its end.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::ClusterError;
use crate::folder::{Folder, random_number};
use crate::installation::find_programs;
use crate::keeper::Keeper;
use crate::process::{Process, signal};
use crate::settings::write_settings;

/// How long Postgres may take to start, recovery from a crash included, or to end.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at something that is being waited for.
const GLANCE: Duration = Duration::from_millis(5);
/// How many ports are tried before the trouble is taken for another one.
const PORTS_MAX: u32 = 8;
/// Below what Linux gives to outgoing connections: a restart finds its port free again.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Last words that an error repeats, in bytes.
const SAID_MAX: usize = 2_000;

/// A Postgres cluster that nobody else knows of.
#[derive(Debug)]
pub struct Cluster {
    // Before the folder: the keeper's end is Postgres' end.
    postgres: Mutex<Postgres>,
    programs: PathBuf,
    port: u16,
    password: String,
    databases: AtomicU32,
    folder: Folder,
}

#[derive(Debug)]
struct Postgres {
    keeper: Keeper,
    /// Its first process, unless it was crashed.
    pid: Option<u32>,
    /// Processor time of those that were crashed.
    earlier: Duration,
}

impl Cluster {
    /// Makes and starts a cluster, and waits until it can be connected to: a second or two.
    pub fn start() -> Result<Self, ClusterError> {
        Self::start_with(&[])
    }

    /// The same with settings for its `postgresql.conf`, as `("max_connections", "50")`.
    pub fn start_with(settings: &[(&str, &str)]) -> Result<Self, ClusterError> {
        let programs = find_programs()?;
        let folder = Folder::make()?;
        let password = format!("{:016x}{:016x}", random_number(), random_number());
        let keeper = Keeper::start(&folder, &programs)?;
        let postgres = Postgres { keeper, pid: None, earlier: Duration::ZERO };
        let databases = AtomicU32::new(0);
        let mut cluster =
            Self { postgres: Mutex::new(postgres), programs, port: 0, password, databases, folder };
        cluster.make(settings)?;
        cluster.start_somewhere()?;
        Ok(cluster)
    }

    /// Makes an empty database and gives its address, password included.
    pub fn new_database(&self) -> Result<String, ClusterError> {
        let name = format!("d{}", self.databases.fetch_add(1, Ordering::Relaxed) + 1);
        self.psql(&self.url("postgres"), &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(&name))
    }

    /// Has the installation's `psql` run statements, each on its own, and gives what it prints: a
    /// line for each row, its columns separated by `|`.
    pub fn psql(&self, url: &str, statements: &str) -> Result<String, ClusterError> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"]);
        command.args(["--set=ON_ERROR_STOP=1", "--command", statements, url]);
        let output =
            command.stdin(Stdio::null()).output().map_err(ClusterError::io(&self.programs))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(ClusterError::Failed { program: "psql", said })
    }

    /// Ends Postgres at once, as a power cut would, and waits until it is gone. What was committed
    /// is there after [`Cluster::restart`].
    pub fn crash(&self) -> Result<(), ClusterError> {
        let mut postgres = self.postgres();
        let Some(pid) = postgres.pid else { return Ok(()) };
        let mut time = Duration::ZERO;
        if let Some(process) = Process::look_up(pid) {
            time = process.family_time();
            signal("QUIT", [process])?;
            signal("CONT", process.children().into_iter().chain([process]))?;
        }
        self.wait_until("gone", || Ok(Process::look_up(pid).is_none_or(|it| it.has_ended())))?;
        // The line of an ended process that nobody has waited for tells the whole of its time.
        let whole = Process::look_up(pid).map_or(Duration::ZERO, |it| it.family_time());
        postgres.keeper.reap()?;
        postgres.earlier += time.max(whole);
        postgres.pid = None;
        Ok(())
    }

    /// Starts Postgres again on the same port, and waits until it can be connected to. One that is
    /// running is crashed first.
    pub fn restart(&self) -> Result<(), ClusterError> {
        self.crash()?;
        self.start_postgres()
    }

    /// Stops every process of Postgres in its tracks: nothing is answered and nothing refused.
    pub fn pause(&self) -> Result<(), ClusterError> {
        let postgres = self.postgres();
        let Some(first) = postgres.first() else { return Ok(()) };
        // The first one first: it cannot make others then.
        self.stop(&[first])?;
        self.stop(&first.children())
    }

    /// Lets a paused Postgres go on.
    pub fn resume(&self) -> Result<(), ClusterError> {
        let postgres = self.postgres();
        let Some(first) = postgres.first() else { return Ok(()) };
        signal("CONT", first.children().into_iter().chain([first]))
    }

    /// Processor time of all its processes, of those that have ended too, in steps of 10 ms.
    pub fn cpu_time(&self) -> Duration {
        let postgres = self.postgres();
        postgres.earlier + postgres.first().map_or(Duration::ZERO, |it| it.family_time())
    }

    /// Where its files are: `data`, `log`, and the socket.
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://iago:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// A test that panicked elsewhere does not make the cluster unusable for others.
    fn postgres(&self) -> MutexGuard<'_, Postgres> {
        self.postgres.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, settings: &[(&str, &str)]) -> Result<(), ClusterError> {
        let password = self.folder.path.join("password");
        fs::write(&password, &self.password).map_err(ClusterError::io(&password))?;
        fs::set_permissions(&password, Permissions::from_mode(0o600))
            .map_err(ClusterError::io(&password))?;
        self.folder.adopt(&password)?;
        if !self.postgres().keeper.init()? {
            return Err(ClusterError::Failed { program: "initdb", said: self.last_words() });
        }
        fs::remove_file(&password).map_err(ClusterError::io(&password))?;
        let file = self.folder.path.join("data/postgresql.conf");
        write_settings(&file, &self.folder.path, settings).map_err(ClusterError::io(&file))
    }

    /// Another process may take the port between our look at it and Postgres' use of it.
    fn start_somewhere(&mut self) -> Result<(), ClusterError> {
        let file = self.folder.path.join("data/postgresql.conf");
        for _ in 1..PORTS_MAX {
            self.port = free_port();
            let port = self.port.to_string();
            write_settings(&file, &self.folder.path, &[("port", &port)])
                .map_err(ClusterError::io(&file))?;
            if self.start_postgres().is_ok() {
                return Ok(());
            }
            self.crash()?;
        }
        self.start_postgres()
    }

    fn start_postgres(&self) -> Result<(), ClusterError> {
        let mut postgres = self.postgres();
        let pid = postgres.keeper.start_postgres()?;
        postgres.pid = Some(pid);
        self.wait_until("ready", || {
            let ended = Process::look_up(pid).is_none_or(|it| it.has_ended());
            if ended {
                return Err(ClusterError::Failed { program: "postgres", said: self.last_words() });
            }
            Ok(self.says_ready(pid))
        })
    }

    /// Postgres keeps its number in the first line of a file, and its state in the eighth.
    fn says_ready(&self, pid: u32) -> bool {
        let file = fs::read_to_string(self.folder.path.join("data/postmaster.pid"));
        file.is_ok_and(|text| {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready")
        })
    }

    fn stop(&self, processes: &[Process]) -> Result<(), ClusterError> {
        signal("STOP", processes.iter().copied())?;
        let rests = |pid| Process::look_up(pid).is_none_or(|it| it.is_stopped() || it.has_ended());
        self.wait_until("stopped", || Ok(processes.iter().all(|process| rests(process.pid))))
    }

    fn wait_until(
        &self,
        state: &'static str,
        reached: impl Fn() -> Result<bool, ClusterError>,
    ) -> Result<(), ClusterError> {
        let mut waited = Duration::ZERO;
        while !reached()? {
            if waited >= PATIENCE {
                return Err(ClusterError::TooLate { state, waited, said: self.last_words() });
            }
            thread::sleep(GLANCE);
            waited += GLANCE;
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = fs::read(self.folder.path.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(SAID_MAX)..]).trim().to_owned()
    }
}

impl Postgres {
    fn first(&self) -> Option<Process> {
        self.pid.and_then(Process::look_up)
    }
}

/// A port that nobody listens on; 0, which is refused later, if all are taken.
fn free_port() -> u16 {
    let count = u64::from(PORTS.end - PORTS.start);
    let first = random_number() % count;
    let ports = (0..count).map(|step| {
        let offset = (first + step) % count;
        PORTS.start + u16::try_from(offset).unwrap_or(0)
    });
    ports.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap_or(0)
}
