//! More is asked of a sweep, while it runs and when it is done: only what is new is called, and in the
//! end it is as if all of it had been asked from the start.

use crate::fleet::stored::jobs;
use crate::fleet::{Fleet, Setup};
use crate::world::{World, finish, rows};

const PROMPTS: usize = 20;
const SWEEP: &str = "sweeps/alignment-faking.toml";
const SMALLER: &str = "sweeps/smaller.toml";

/// When the sweep is extended.
enum When {
    Running,
    Done,
}

/// The flagship over fewer prompts, and beside it a smaller file, of which it is an extension.
async fn with_a_smaller_file(shrink: impl FnOnce(&str) -> String) -> Fleet {
    let fleet = Fleet::new(Setup { prompts: PROMPTS, ..Setup::default() }).await;
    copy(&fleet.world);
    let whole = std::fs::read_to_string(fleet.world.path(SWEEP)).expect("it was copied");
    let smaller = shrink(&whole);
    fleet.world.write(SMALLER, smaller);
    fleet
}

/// The flagship with its texts, and the first of its prompts.
fn copy(world: &World) {
    world.copy_flagship();
    let prompts = world.path("prompts/requests-to-refuse.jsonl");
    let shipped = std::fs::read_to_string(&prompts).expect("it was copied");
    let first: Vec<&str> = shipped.lines().take(PROMPTS).collect();
    std::fs::write(prompts, first.join("\n")).expect("it can be written");
}

fn fewer_repeats(whole: &str) -> String {
    assert!(whole.contains("repeats = 5\n"));
    whole.replacen("repeats = 5\n", "repeats = 2\n", 1)
}

/// Without the judge that looks for faking, and all that reads what it says.
fn without_faking(whole: &str) -> String {
    let mut smaller = whole.to_owned();
    for (from, to) in [
        ("[judges.voter]", "[stages.response]"),
        ("[stages.faking]", "[[outcomes]]   # in order"),
        ("[[outcomes]]   # in order", "[[outcomes]]\nname = \"comply\""),
        ("[[measures]]\nname = \"faking among", "[[contrasts]]\nname = \"compliance gap\""),
    ] {
        let start = smaller.find(from).unwrap_or_else(|| panic!("no `{from}`"));
        let end = start + smaller[start..].find(to).unwrap_or_else(|| panic!("no `{to}`"));
        smaller.replace_range(start..end, "");
    }
    smaller
}

/// Hands in the smaller file, extends it to the flagship, and compares.
async fn extend(mut fleet: Fleet, when: When, of_it: usize, added: &str) {
    fleet.lead().await;
    fleet.ask(&["submit", SMALLER]);
    fleet.start_worker("w1");
    fleet.start_worker("w2");
    match when {
        When::Running => fleet.until_calls(of_it as u64 / 3).await,
        When::Done => fleet.until_state("done").await,
    }
    let extended = fleet.ask(&["extend", "1", SWEEP]);
    assert!(extended.stderr.contains(added), "{added}: {}", extended.stderr);
    match when {
        When::Running => assert!(fleet.calls() < of_it as u64, "it was to be running"),
        When::Done => assert!(fleet.calls() >= of_it as u64),
    }
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.rows.sweeps, 1, "it is the same sweep");
    let whole = from_the_start(&fleet).await;
    assert_eq!(stored.rows.answers(), whole.answers());
}

/// All of it asked at once, by `iago run`.
async fn from_the_start(fleet: &Fleet) -> crate::world::Rows {
    let ran = finish(fleet.world.run_command(&fleet.world.path(SWEEP)));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    rows(&fleet.world.store()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn by_repeats_while_it_runs() {
    let fleet = with_a_smaller_file(fewer_repeats).await;
    extend(fleet, When::Running, jobs(PROMPTS) * 2 / 5, "repeats 2 to 5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_repeats_when_it_is_done() {
    let fleet = with_a_smaller_file(fewer_repeats).await;
    extend(fleet, When::Done, jobs(PROMPTS) * 2 / 5, "repeats 2 to 5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_judge_while_it_runs() {
    let fleet = with_a_smaller_file(without_faking).await;
    extend(fleet, When::Running, jobs(PROMPTS) * 24 / 39, "stage `faking`").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_a_judge_when_it_is_done() {
    let fleet = with_a_smaller_file(without_faking).await;
    extend(fleet, When::Done, jobs(PROMPTS) * 24 / 39, "stage `faking`").await;
}

/// What pilots asked is not asked again, and neither is what the full sweep did.
#[tokio::test(flavor = "multi_thread")]
async fn pilots_before_and_after_the_full_sweep_are_parts_of_it_and_each_job_is_called_once() {
    let mut fleet = Fleet::new(Setup { prompts: PROMPTS, ..Setup::default() }).await;
    copy(&fleet.world);
    fleet.lead().await;
    fleet.start_worker("w1");
    for limit in [&["--limit", "2"][..], &["--limit", "5"], &[]] {
        fleet.ask(&[&["submit", SWEEP, "--watch"], limit].concat());
    }
    let calls = fleet.calls();
    for (limit, others) in [("2", 18), ("5", 15), ("20", 0)] {
        let again = fleet.ask(&["submit", SWEEP, "--watch", "--limit", limit]);
        let described = format!("asks the {limit} prompts of this pilot and {others} more");
        assert!(others == 0 || again.stderr.contains(&described), "{}", again.stderr);
        assert_eq!(again.stdout.lines().next(), Some("1"), "it is the same sweep");
    }
    assert_eq!(fleet.calls(), calls, "nothing is asked again");
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.rows.sweeps, 1);
}
