//! One cluster, through what can happen to it.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;
use std::thread;

use iago_private_postgres::{Cluster, ClusterError};

static SHARED: LazyLock<Cluster> = LazyLock::new(|| Cluster::start().expect("a cluster"));

#[test]
fn it_is_as_durable_as_a_real_one() {
    let url = SHARED.new_database().unwrap();
    for (setting, expected) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", "127.0.0.1"),
    ] {
        assert_eq!(SHARED.psql(&url, &format!("SHOW {setting}")).unwrap(), expected, "{setting}");
    }
}

#[test]
fn databases_are_apart() {
    let (one, other) = (SHARED.new_database().unwrap(), SHARED.new_database().unwrap());
    SHARED.psql(&one, "CREATE TABLE songs (title text)").unwrap();
    let refused = SHARED.psql(&other, "SELECT * FROM songs").unwrap_err();
    assert!(refused.to_string().contains("songs"), "{refused}");
}

#[test]
fn nobody_enters_without_the_password() {
    let url = SHARED.new_database().unwrap();
    let password = url.split([':', '@']).nth(2).unwrap();
    let refused = SHARED.psql(&url.replace(password, "guessed"), "SELECT 1").unwrap_err();
    assert!(matches!(refused, ClusterError::Failed { program: "psql", .. }), "{refused}");
    assert!(!SHARED.folder().join("password").exists());
}

#[test]
fn what_was_committed_is_there_after_a_crash() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.new_database().unwrap();
    cluster.psql(&url, "CREATE TABLE songs AS SELECT generate_series(1, 1000) AS n").unwrap();
    let (port, time) = (cluster.port(), cluster.cpu_time());
    cluster.crash().unwrap();
    cluster.psql(&url, "SELECT 1").unwrap_err();
    assert!(cluster.cpu_time() >= time, "the time of a crashed one counts");
    cluster.restart().unwrap();
    assert_eq!(cluster.psql(&url, "SELECT count(*) FROM songs").unwrap(), "1000");
    assert_eq!(cluster.port(), port);
    assert!(cluster.cpu_time() >= time);
}

#[test]
fn a_paused_one_neither_answers_nor_refuses() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.new_database().unwrap();
    cluster.pause().unwrap();
    let mut paused = states(&cluster);
    // A child that had just ended waits for its parent to notice.
    paused.remove("Z");
    let stopped = BTreeSet::from(["T".to_owned()]);
    assert_eq!(paused, stopped, "its first process and all of its children");
    thread::scope(|scope| {
        let asking = scope.spawn(|| cluster.psql(&url, "SELECT 'late'"));
        cluster.resume().unwrap();
        assert_eq!(asking.join().unwrap().unwrap(), "late");
    });
    assert!(!states(&cluster).contains("T"));
}

#[test]
fn a_paused_one_can_be_crashed_and_dropped() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.new_database().unwrap();
    cluster.pause().unwrap();
    cluster.crash().unwrap();
    cluster.restart().unwrap();
    assert_eq!(cluster.psql(&url, "SELECT 1").unwrap(), "1");
    cluster.pause().unwrap();
    let folder = cluster.folder().to_owned();
    drop(cluster);
    assert!(!folder.exists());
}

#[test]
fn settings_are_its_own() {
    let cluster = Cluster::start_with(&[("work_mem", "7MB"), ("search_path", "it's")]).unwrap();
    let url = cluster.new_database().unwrap();
    assert_eq!(cluster.psql(&url, "SHOW work_mem").unwrap(), "7MB");
    let file = fs::read_to_string(cluster.folder().join("data/postgresql.conf")).unwrap();
    assert!(file.contains("search_path = 'it''s'"));
}

#[test]
fn a_setting_that_is_none_is_told() {
    let refused = Cluster::start_with(&[("no_such_setting", "1")]).unwrap_err();
    assert!(refused.to_string().contains("no_such_setting"), "{refused}");
}

/// What its processes do, as `/proc` says it.
fn states(cluster: &Cluster) -> BTreeSet<String> {
    let file = fs::read_to_string(cluster.folder().join("data/postmaster.pid")).expect("its file");
    let first = file.lines().next().expect("its number").to_owned();
    let stats = fs::read_dir("/proc").expect("processes").filter_map(|entry| {
        let stat = fs::read_to_string(entry.ok()?.path().join("stat")).ok()?;
        let (pid, rest) = stat.split_once(" (postgres) ")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        (pid == first || fields[1] == first).then(|| fields[0].to_owned())
    });
    stats.collect()
}
