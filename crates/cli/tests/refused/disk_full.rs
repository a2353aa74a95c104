//! The disk of the database fills up in mid-sweep: the coordinator waits, tells people what it waits
//! for, and goes on by itself once there is room.

use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use iago_private_postgres::Cluster;
use iago_sweep::AttemptCause;
use tempfile::TempDir;

use crate::fleet::stored::jobs;
use crate::fleet::{CLUSTER, Fleet, Setup, new_cluster};
use crate::row::{assert_ends, place, said};

/// A database fits, and the rows of these tests: a disk is filled by somebody else.
const DISK: &str = "64m";
const BALLAST_STEP: usize = 64 * 1024;

const FULL: &str = "the disk of DATABASE is full or cannot be written: free some space, then run the \
same command again; what is stored is safe";
/// What is said of it while it is waited for.
const FULL_FOR_NOW: &str =
    "the disk of DATABASE is full or cannot be written: free some space, and it goes on by itself";

/// A small file system in memory. A shell that waits for the end of a pipe unmounts it, so that it is
/// gone whichever way this process ends.
struct Disk {
    shell: Child,
    folder: TempDir,
}

impl Disk {
    /// Needs a user that may mount; `None` for any other.
    fn mount(cluster: &Cluster) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Postgres is somebody else where we are root, and must be able to go in.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
        let owner = fs::metadata(cluster.folder()).expect("it is there");
        let options = format!("size={DISK},mode=700,uid={},gid={}", owner.uid(), owner.gid());
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEP, "sh", &options]).arg(folder.path());
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = shell.spawn().expect("there is a shell");
        let mut mounted = [0; 3];
        let told = shell.stdout.as_mut().map(|out| out.read_exact(&mut mounted));
        if matches!(told, Some(Ok(()))) {
            return Some(Self { shell, folder });
        }
        drop(shell.wait());
        None
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Writes until nothing more can be written.
    fn fill(&self) {
        let mut ballast = File::create(self.ballast()).expect("there is room");
        for step in [BALLAST_STEP, 1] {
            let error = loop {
                if let Err(error) = ballast.write_all(&vec![b'x'; step]) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.ballast()).expect("it was made");
    }
}

const KEEP: &str = "mkdir \"$2/disk\" && mount -t tmpfs -o \"$1\" none \"$2/disk\" || exit 1
echo ok
read -r _
umount -l \"$2/disk\"
rm -rf \"$2\"";

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}

/// How room runs out.
enum Scarce {
    /// For real.
    Disk(Disk, Arc<Cluster>),
    /// The server says so of every row, in the words and with the code of the real thing.
    Said,
}

impl Scarce {
    /// The real thing where this user may mount, else what comes nearest.
    fn best() -> Self {
        let cluster = new_cluster();
        let Some(disk) = Disk::mount(&cluster) else { return Self::Said };
        let make = format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display());
        let url = cluster.new_database().expect("a database");
        cluster.psql(&url, &make).expect("it is empty");
        Self::Disk(disk, cluster)
    }

    async fn fleet(&self) -> Fleet {
        let cluster = match self {
            Self::Disk(_, cluster) => Arc::clone(cluster),
            Self::Said => Arc::clone(&CLUSTER),
        };
        let setup = Setup { prompts: 40, cluster: Some(cluster), ..Setup::default() };
        let fleet = Fleet::new(setup).await;
        if let Self::Disk(_, cluster) = self {
            move_to_disk(cluster, &fleet.database);
        }
        fleet
    }

    fn fill(&self, fleet: &Fleet) {
        match self {
            Self::Disk(disk, _) => disk.fill(),
            Self::Said => drop(fleet.sql(
                "CREATE FUNCTION iago.full() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
                     RAISE ''could not extend file: No space left on device''
                         USING ERRCODE = ''disk_full'';
                 END';
                 CREATE TRIGGER full_disk BEFORE INSERT ON iago.results
                     FOR EACH ROW EXECUTE FUNCTION iago.full()",
            )),
        }
    }

    fn make_room(&self, fleet: &Fleet) {
        match self {
            Self::Disk(disk, _) => disk.make_room(),
            Self::Said => drop(fleet.sql("DROP TRIGGER full_disk ON iago.results")),
        }
    }
}

/// Moves a database that nobody uses at this moment onto the disk.
fn move_to_disk(cluster: &Cluster, url: &str) {
    let (server, database) = url.rsplit_once('/').expect("a database's name");
    let move_it = format!("ALTER DATABASE {database} SET TABLESPACE small");
    cluster.psql(&format!("{server}/postgres"), &move_it).expect("nobody is connected");
}

async fn assert_waited_for(scarce: Scarce) {
    let mut fleet = scarce.fleet().await;
    fleet.lead().await;
    fleet.submit();
    for worker in ["w1", "w2"] {
        fleet.start_worker(worker);
    }
    let third = jobs(fleet.setup.prompts) as u64 / 3;
    fleet.until_calls(third).await;
    scarce.fill(&fleet);
    fleet.until_said("c1", "the store takes nothing: nothing is acknowledged or handed out").await;
    assert_told(&mut fleet);
    assert!(fleet.calls() < 2 * third, "it was to fill up in the middle");
    scarce.make_room(&fleet);
    fleet.until_said("c1", "the store takes facts again").await;
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0, "nobody was given up");
    let status = fleet.status().expect("it answers");
    assert!(!status.to_string().contains("full"), "what is over is not told: {status}");
}

/// Whoever asks is told, in words and in JSON, and so is the log; everybody stays.
fn assert_told(fleet: &mut Fleet) {
    let hidden = vec![(place(&fleet.database), "DATABASE")];
    let log = said(&fleet.said("c1"), &hidden);
    let warned = format!("nothing is acknowledged or handed out error=\"{FULL_FOR_NOW}\"");
    assert_eq!(log.matches(&warned).count(), 1, "{log}");
    let told = said(&fleet.ask(&["status", "1"]).stdout, &hidden);
    assert_eq!(told.lines().last(), Some(&*format!("the store  {FULL_FOR_NOW}")), "{told}");
    let status = fleet.status().expect("it answers");
    assert_eq!(status["state"], "running");
    let trouble = status["progress"]["store_trouble"].as_str().expect("it is told");
    assert_eq!(said(trouble, &hidden), FULL_FOR_NOW);
    for process in ["c1", "w1", "w2"] {
        assert!(fleet.process(process).is_running(), "{process}:\n{}", fleet.said(process));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_in_mid_sweep_is_waited_for() {
    assert_waited_for(Scarce::best()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_says_of_a_full_disk_is_waited_for() {
    assert_waited_for(Scarce::Said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_from_the_start_ends_whoever_opens_it() {
    let scarce = Scarce::best();
    let mut fleet = scarce.fleet().await;
    let empty = fleet.cluster.new_database().expect("a database");
    fleet.world.edit("c1.toml", &fleet.database, &empty);
    fleet.database.clone_from(&empty);
    match &scarce {
        Scarce::Disk(disk, cluster) => {
            move_to_disk(cluster, &empty);
            // The first connection to a database that was moved makes a file.
            fleet.sql("SELECT");
            disk.fill();
        }
        Scarce::Said => drop(fleet.sql(REFUSE_TABLES)),
    }
    let words: &'static str = format!("iago: {FULL}").leak();
    assert_ends("token", fleet.token_command(&["list"]), &fleet.hidden(), (74, words));
    assert_ends("coordinator", coordinator(&fleet), &fleet.hidden(), (74, words));
    match &scarce {
        Scarce::Disk(disk, _) => disk.make_room(),
        Scarce::Said => drop(fleet.sql("DROP EVENT TRIGGER full_disk")),
    }
    let ran = fleet.token(&["list"]);
    assert_eq!(ran.code, 0, "the same command again: {ran:?}");
}

const REFUSE_TABLES: &str =
    "CREATE FUNCTION public.full() RETURNS event_trigger LANGUAGE plpgsql AS \
'BEGIN RAISE ''could not extend file: No space left on device'' USING ERRCODE = ''disk_full''; END';
CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE')
    EXECUTE FUNCTION public.full()";

fn coordinator(fleet: &Fleet) -> Command {
    let mut command = fleet.command();
    command.args(["coordinator", "--config"]).arg(fleet.config("c1"));
    command
}
