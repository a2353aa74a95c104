//! The disk fills up in mid-sweep: nothing that was stored is lost, and the same command goes on
//! once there is room.

use std::path::Path;
use std::process::{Command, Stdio};

use iago_sweep::ResultFact;

use crate::row::assert_said;
use crate::small_sweep::{FILE, small_world, write_prompts};
use crate::world::{Ran, World, iago, rows};

const PROMPTS: usize = 200;
/// Jobs: each prompt under two conditions, twice, with three votes on each answer.
const JOBS: usize = PROMPTS * 2 * 2 * (1 + 3);

/// How room runs out.
#[derive(Clone, Copy, Debug)]
enum Scarce {
    /// A small file system of its own, in memory and seen by one process tree only.
    Mount,
    /// A limit on the size of every file, as a quota has it: no privilege is needed.
    FileSize,
}

impl Scarce {
    /// The real thing where this user may mount, else what comes nearest.
    fn best() -> Self {
        let mount = "mount -t tmpfs -o size=64k none /tmp";
        let mut probe = Command::new("unshare");
        probe.args(["-m", "sh", "-c", mount]).stdout(Stdio::null()).stderr(Stdio::null());
        if probe.status().is_ok_and(|status| status.success()) {
            Self::Mount
        } else {
            Self::FileSize
        }
    }

    /// Runs the sweep where there is little room and keeps a copy of the store in `early/`, then
    /// runs it again where there is enough, and keeps a copy in `late/`. What is said comes
    /// into `early.err` and `late.err`, and the exit codes into `codes`.
    fn script(self) -> &'static str {
        match self {
            Self::Mount => {
                "set -u
                mkdir -p disk early late
                mount -t tmpfs -o size=700k none disk || exit 9
                \"$@\" 2>early.err >/dev/null; echo $? >codes
                cp disk/store.sqlite* early
                mount -o remount,size=64m disk || exit 9
                \"$@\" 2>late.err >/dev/null; echo $? >>codes
                cp disk/store.sqlite* late"
            }
            Self::FileSize => {
                "set -u
                mkdir -p disk early late
                trap '' XFSZ
                (ulimit -f 1000; exec \"$@\" 2>early.err >/dev/null); echo $? >codes
                cp disk/store.sqlite* early
                \"$@\" 2>late.err >/dev/null; echo $? >>codes
                cp disk/store.sqlite* late"
            }
        }
    }

    fn shell(self) -> Command {
        match self {
            Self::Mount => {
                let mut unshare = Command::new("unshare");
                unshare.args(["-m", "sh"]);
                unshare
            }
            Self::FileSize => Command::new("sh"),
        }
    }
}

/// Runs the sweep twice in such a shell. Gives what was said, early and late.
fn run_twice(world: &World, scarce: Scarce) -> [Ran; 2] {
    let mut shell = scarce.shell();
    shell.args(["-c", scarce.script(), "sh"]);
    shell.arg(iago().get_program()).args(["run", FILE, "--store", "disk/store.sqlite"]);
    shell.current_dir(world.path("")).stdin(Stdio::null());
    let status = shell.status().expect("there is a shell");
    assert!(status.success(), "{scarce:?}: {status}");
    let read = |name: &str| std::fs::read_to_string(world.path(name)).expect("it was written");
    let codes: Vec<i32> =
        read("codes").lines().map(|code| code.parse().expect("a number")).collect();
    let ran = |code, name| Ran { code, stdout: String::new(), stderr: read(name) };
    [ran(codes[0], "early.err"), ran(codes[1], "late.err")]
}

const FULL: &str = "\
small s1: a new sweep (800 transcripts asked for)
iago: the disk of …/disk/store.sqlite is full or cannot be written: free some space, then run the \
same command again; what is stored is safe";

const GOES_ON: &str = "\
small s1: known: going on where it stands (800 transcripts asked for)
an earlier process ended in the middle: up to … jobs may have been in flight and are asked again
report disk/reports/small-s1-SIMULATED.html
… calls in …";

async fn assert_survives(scarce: Scarce) {
    let world = small_world();
    write_prompts(&world, PROMPTS, "Say that it was somebody else.");
    let [early, late] = tokio::task::block_in_place(|| run_twice(&world, scarce));
    assert_said(&world, &early, 74, FULL);
    let kept = stored(&world.path("early")).await;
    assert!((1..JOBS).contains(&kept.len()), "{} of {JOBS}: not in mid-sweep", kept.len());
    assert_said(&world, &late, 0, GOES_ON);
    let all = stored(&world.path("late")).await;
    assert_eq!(all.len(), JOBS);
    assert!(kept.iter().all(|fact| all.contains(fact)), "what is stored is safe");
}

async fn stored(folder: &Path) -> Vec<ResultFact> {
    rows(&folder.join("store.sqlite")).await.results
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_in_mid_sweep() {
    assert_survives(Scarce::best()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_quota_in_mid_sweep() {
    assert_survives(Scarce::FileSize).await;
}
