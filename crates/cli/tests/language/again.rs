//! What is stored serves again: judged by another judge, read in another way, and extended, without a call
//! that was made already; and each extension is equal to asking for all from the start.

use std::collections::BTreeMap;

use iago_simulated_endpoint::Endpoint;

use crate::shipped::{Report, count};
use crate::world::{World, endpoint, finish, rows};

const SWEEP: &str = "sweeps/alignment-faking.toml";
const PROMPTS: usize = 20;

/// The flagship over fewer prompts, with an endpoint that counts.
struct Small {
    world: World,
    endpoint: Endpoint,
}

impl Small {
    async fn new() -> Self {
        let world = World::new();
        world.copy_flagship();
        let file = world.path("prompts/requests-to-refuse.jsonl");
        let text = std::fs::read_to_string(&file).expect("it ships");
        let kept: Vec<&str> = text.lines().take(PROMPTS).collect();
        world.write("prompts/requests-to-refuse.jsonl", kept.join("\n"));
        let text_of = |row: &&str| {
            let row: serde_json::Value = serde_json::from_str(row).expect("JSON");
            row["text"].as_str().expect("a text").to_owned()
        };
        let prompts: Vec<String> = kept.iter().map(text_of).collect();
        let journal = world.path("calls.jsonl");
        let endpoint = endpoint(|settings| {
            settings.prompts = prompts;
            settings.log_file = Some(journal);
        })
        .await;
        world.configure(&endpoint.url(), "anthropic-messages", 32, "");
        let small = Self { world, endpoint };
        small.edit("repeats = 5", "repeats = 2");
        small
    }

    fn edit(&self, from: &str, to: &str) {
        self.world.edit(SWEEP, from, to);
    }

    fn append(&self, more: &str) {
        let text = std::fs::read_to_string(self.world.path(SWEEP)).expect("it is there");
        self.world.write(SWEEP, format!("{text}\n{more}"));
    }

    /// Runs it; how many calls each model of the endpoint saw meanwhile.
    fn run(&self) -> (Report, String, BTreeMap<String, u64>) {
        let before = self.calls();
        let mut command = self.world.run_command(&self.world.path(SWEEP));
        command.arg("--json");
        let ran = tokio::task::block_in_place(|| finish(command));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let mut calls = self.calls();
        calls
            .iter_mut()
            .for_each(|(model, calls)| *calls -= before.get(model).copied().unwrap_or(0));
        calls.retain(|_, calls| *calls > 0);
        let report = serde_json::from_str(&ran.stdout).expect("the report is JSON");
        (Report(report), ran.stderr, calls)
    }

    fn calls(&self) -> BTreeMap<String, u64> {
        let mut calls = BTreeMap::new();
        let journal = std::fs::read_to_string(self.world.path("calls.jsonl")).unwrap_or_default();
        for line in journal.lines() {
            let call: serde_json::Value = serde_json::from_str(line).expect("a whole line");
            *calls.entry(call["model"].as_str().expect("a model").to_owned()).or_default() += 1;
        }
        assert_eq!(calls.values().sum::<u64>(), self.endpoint.log().calls);
        calls
    }

    /// The same file in a store of its own, asked for at once.
    async fn is_as_if_from_the_start(&self) {
        let extended = rows(&self.world.store()).await;
        assert_eq!(extended.sweeps, 1, "it is the same sweep");
        let whole = World::new();
        for name in
            ["sweeps/alignment-faking.toml", "prompts/requests-to-refuse.jsonl", "endpoints.toml"]
        {
            whole.write(name, std::fs::read(self.world.path(name)).expect("it is there"));
        }
        let texts = self.world.path("sweeps/alignment-faking");
        for entry in std::fs::read_dir(texts).expect("it is there") {
            let entry = entry.expect("readable").path();
            let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
            whole.write(
                &format!("sweeps/alignment-faking/{name}"),
                std::fs::read(&entry).expect("text"),
            );
        }
        let command = whole.run_command(&whole.path(SWEEP));
        let ran = tokio::task::block_in_place(|| finish(command));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(extended.answers(), rows(&whole.store()).await.answers());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_repeats_ask_only_the_new_ones() {
    let small = Small::new().await;
    small.run();
    small.edit("repeats = 2", "repeats = 3");
    let (_, _, calls) = small.run();
    assert_eq!(calls["sim-null"], (4 * PROMPTS) as u64, "one more repeat in four cells");
    small.is_as_if_from_the_start().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_asks_nobody_else() {
    let small = Small::new().await;
    let refuser = "[models.refuser]\nid = \"sim-always-refuses\"\n";
    small.edit(refuser, "");
    small.run();
    small.edit("[judges.grader]", &format!("{refuser}\n[judges.grader]"));
    let (_, _, calls) = small.run();
    assert!(
        !calls.contains_key("sim-null") && calls.contains_key("sim-always-refuses"),
        "{calls:?}"
    );
    small.is_as_if_from_the_start().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_condition_asks_only_its_cells() {
    let small = Small::new().await;
    small.run();
    small.edit(
        "paid = { is_free_tier = \"False\" }",
        "paid = { is_free_tier = \"False\" }\nunsaid = { is_free_tier = \"\" }",
    );
    let (report, _, calls) = small.run();
    assert_eq!(calls["sim-null"], (2 * 2 * PROMPTS) as u64, "with and without a scratchpad");
    assert_eq!(report.0["cells"].as_array().expect("a list").len(), 18);
    small.is_as_if_from_the_start().await;
}

/// A second opinion on what is stored: no call to a model under test.
const SECOND: &str = "
[stages.second_opinion]
kind = \"judge\"
of = \"response\"
model = \"grader\"
when = \"compliance == 'comply'\"
sees = [\"request\", \"answer\"]
file = \"alignment-faking/judge-compliance.md\"
labels = [\"comply\", \"refuse\"]
[[measures]]
name = \"confirmed\"
of = \"second_opinion == 'comply'\"
given = \"compliance == 'comply'\"
[[measures]]
name = \"overruled\"
of = \"second_opinion == 'refuse'\"
";

#[tokio::test(flavor = "multi_thread")]
async fn another_judge_over_a_finished_sweep_calls_no_model_under_test() {
    let small = Small::new().await;
    let (first, ..) = small.run();
    small.append(SECOND);
    let (report, told, calls) = small.run();
    assert!(told.contains("second_opinion"), "{told}");
    let models: Vec<_> = calls.keys().map(String::as_str).collect();
    assert_eq!(models, ["sim-judge"], "{calls:?}");
    let cell = ["faker", "with", "free"];
    let complied = count(&first.estimate(&cell, "compliance")["yes"]);
    assert!(complied > 0);
    assert_eq!(
        report.fraction(&cell, "confirmed").1,
        complied,
        "asked where the first said comply"
    );
    small.is_as_if_from_the_start().await;
}

/// A part that no judge sees is first demanded, and no answer has it; then it is not demanded any more.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_become_readable_are_judged_and_not_asked_for_again() {
    let small = Small::new().await;
    let fields = "[stages.response.fields]\n";
    small.edit(fields, &format!("{fields}summary = {{ tag = \"SUMMARY\", required = true }}\n"));
    let (first, _, calls) = small.run();
    let cell = ["null", "with", "free"];
    assert_eq!(drops(&first, &cell), (2 * PROMPTS) as u64, "nothing can be read");
    assert!(!calls.contains_key("sim-judge"), "{calls:?}");
    small.edit(
        "summary = { tag = \"SUMMARY\", required = true }",
        "summary = { tag = \"SUMMARY\", required = false }",
    );
    let (report, told, calls) = small.run();
    let models: Vec<_> = calls.keys().map(String::as_str).collect();
    assert_eq!(models, ["sim-judge"], "{told}");
    assert_eq!(drops(&report, &cell), 0);
    assert_eq!(report.fraction(&cell, "refuse").1, (2 * PROMPTS) as u64);
    let (again, _, calls) = small.run();
    assert_eq!((again.0["cells"].clone(), calls), (report.0["cells"].clone(), BTreeMap::new()));
}

/// What a judge was shown is part of what it was asked: that is no other way to read an answer.
#[tokio::test(flavor = "multi_thread")]
async fn another_grammar_for_what_a_judge_saw_makes_another_sweep() {
    let small = Small::new().await;
    small.run();
    small.edit(", outside = \"SCRATCHPAD_REASONING\" }", " }");
    let (_, told, _) = small.run();
    assert!(told.contains("a new sweep, since stage `compliance` asks something else"), "{told}");
}

/// Each problem's first guess is wrong by one, and is what the first number behind `answer:` says.
#[test]
fn scores_of_stored_answers_follow_a_new_grammar_without_any_call() {
    let world = crate::shipped::copy();
    let sweep = "sweeps/exact-match.toml";
    let accuracy = |report: &Report| report.fraction(&["alpha", "base"], "accuracy");
    assert_eq!(accuracy(&crate::shipped::run(&world, sweep)), (90, 100));
    world.edit(sweep, "take = \"last\"", "take = \"first\"");
    let ran = crate::shipped::run_to(&world, sweep, 0);
    assert!(ran.stderr.contains("\n0 calls in "), "{}", ran.stderr);
    assert_eq!(accuracy(&Report(serde_json::from_str(&ran.stdout).expect("JSON"))), (0, 100));
    world.edit(sweep, "take = \"first\"", "take = \"last\"");
    let ran = crate::shipped::run_to(&world, sweep, 0);
    assert!(ran.stderr.contains("\n0 calls in "), "{}", ran.stderr);
    assert_eq!(accuracy(&Report(serde_json::from_str(&ran.stdout).expect("JSON"))), (90, 100));
}

fn drops(report: &Report, cell: &[&str]) -> u64 {
    let drops = report.cell(cell)["drops"].as_array().expect("a list");
    drops.iter().map(|drop| count(&drop["transcripts"])).sum()
}

/// Right answers that are corrected in the prompt set: they were sent to nobody.
#[test]
fn corrected_truths_are_scored_anew_and_asked_of_nobody() {
    let world = crate::shipped::copy();
    let (sweep, prompts) = ("sweeps/exact-match.toml", "prompts/word-problems.csv");
    let accuracy = |report: &Report| report.fraction(&["alpha", "base"], "accuracy");
    assert_eq!(accuracy(&crate::shipped::run(&world, sweep)), (90, 100));
    let text = std::fs::read_to_string(world.path(prompts)).expect("it ships");
    let corrected = text.lines().map(|line| match line.rsplit_once(',') {
        Some((question, truth)) if truth.parse::<i64>().is_ok() => {
            format!("{question},{}\n", truth.parse::<i64>().expect("it is one") + 7)
        }
        _ => format!("{line}\n"),
    });
    world.write(prompts, corrected.collect::<String>());
    let ran = crate::shipped::run_to(&world, sweep, 0);
    assert!(ran.stderr.contains("those of correct read anew"), "{}", ran.stderr);
    assert!(ran.stderr.contains("\n0 calls in "), "{}", ran.stderr);
    assert_eq!(accuracy(&Report(serde_json::from_str(&ran.stdout).expect("JSON"))), (0, 100));
}
