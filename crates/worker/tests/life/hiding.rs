//! What a program can see of the worker that runs it.

#![cfg(target_os = "linux")]

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::programs::{good, note, run, script};

/// A variable that stands for a key.
const KEY: &str = "IAGO_TEST_KEY";

/// Nobody's, on every system: what root runs could see everything.
const NOBODY: u32 = 65_534;

#[tokio::test]
async fn a_program_reads_nothing_of_the_environment_of_its_worker() {
    if std::env::var_os(KEY).is_some() {
        return look().await;
    }
    // A variable can only be given to a process that begins.
    let mut again = Command::new("/proc/self/exe");
    let name = "hiding::a_program_reads_nothing_of_the_environment_of_its_worker";
    again.args(["--exact", name]).env(KEY, "secret").current_dir("/");
    if rustix::process::geteuid().is_root() {
        again.uid(NOBODY).gid(NOBODY);
    }
    let output = again.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// With the key in this process's environment.
async fn look() {
    let own = std::fs::read("/proc/thread-self/environ");
    let look = format!("$(tr '\\0' '\\n' < /proc/$PPID/environ | grep -c {KEY})");
    let delivered = run(script(&good(&look)), &["<OUT>1</OUT>"]).await;
    assert_eq!(note(&delivered[0]), "0");
    let own = own.expect("before there was a program it could be read");
    assert!(own.windows(KEY.len()).any(|part| part == KEY.as_bytes()), "there was a key to find");
}
