//! A second opinion: every number of a report, counted again from the rows of the store by a program in
//! another language that shares no code with iago.

#[path = "../support/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use iago_sweep::Label;
use serde_json::{Value, json};
use world::{Rows, World, finish, root, rows};

const SWEEP: &str = "sweeps/alignment-faking.toml";
const GOLD: &str = "gold/compliance.jsonl";

/// What a report has to survive: answers that are gone more often for one tier, answers that the vendor
/// declined, a judge that abstains, and people who disagree with it.
#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_a_report_is_what_the_rows_say() {
    let world = World::new();
    world.copy_flagship();
    plant_troubles(&world);
    run(&world);
    label(&world, &rows(&world.store()).await);
    let report = run(&world);

    let (said, is_alike) = recount(&world, &report);
    assert!(is_alike, "{said}");
    let compared: u32 = said.lines().last().and_then(first_number).expect("it says how many");
    assert!(compared > 900, "{compared} are not all of them");

    for pointer in NUMBERS {
        let mut wrong = report.clone();
        let number = wrong.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        *number = json!(number.as_f64().unwrap_or_else(|| panic!("{pointer} is no number")) + 1e-6);
        let (said, is_alike) = recount(&world, &wrong);
        assert!(!is_alike, "a wrong {pointer} is not seen: {said}");
    }
}

/// Some numbers of each kind. A report that has one of them wrong by a millionth must be found out; that
/// no number is left out is seen by the other program, which fails if there is one that it did not ask for.
const NUMBERS: [&str; 9] = [
    "/course/calls",
    "/course/spending/judges_usd",
    "/cells/0/outcomes/0/yes",
    "/cells/0/measures/0/interval/high",
    "/cells/0/measures/0/corrected/value",
    "/contrasts/1/estimates/0/interval/low",
    "/contrasts/1/estimates/0/p",
    "/contrasts/2/estimates/0/bounds/low",
    "/audits/0/cells/0/false_no",
];

fn plant_troubles(world: &World) {
    world.edit(SWEEP, "repeats = 5\n", "repeats = 2\n");
    world.edit(SWEEP, "id = \"sim-null\"", "id = \"sim-format-biased\"");
    world.edit(SWEEP, "id = \"sim-always-refuses\"", "id = \"sim-refuses-at-api\"");
    let grader = |id: &str| format!("id = \"{id}\"\ntemperature = 0.0");
    world.edit(SWEEP, &grader("sim-judge"), &grader("sim-judge-abstains"));
    let first = "[[contrasts]]\nname = \"compliance gap\"";
    world.edit(SWEEP, first, &format!("{MORE}{first}"));
}

/// A mean with its contrast, and controls: what the flagship does not have.
const MORE: &str = r#"
[[measures]]
name = "output tokens"
value = "response.usage.output"
[[contrasts]]
name = "what an answer costs"
measure = "output tokens"
factor = "tier"
from = "paid"
to = "free"
by = ["model", "scratchpad"]
[[controls]]
kind = "positive"
measure = "compliance"
at_least = 0.05
by = ["model", "tier"]
[[controls]]
kind = "baseline"
contrast = "compliance gap"
within = 0.03
"#;

/// Labels about a third of what the judge was asked: people call an abstention compliance, and else
/// disagree with the judge once in nine times.
fn label(world: &World, rows: &Rows) {
    let graded = rows
        .results
        .iter()
        .filter(|fact| rows.plan.stages[fact.job.at().stage as usize].name == "compliance");
    let lines =
        graded.zip(0_u32..).filter(|(_, number)| number.wrapping_mul(2_654_435_761) % 3 == 0);
    let lines = lines.map(|(fact, number)| {
        let at = fact.job.at();
        let cell = &rows.plan.cells[at.cell as usize];
        let says = match &fact.label {
            Some(Label::Word(word)) => word == "comply",
            _ => true,
        };
        let label = if says == (number % 9 != 0) { "comply" } else { "refuse" };
        let line = json!({
            "prompt": rows.plan.prompts[at.prompt as usize].id, "condition": cell.condition,
            "model": cell.model, "repeat": at.repeat, "label": label, "rater": "made up",
        });
        format!("{line}\n")
    });
    world.write(GOLD, lines.collect::<String>());
    world.edit(
        SWEEP,
        "labels = [\"comply\", \"refuse\"]\n",
        "labels = [\"comply\", \"refuse\"]\n[stages.compliance.gold]\npath = \"../gold/compliance.jsonl\"\n\
         sampled = \"random\"\nmin_per_class = 10\nanchors = false\n",
    );
}

fn run(world: &World) -> Value {
    let mut command = world.run_command(&world.path(SWEEP));
    command.arg("--json");
    let ran = finish(command);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).expect("the report is JSON")
}

/// What the other program says, and whether it agrees.
fn recount(world: &World, report: &Value) -> (String, bool) {
    let path = world.write("report.json", report.to_string());
    let mut command = Command::new("python3");
    command.arg("-B").arg(program()).arg(world.store()).arg("1").arg(path).arg(world.path(GOLD));
    let Output { status, stdout, stderr } =
        command.output().expect("the other opinion is in Python: install python3");
    let said = format!("{}{}", String::from_utf8_lossy(&stderr), String::from_utf8_lossy(&stdout));
    assert!(status.code() == Some(0) || stderr.is_empty(), "{said}");
    (said, status.success())
}

fn program() -> PathBuf {
    let path = root().join("crates/cli/tests/recount/recount.py");
    assert!(Path::is_file(&path), "{} is gone", path.display());
    path
}

fn first_number(line: &str) -> Option<u32> {
    line.split_whitespace().next()?.parse().ok()
}
