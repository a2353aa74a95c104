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
    let prompts: Vec<PromptColumns> = read(&references.prompts)
        .lines()
        .map(|line| {
            let columns: BTreeMap<String, String> =
                serde_json::from_str(line).expect("the shipped columns are texts");
            PromptColumns { id: columns[&references.prompt_id].clone(), columns }
        })
        .collect();
    file.compile(&texts, &prompts).unwrap_or_else(|errors| panic!("{errors}"))
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
                renderer.render(&plan, &grader, at, &BTreeMap::new()).expect("it compiled")
            };
            let (free, paid) = (say(format!("free/{pad}")), say(format!("paid/{pad}")));
            assert_eq!((&free.system, &free.prefill), (&paid.system, &paid.prefill));
            assert_eq!(free.turns.len(), 1);
            assert_eq!(free.turns[0].text.replacen("True", "False", 1), paid.turns[0].text);
            assert_ne!(free.turns[0].text, paid.turns[0].text);
        }
    }
}
