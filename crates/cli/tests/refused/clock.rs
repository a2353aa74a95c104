//! Clocks that step. The wall clocks of processes matter to nobody; the database's clock says when a
//! term and a token end, and where it steps a term may end early, but two never lead.
//!
//! The clock of the machine is left alone. Wall clocks step by a library that is loaded before libc;
//! a step of the database's clock is a step of the times that are measured by it.

use std::path::{Path, PathBuf};
use std::process::Command;

use iago_store::Act;

use crate::fleet::process::Process;
use crate::fleet::stored::{Stored, jobs};
use crate::fleet::{Fleet, LONG, Setup, until};
use crate::row::assert_ends;
use crate::world::iago;

const YEAR_S: i64 = 365 * 24 * 3_600;

/// Stands before libc and adds the seconds in a file to every reading of the wall clock. The file is
/// read each time, so that the clock steps while a program runs.
const STEPPED_CLOCK: &str = r#"
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    long told = syscall(SYS_clock_gettime, clock, now);
    const char *path = getenv("STEPPED_CLOCK");
    if (told == 0 && path && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        long long seconds = 0;
        FILE *file = fopen(path, "r");
        if (!file || fscanf(file, "%lld", &seconds) != 1) abort();
        fclose(file);
        now->tv_sec += seconds;
    }
    return (int)told;
}
"#;

/// The library, and a clock for each process.
struct Clocks {
    library: PathBuf,
    folder: PathBuf,
}

impl Clocks {
    fn make(fleet: &Fleet) -> Self {
        let source = fleet.world.write("stepped_clock.c", STEPPED_CLOCK);
        let library = fleet.world.path("stepped_clock.so");
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
        let made = compile.output().expect("`cc` is there: it links every Rust program");
        assert!(made.status.success(), "{made:?}");
        Self { library, folder: fleet.world.path("") }
    }

    /// Steps the wall clock of a process, now or for when it starts.
    fn step(&self, name: &str, seconds: i64) {
        // A rename, so that nobody ever reads half a number.
        let (clock, new) = (self.clock(name), self.folder.join("clock.new"));
        std::fs::write(&new, seconds.to_string()).expect("it can be written");
        std::fs::rename(new, clock).expect("it is the same folder");
    }

    fn clock(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.clock"))
    }

    /// The program by this clock.
    fn iago(&self, name: &str) -> Command {
        let mut command = iago();
        command.env("LD_PRELOAD", &self.library).env("STEPPED_CLOCK", self.clock(name));
        command
    }

    fn start_coordinator(&self, fleet: &Fleet, name: &str) -> Process {
        let mut command = self.iago(name);
        command.args(["--log", "info", "coordinator", "--config"]).arg(fleet.config(name));
        command.current_dir(fleet.world.path(""));
        Process::start(name, command, &log(fleet, name))
    }
}

/// Where [`Fleet::said`] looks for it.
fn log(fleet: &Fleet, name: &str) -> PathBuf {
    fleet.world.path(&format!("{name}.log"))
}

/// The years of a log's lines, in the order in which they come.
fn years(log: &Path) -> Vec<i64> {
    let text = std::fs::read_to_string(log).expect("it is there");
    let mut years: Vec<i64> = text
        .lines()
        .filter(|line| line.as_bytes().get(10) == Some(&b'T'))
        .map(|line| line[..4].parse().expect("a year"))
        .collect();
    years.dedup();
    years
}

#[tokio::test(flavor = "multi_thread")]
async fn wall_clocks_of_processes_step_and_nobody_minds() {
    let mut fleet = Fleet::new(Setup { prompts: 20, ..Setup::default() }).await;
    let clocks = Clocks::make(&fleet);
    let all = jobs(fleet.setup.prompts) as u64;
    for (name, step) in [("c1", 0), ("c2", -20 * YEAR_S), ("w1", 3 * YEAR_S)] {
        clocks.step(name, step);
    }
    let mut c1 = clocks.start_coordinator(&fleet, "c1");
    fleet.until_said("c1", "leading term=1").await;
    let mut c2 = clocks.start_coordinator(&fleet, "c2");
    fleet.until_said("c2", "standing by leader=\"c1").await;
    fleet.submit();
    fleet.start_worker_with("w1", clocks.iago("w1"));
    fleet.until_calls(all / 4).await;
    // Tokens are good for 90 days, by another clock.
    clocks.step("c1", 2 * YEAR_S);
    fleet.start_worker_with("w2", clocks.iago("w1"));
    fleet.until_said("c1", "worker connected worker=\"w2\"").await;
    clocks.step("w1", -10 * YEAR_S);
    clocks.step("c1", -20 * YEAR_S);
    clocks.step("c2", 20 * YEAR_S);
    assert!(fleet.calls() < all, "they were to step in the middle");
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(leaders(&stored), ["c1"], "nobody took over");
    let years = years(&log(&fleet, "c1"));
    let stepped = matches!(years[..], [now, then, .., last] if now < then && last < now);
    assert!(stepped, "its clock was to step: {years:?}");
    for process in [&mut c1, &mut c2] {
        assert!(process.is_running());
        process.signal("TERM");
        assert_eq!(process.ended(LONG).await.code(), Some(0));
    }
}

/// By the audit, who took the lead, in the order in which they did.
fn leaders(stored: &Stored) -> Vec<String> {
    let led = stored.audit.iter().rev().filter(|audited| audited.act == Act::Lead);
    led.map(|audited| audited.who.split(',').next().unwrap_or_default().to_owned()).collect()
}

/// `c1` leads with a term that is longer than this test, `c2` stands by, and a quarter is done.
async fn at_work_with_a_standby() -> Fleet {
    let setup = Setup { prompts: 20, hold_s: 30, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["w1", "w2"]).await;
    fleet.start_coordinator("c2").await;
    fleet.assert_said("c2", "standing by leader=\"c1");
    fleet.until_calls(jobs(fleet.setup.prompts) as u64 / 4).await;
    fleet
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_that_ends_by_a_step_forward_has_one_heir() {
    let mut fleet = at_work_with_a_standby().await;
    // It is an hour later, and the next renewal of the leader is seconds away.
    fleet.sql("UPDATE iago.leadership SET expires = expires - interval '1 hour'");
    fleet.until_said("c2", "leading term=2").await;
    fleet.until_said("c1", "standing by leader=\"c2").await;
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(leaders(&stored), ["c1", "c2"]);
    assert!(fleet.process("c1").is_running(), "it stands by");
    let terms = fleet.sql("SELECT DISTINCT term FROM iago.results ORDER BY term");
    assert_eq!(terms, "1\n2", "it was in mid-sweep");
}

/// By the database, whether the present term ends more than a day from now.
fn seems_endless(fleet: &Fleet) -> bool {
    fleet.sql("SELECT expires > now() + interval '1 day' FROM iago.leadership") == "t"
}

const YEAR_BACK: &str = "UPDATE iago.leadership SET expires = expires + interval '1 year'";

#[tokio::test(flavor = "multi_thread")]
async fn a_step_back_leaves_no_endless_term_behind_a_leader_that_lives() {
    let setup = Setup { prompts: 20, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["w1", "w2"]).await;
    fleet.start_coordinator("c2").await;
    fleet.until_calls(jobs(fleet.setup.prompts) as u64 / 4).await;
    fleet.sql(YEAR_BACK);
    until("the next renewal", LONG, || !seems_endless(&fleet)).await;
    fleet.kill(&["c1"]);
    fleet.until_said("c2", "leading term=2").await;
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(leaders(&stored), ["c1", "c2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_goes_in_good_order_leaves_nothing_to_wait_for() {
    let mut fleet = at_work_with_a_standby().await;
    fleet.sql(YEAR_BACK);
    assert_eq!(fleet.terminate("c1").await, Some(0), "{}", fleet.said("c1"));
    fleet.until_said("c2", "leading term=2").await;
    fleet.until_state("done").await;
    fleet.assert_truth_at_the_price_of_one().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_over_when_the_term_ends_by_the_databases_clock_and_not_before() {
    let mut fleet = at_work_with_a_standby().await;
    fleet.kill(&["c1"]);
    // Longer than the other one held it, and longer than the standby itself would.
    fleet.sql("UPDATE iago.leadership SET expires = clock_timestamp() + interval '1 day'");
    let stands_by = fleet.client(&["status"]);
    assert_eq!(stands_by.code, 69);
    assert!(stands_by.stderr.contains("this coordinator stands by: c1,"), "{stands_by:?}");
    let ends_ms = fleet.sql(
        "UPDATE iago.leadership SET expires = clock_timestamp() + interval '3 seconds'
         RETURNING ceil(extract(epoch FROM expires) * 1000)::bigint",
    );
    let ends_ms: i64 = ends_ms.parse().expect("a number");
    fleet.until_said("c2", "leading term=2").await;
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(leaders(&stored), ["c1", "c2"]);
    let took_over = stored.audit.iter().find(|audited| audited.act == Act::Lead);
    let at_ms = took_over.expect("it is on record").at_ms;
    assert!(at_ms >= ends_ms, "{} ms early", ends_ms - at_ms);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_by_the_databases_clock() {
    let fleet = Fleet::new(Setup { prompts: 2, ..Setup::default() }).await;
    let clocks = Clocks::make(&fleet);
    // By the coordinator's own clock no token was ever made yet.
    clocks.step("c1", -20 * YEAR_S);
    let mut c1 = clocks.start_coordinator(&fleet, "c1");
    until("c1 to take orders", LONG, || fleet.client(&["status"]).code == 0).await;
    let shift = |days: i64| {
        let ms = days * 24 * 3_600 * 1_000;
        fleet.sql(&format!(
            "UPDATE iago.tokens SET expires_ms = expires_ms - {ms} WHERE name = 'the-operator'"
        ));
    };
    shift(91);
    until("the end of a token", LONG, || fleet.client(&["status"]).code == 77).await;
    let words = "iago: token `the-operator` was revoked or has run out: make another with `iago token \
                 create` (the token is taken from the variable IAGO_TOKEN)";
    let look = fleet.client_with(&fleet.operator_token, &["status"]);
    assert_ends("91 days later", look, &fleet.hidden(), (77, words));
    shift(-91);
    until("the way back", LONG, || fleet.client(&["status"]).code == 0).await;
    assert!(c1.is_running());
}
