//! A blind sample, the labels that people write, and the gold file that a sweep reads.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::ran::{Done, NAME, SWEEP, objects};

const TO_LABEL: &str = "to-label-SIMULATED.jsonl";
const KEY: &str = "to-label-SIMULATED.key.jsonl";
const RUBRIC: &str = "to-label-SIMULATED.rubric.md";

fn draw(done: &Done, stage: &str, per_cell: &str, more: &[&str]) {
    let arguments =
        ["gold", NAME, "--stage", stage, "--per-cell", per_cell, "--out", "to-label.jsonl"];
    let ran = done.ask(&[&arguments, more].concat());
    assert_eq!((ran.code, &*ran.stdout), (0, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("the key, which raters must not see, in"), "{}", ran.stderr);
}

/// The files of a draw, which are taken away.
fn taken(done: &Done) -> (Vec<Value>, Vec<Value>) {
    let files = [TO_LABEL, KEY].map(|name| {
        let text = done.read(name);
        std::fs::remove_file(done.path(name)).expect("it is there");
        objects(&text)
    });
    std::fs::remove_file(done.path(RUBRIC)).expect("it is there");
    let [to_label, key] = files;
    (to_label, key)
}

fn count_cells(key: &[Value]) -> BTreeMap<String, usize> {
    let mut cells = BTreeMap::new();
    for of in key {
        *cells.entry(format!("{} {}", of["model"], of["condition"])).or_default() += 1;
    }
    cells
}

#[test]
fn so_many_of_each_cell_are_drawn_and_nothing_tells_which() {
    let done = Done::new(&[]);
    draw(&done, "compliance", "3", &[]);
    for name in [TO_LABEL, KEY] {
        let mode = done.path(name).metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let (to_label, key) = taken(&done);
    let cells = count_cells(&key);
    assert!(cells.len() == 12 && cells.values().all(|count| *count == 3), "{cells:?}");
    let places: BTreeSet<String> = key
        .iter()
        .map(|of| format!("{} {} {} {}", of["model"], of["condition"], of["prompt"], of["repeat"]))
        .collect();
    assert_eq!(places.len(), 36, "each once");
    for (line, of) in to_label.iter().zip(&key) {
        let keys: Vec<&String> = line.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["item", "label", "labels", "sees", "simulated"]);
        let sees: Vec<&String> = line["sees"].as_object().expect("an object").keys().collect();
        assert_eq!(sees, ["answer", "request"], "what the judge saw, and no scratchpad");
        assert_eq!((&line["item"], &line["label"]), (&of["item"], &"".into()));
        let shown = line.to_string();
        for told in ["condition", "prompt"] {
            let word = of[told].as_str().expect("a word");
            assert!(!shown.contains(word), "{word} is told");
        }
    }
    let models: Vec<&Value> = key.iter().map(|of| &of["model"]).collect();
    assert!(models.windows(2).filter(|pair| pair[0] != pair[1]).count() > 8, "they are shuffled");
}

#[test]
fn only_what_the_judge_was_asked_about_is_drawn() {
    let done = Done::new(&[]);
    // More than there are: all of them, each once and not once for each vote.
    draw(&done, "faking", "1000", &[]);
    let rubric = done.read(RUBRIC);
    assert!(rubric.contains("leave it empty where you cannot tell"), "{rubric}");
    assert!(rubric.contains("{{ answer }}"), "the judge's own text: {rubric}");
    let (to_label, key) = taken(&done);
    let cells = count_cells(&key);
    let asked: Vec<&String> = cells.keys().collect();
    let expected = ["faker", "null", "refuser"].map(|model| format!("\"{model}\" \"free/with\""));
    assert_eq!(asked, expected.iter().collect::<Vec<_>>());
    assert!(cells.values().all(|count| *count == 16), "{cells:?}");
    let sees: Vec<&String> = to_label[0]["sees"].as_object().expect("an object").keys().collect();
    assert_eq!(sees, ["answer", "reasoning", "request"]);
}

#[test]
fn a_draw_is_a_function_of_its_seed() {
    let done = Done::new(&[]);
    let mut drawn = Vec::new();
    for seed in ["1", "1", "2"] {
        draw(&done, "compliance", "3", &["--seed", seed]);
        drawn.push(taken(&done));
    }
    assert_eq!(drawn[0], drawn[1]);
    let places = |(_, key): &(Vec<Value>, Vec<Value>)| -> BTreeSet<String> {
        key.iter()
            .map(|of| {
                format!("{} {} {} {}", of["model"], of["condition"], of["prompt"], of["repeat"])
            })
            .collect()
    };
    assert_ne!(places(&drawn[0]), places(&drawn[2]));
}

#[test]
fn what_is_there_is_not_written_over() {
    let done = Done::new(&[]);
    draw(&done, "compliance", "1", &[]);
    let before = (done.read(TO_LABEL), done.read(KEY));
    let again =
        ["gold", NAME, "--stage", "compliance", "--per-cell", "2", "--out", "to-label.jsonl"];
    let ran = done.ask(&again);
    assert_eq!(ran.code, 73, "{}", ran.stderr);
    assert!(ran.stderr.contains("is there already and may hold labels"), "{}", ran.stderr);
    std::fs::remove_file(done.path(KEY)).expect("it is there");
    std::fs::remove_file(done.path(RUBRIC)).expect("it is there");
    let ran = done.ask(&again);
    assert_eq!(ran.code, 73, "{}", ran.stderr);
    assert!(!done.path(KEY).exists(), "no key to what was not written");
    assert_eq!(done.read(TO_LABEL), before.0);
}

#[test]
fn labels_come_back_as_the_gold_of_the_sweep() {
    let done = Done::new(&[]);
    draw(&done, "compliance", "2", &[]);
    let mut written = String::new();
    for (place, mut line) in objects(&done.read(TO_LABEL)).into_iter().enumerate() {
        line["label"] = ["comply", "refuse", ""][place % 3].into();
        written.extend([line.to_string(), "\n".to_owned()]);
    }
    done.world.write("labelled.jsonl", written);
    let join = ["gold", NAME, "--join", "labelled.jsonl", "--key", KEY, "--rater", "ada"];
    let joined = done.ask_as(&join);
    assert_eq!(joined.code, 0, "{}", joined.stderr);
    assert_eq!(joined.stderr, "SIMULATED: 16 labels; 8 items have none and are left out\n");
    let gold = objects(&joined.stdout);
    assert!(gold.len() == 16 && gold.iter().all(|line| line["rater"] == "ada"));
    done.world.write("sweeps/gold.jsonl", &joined.stdout);
    let text = done.read(SWEEP);
    let more = "[stages.compliance.gold]\npath = \"gold.jsonl\"\nsampled = \"random\"\n\
                min_per_class = 20\nanchors = false\n";
    done.world.write(SWEEP, format!("{text}\n{more}"));
    let ran = done.run(&[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("the same answers, analysed anew"), "{}", ran.stderr);
    assert!(ran.stderr.contains("0 calls"), "{}", ran.stderr);
}

/// How many labelled transcripts the report finds no answer for.
fn unmatched(done: &Done) -> u64 {
    let report: Value =
        serde_json::from_str(&done.told(&["report", NAME, "--json"])).expect("JSON");
    report["audits"][0]["unmatched"].as_u64().expect("a number")
}

#[test]
fn a_label_of_an_answer_to_another_request_is_of_no_transcript() {
    let done = Done::new(&[]);
    draw(&done, "compliance", "2", &[]);
    let labelled = done.read(TO_LABEL).replace("\"label\":\"\"", "\"label\":\"comply\"");
    done.world.write("labelled.jsonl", labelled);
    let join = ["gold", NAME, "--join", "labelled.jsonl", "--key", KEY, "--rater", "ada"];
    let lines = done.ask_as(&join).stdout;
    done.world.write("sweeps/gold.jsonl", &lines);
    let text = done.read(SWEEP);
    let more = "[stages.compliance.gold]\npath = \"gold.jsonl\"\nsampled = \"random\"\n\
                min_per_class = 20\nanchors = false\n";
    done.world.write(SWEEP, format!("{text}\n{more}"));
    let ran = done.run(&[]);
    assert_eq!((ran.code, unmatched(&done)), (0, 0), "{}", ran.stderr);
    let mut stale = objects(&lines);
    for line in stale.iter_mut().take(3) {
        line["request"] = "0".repeat(64).into();
    }
    let stale: String = stale.iter().map(|line| format!("{line}\n")).collect();
    done.world.write("sweeps/gold.jsonl", stale);
    let ran = done.run(&[]);
    assert_eq!((ran.code, unmatched(&done)), (0, 3), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_printed_is_no_success() {
    let done = Done::new(&[]);
    let store = done.world.store();
    for arguments in [
        &["export", NAME, "--stage", "response"][..],
        &["report", NAME],
        &["transcripts", NAME],
        &["status"],
    ] {
        let mut command = crate::world::iago();
        let full = std::fs::File::options().write(true).open("/dev/full").expect("it is there");
        command.args(arguments).arg("--store").arg(&store).stdout(full);
        let output = command.output().expect("it ran");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(74), "{arguments:?}: {said}");
        assert!(said.contains("cannot write to stdout"), "{said}");
    }
}

#[test]
fn what_cannot_be_joined_is_told() {
    let done = Done::new(&[]);
    draw(&done, "compliance", "1", &[]);
    let told = |name: &str, labelled: &str| {
        let ran = done.ask_as(&["gold", name, "--join", labelled, "--key", KEY, "--rater", "ada"]);
        assert_eq!((ran.code, &*ran.stdout), (65, ""), "{}", ran.stderr);
        ran.stderr
    };
    assert_eq!(
        told(NAME, TO_LABEL),
        "iago: no item has a label yet; write the judge's words into `label`\n"
    );
    assert_eq!(
        told("another", TO_LABEL),
        "iago: the key is of the sweep `alignment-faking`, and not of `another`; name the one that it is of\n"
    );
    done.world.write("labelled.jsonl", "{\"item\": \"x-0001\", \"label\": \"comply\"}\n");
    assert_eq!(
        told("s1", "labelled.jsonl"),
        "iago: line 1 of the labelled file has the item `x-0001`, which is not in the key; take the key \
         that was drawn with it\n"
    );
    let missing = done.ask_as(&["gold", NAME, "--join", "no.jsonl", "--key", KEY, "--rater", "a"]);
    assert_eq!(missing.code, 66, "{}", missing.stderr);
    let blank = done.ask_as(&["gold", NAME, "--join", TO_LABEL, "--key", KEY, "--rater", " "]);
    assert_eq!(blank.code, 64, "{}", blank.stderr);
    assert!(blank.stderr.contains("it is blank"), "{}", blank.stderr);
    let odd = done.read(TO_LABEL).replace("\"label\":\"\"", "\"label\":\"complies\"");
    done.world.write("labelled.jsonl", odd);
    let words = "`complies`, which is no label here; the labels are: `comply`, `refuse`";
    assert!(told(NAME, "labelled.jsonl").contains(words));
    let half = done.ask_as(&["gold", NAME, "--join", TO_LABEL]);
    assert_eq!(half.code, 64, "{}", half.stderr);
}

#[test]
fn a_stage_that_does_not_judge_has_nothing_to_label() {
    let done = Done::new(&[]);
    let ran =
        done.ask(&["gold", NAME, "--stage", "response", "--per-cell", "1", "--out", "x.jsonl"]);
    assert_eq!(
        (ran.code, &*ran.stderr),
        (66, "iago: no stage that judges is called `response`; there are: compliance, faking\n")
    );
    assert!(!done.path("x.jsonl").exists());
}
