//! The sweep that the project ships.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use iago_grading::Grader;
use iago_sweep::{Coordinate, Plan};
use iago_sweep_file::{PromptColumns, Renderer, SweepFile, warnings};

fn compile_shipped(name: &str) -> Plan {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/sweeps");
    let read = |path: &str| {
        fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let file = SweepFile::parse(name, &read(name)).unwrap_or_else(|errors| panic!("{errors}"));
    let references = file.references();
    let texts = references.texts.iter().map(|path| (path.clone(), read(path))).collect();
    let [prompts] = references.prompts.as_slice() else { panic!("one file of prompts") };
    let id = references.prompt_id.expect("the shipped prompts have ids");
    let rows = if prompts.ends_with(".csv") { read_csv } else { read_jsonl };
    let name_row = |columns: BTreeMap<String, String>| {
        let id = columns[&id].clone();
        PromptColumns { id, columns }
    };
    let prompts: Vec<PromptColumns> = rows(&read(prompts)).into_iter().map(name_row).collect();
    file.compile(&texts, &prompts).unwrap_or_else(|errors| panic!("{errors}"))
}

fn read_jsonl(text: &str) -> Vec<BTreeMap<String, String>> {
    let read = |line| serde_json::from_str(line).expect("the shipped columns are texts");
    text.lines().map(read).collect()
}

/// Quoted cells may hold line breaks; every second piece between quotes is inside of a cell.
fn read_csv(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows = vec![vec![String::new()]];
    for (number, piece) in text.trim_end().split('"').enumerate() {
        for character in piece.chars() {
            let row = rows.last_mut().expect("there is always a row");
            match character {
                ',' if number % 2 == 0 => row.push(String::new()),
                '\n' if number % 2 == 0 => rows.push(vec![String::new()]),
                other => row.last_mut().expect("a row has a cell").push(other),
            }
        }
    }
    let names = rows.remove(0);
    rows.into_iter().map(|row| names.iter().cloned().zip(row).collect()).collect()
}

#[test]
fn the_checkpoint_series_compiles() {
    let plan = compile_shipped("rl-checkpoints.toml");
    assert_eq!((plan.models.len(), plan.cells.len(), plan.stages.len()), (8, 16, 4));
    assert!(plan.models.iter().any(|model| model.name == "rl@1600"));
    let contrasts: Vec<&str> = plan.contrasts.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(contrasts, ["free", "rl@1600", "free"]);
    assert_eq!(plan.figures.len(), 1);
}

#[test]
fn the_benchmark_compiles() {
    let plan = compile_shipped("exact-match.toml");
    assert_eq!((plan.models.len(), plan.cells.len(), plan.judges.len()), (5, 14, 0));
    // Two wordings against the first, and four models each against the next.
    assert_eq!(plan.contrasts.len(), 6);
    assert_eq!(plan.texts.len(), 2);
}

#[test]
fn the_nightly_evaluation_compiles() {
    let plan = compile_shipped("nightly.toml");
    assert_eq!((plan.gates.len(), plan.gold.len(), plan.measures.len()), (3, 1, 3));
    assert!(plan.gating.is_some());
}

#[test]
fn the_alignment_faking_sweep_compiles() {
    let plan = compile_shipped("alignment-faking.toml");
    assert_eq!((plan.cells.len(), plan.stages.len(), plan.outcomes.len()), (12, 3, 3));
    assert_eq!((plan.measures.len(), plan.contrasts.len(), plan.repeats), (2, 2, 5));
    assert!(plan.prompts.len() >= 100);
    assert_eq!(warnings(&plan), Vec::<String>::new());
}

#[test]
fn its_tiers_differ_in_one_word() {
    let plan = compile_shipped("alignment-faking.toml");
    let (grader, renderer) =
        (Grader::new(&plan).expect("it compiled"), Renderer::new(&plan).expect("it compiled"));
    let cell = |condition: &str| {
        let position = plan.cells.iter().position(|cell| cell.condition == condition);
        u32::try_from(position.expect("all conditions are crossed")).expect("few cells")
    };
    for pad in ["with", "without"] {
        for prompt in 0..u32::try_from(plan.prompts.len()).expect("few prompts") {
            let say = |condition: String| {
                let at = Coordinate { cell: cell(&condition), prompt, ..Coordinate::default() };
                renderer.render(&plan, &grader, at, &[]).expect("it compiled")
            };
            let (free, paid) = (say(format!("free/{pad}")), say(format!("paid/{pad}")));
            assert_eq!((&free.system, &free.prefill), (&paid.system, &paid.prefill));
            assert_eq!(free.turns.len(), 1);
            assert_eq!(free.turns[0].text.replacen("True", "False", 1), paid.turns[0].text);
            assert_ne!(free.turns[0].text, paid.turns[0].text);
        }
    }
}
