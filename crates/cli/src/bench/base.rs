//! Where a measurement stands: a database of its own, and a folder with the files by which processes
//! find each other.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use iago_coordinator::token_hash;
use iago_private_postgres::Cluster;
use iago_store::{Access, NewToken, Scope};
use iago_store_postgres::PostgresStore;
use tokio::time::Instant;

use super::certificate::{AUTHORITY, CERTIFICATE, KEY, write_certificates};
use super::child::{Child, Listen, run_to_end};
use super::database::new_database;
use super::made_up::{write_endpoint, write_sweep};

/// Where it listens; the system chooses the ports.
const HOST: &str = "127.0.0.1";
/// Jobs that workers may have at once: never what holds up a measurement.
const CONCURRENCY: u32 = 8_192;
/// Prompts of the made-up sweep.
pub(super) const PROMPTS: u32 = 10_000;
/// The variable that `iago submit` reads its token from.
const TOKEN_ENV: &str = "IAGO_BENCH_TOKEN";

/// A database with tokens, and a folder.
pub(super) struct Base {
    pub(super) cluster: Arc<Cluster>,
    pub(super) database: String,
    pub(super) folder: PathBuf,
    pub(super) worker_token: String,
    operator_token: String,
}

impl Base {
    /// An empty database in the cluster. `folder` is made.
    pub(super) async fn new(cluster: &Arc<Cluster>, folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let cluster = Arc::clone(cluster);
        let database = new_database(&cluster).await?;
        let (worker_token, operator_token) = (new_token()?, new_token()?);
        let store = PostgresStore::open(&database).await?;
        grant(&store, Scope::Worker, &worker_token).await?;
        grant(&store, Scope::Operator, &operator_token).await?;
        store.close().await?;
        let base = Self { cluster, database, folder, worker_token, operator_token };
        base.write_files()?;
        Ok(base)
    }

    fn write_files(&self) -> Result<()> {
        let folder = &self.folder;
        write_certificates(folder, HOST)?;
        // A coordinator calls no endpoint.
        write_endpoint(folder, "http://127.0.0.1:9", CONCURRENCY, "")?;
        std::fs::write(
            folder.join("coordinator.toml"),
            format!(
                "name = \"bench\"\nstore = \"{}\"\nendpoints = \"endpoints.toml\"\n\
                 [jobs]\nlisten = \"{HOST}:0\"\n[workers]\nlisten = \"{HOST}:0\"\n\
                 [doors]\ntokens = true\ncertificate = \"{CERTIFICATE}\"\nkey = \"{KEY}\"\n\
                 [leadership]\nadoption_grace_s = 0\n",
                self.database
            ),
        )?;
        let client = format!("token_env = \"{TOKEN_ENV}\"\nca = \"{AUTHORITY}\"\n");
        Ok(std::fs::write(folder.join("client.toml"), client)?)
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.folder.join(AUTHORITY)
    }

    /// Writes a sweep of at least so many jobs.
    pub(super) fn write_sweep(&self, jobs: u32) -> Result<PathBuf> {
        write_sweep(&self.folder, "made-up", PROMPTS, jobs.div_ceil(PROMPTS))
    }

    /// `iago submit`, to its end.
    pub(super) async fn submit(&self, sweep: &Path, coordinator: &Coordinator) -> Result<()> {
        let (config, address) = (self.folder.join("client.toml"), coordinator.people.clone());
        let (sweep, token) = (sweep.to_owned(), self.operator_token.clone());
        let submit = move || {
            let arguments: [&OsStr; 6] = [
                "submit".as_ref(),
                sweep.as_ref(),
                "--config".as_ref(),
                config.as_ref(),
                "--coordinator".as_ref(),
                address.as_ref(),
            ];
            run_to_end(&arguments, &[(TOKEN_ENV, &token)])
        };
        tokio::task::spawn_blocking(submit).await?.map(drop)
    }
}

async fn grant(store: &PostgresStore, scope: Scope, token: &str) -> Result<()> {
    let name = format!("bench-{scope}");
    Ok(store.grant(NewToken { name, scope, hash: token_hash(token), lives: None }).await?)
}

fn new_token() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("no random numbers")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// `iago coordinator`, in a process of its own.
pub(super) struct Coordinator {
    child: Child,
    people: String,
    pub(super) workers: String,
    /// When it came to lead.
    led: Instant,
}

impl Coordinator {
    /// Starts it, and waits until it leads.
    pub(super) async fn start(base: &Base) -> Result<Self> {
        let config = base.folder.join("coordinator.toml");
        let arguments: [&OsStr; 6] = [
            "--log".as_ref(),
            "info".as_ref(),
            "--log-json".as_ref(),
            "coordinator".as_ref(),
            "--config".as_ref(),
            config.as_ref(),
        ];
        let mut child = Child::start("coordinator", &arguments, Listen::Stderr)?;
        let (_, (people, workers)) = child.until(addresses).await?;
        let (led, ()) = child.until(|line| logged(line, "leading")).await?;
        Ok(Self { child, people, workers, led })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Waits until a sweep is loaded; gives the time since it came to lead.
    pub(super) async fn loaded(&mut self) -> Result<Duration> {
        let (at, ()) = self.child.until(|line| logged(line, "sweep loaded")).await?;
        Ok(at.duration_since(self.led))
    }
}

/// Where people and workers find it, from the line in which it says so.
fn addresses(line: &str) -> Option<(String, String)> {
    let mut found = line.split([' ', ',']).filter(|word| word.starts_with("https://"));
    Some((found.next()?.to_owned(), found.next()?.to_owned()))
}

/// Whether a line of the log has this message.
fn logged(line: &str, message: &str) -> Option<()> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line.get("message")?.as_str()? == message).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_a_coordinator_says() {
        let line = "listening: people at https://127.0.0.1:1, workers at https://127.0.0.1:2";
        let found = addresses(line).unwrap();
        assert_eq!(found, ("https://127.0.0.1:1".to_owned(), "https://127.0.0.1:2".to_owned()));
        assert_eq!(addresses("another line"), None);
    }
}
