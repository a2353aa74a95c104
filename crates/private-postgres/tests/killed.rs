//! A cluster ends with its process, even with one that is killed. Started with the word `child`, this
//! program is that process.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use iago_private_postgres::Cluster;

const CHILD: &str = "child";

fn main() {
    if std::env::args().any(|argument| argument == CHILD) {
        return be_the_child();
    }
    let this = std::env::current_exe().expect("this program");
    let mut child = Command::new(this)
        .arg(CHILD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started again");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut line = || lines.next().expect("a line").expect("read");
    let (folder, pid) = (line(), line());
    let (folder, process) = (Path::new(&folder), format!("/proc/{}", pid.trim()));
    assert!(folder.exists() && Path::new(&process).exists());

    child.kill().expect("killed");
    child.wait().expect("gone");
    for _ in 0..6_000 {
        if !folder.exists() && !Path::new(&process).exists() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{} or {process} is there a minute after its process was killed", folder.display());
}

fn be_the_child() {
    let cluster = Cluster::start().expect("a cluster");
    let file = cluster.folder().join("data/postmaster.pid");
    let text = std::fs::read_to_string(file).expect("its process file");
    let pid = text.lines().next().expect("its number");
    writeln!(io::stdout(), "{}\n{pid}", cluster.folder().display()).expect("written");
    // Until it is killed.
    io::stdin().read_to_end(&mut Vec::new()).expect("read");
}
