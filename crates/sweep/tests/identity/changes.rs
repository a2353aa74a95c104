//! What becomes of the answers when anything but the stages is edited.

use iago_sweep::*;

use crate::edit::{
    figure, gating, gold, note, other_parameters, rename_level, rename_model, understood,
};
use crate::plan::{cell, condition, model, plan, prompt, variables};
use crate::table::{Comes, Different, Extended, Reanalysed, check};

#[test]
fn a_plan_asks_what_it_asks() {
    assert_eq!(relation(&plan(), &plan()), Relation::Same);
    assert_eq!(rereads(&plan(), &plan()), Vec::<String>::new());
}

#[test]
fn edits_of_the_sweep() {
    check(&[
        ("name", |it| it.name = "another".into(), Comes::Same),
        ("budget", |it| it.budget = None, Comes::Same),
        ("weight", |it| it.weight = Weight(7), Comes::Same),
        ("texts for people", |it| it.texts.clear(), Comes::Same),
        ("reread", |it| it.reread = ["reply".into()].into(), Comes::Same),
        ("seed", |it| it.seed = 8, Reanalysed(&[])),
        ("repeats up", |it| it.repeats = 5, Extended("repeats 3 to 5")),
        ("repeats down", |it| it.repeats = 2, Different("repeats went down from 3 to 2")),
        (
            "a variable of every cell",
            |it| it.variables = variables("lab", "their lab"),
            Different("cell `m free` asks something else"),
        ),
    ]);
}

#[test]
fn edits_of_prompts() {
    check(&[
        ("a new one", |it| it.prompts.push(prompt("p5")), Extended("prompt `p5`")),
        ("their order", |it| it.prompts.reverse(), Comes::Same),
        ("one less", |it| drop(it.prompts.pop()), Different("prompt `p4` is no longer asked")),
        (
            "another id",
            |it| it.prompts[1].id = "q2".into(),
            Different("prompt `p2` is no longer asked"),
        ),
        (
            "another question",
            |it| it.prompts[1].fields = variables("question", "another"),
            Different("prompt `p2` asks something else"),
        ),
        ("a column that nothing asks by", |it| note(it, "licence"), Reanalysed(&[])),
        (
            "a column that says which messages are sent",
            |it| note(it, "split"),
            Different("prompt `p2` asks something else"),
        ),
        (
            "a column that says which transcripts are judged",
            |it| note(it, "category"),
            Different("prompt `p2` asks something else"),
        ),
        ("a new column", |it| note(it, "source"), Reanalysed(&[])),
        ("a column whose name begins another", |it| note(it, "cat"), Reanalysed(&[])),
        ("a column whose name ends another", |it| note(it, "gory"), Reanalysed(&[])),
    ]);
}

#[test]
fn edits_of_factors_and_conditions() {
    check(&[
        (
            "a variable of a level",
            |it| it.factors[0].levels[1].variables = variables("users", "rich"),
            Different("cell `m paid` asks something else"),
        ),
        (
            "a level that sets less",
            |it| it.factors[0].levels[0].variables.clear(),
            Different("cell `m free` asks something else"),
        ),
        (
            "a level that is used nowhere",
            |it| it.factors[0].levels.push(Level { name: "none".into(), variables: [].into() }),
            Comes::Same,
        ),
        (
            "a condition of other levels",
            |it| it.conditions[0].levels = variables("tier", "paid"),
            Different("cell `m free` asks something else"),
        ),
        ("a level of another name that sets the same", rename_level, CELL),
        (
            "a new condition",
            |it| {
                it.conditions.push(condition("gold"));
                it.cells.push(cell("m", "gold"));
            },
            Extended("cell `m gold`"),
        ),
        (
            "an excluded cell",
            |it| drop(it.cells.pop()),
            Different("cell `n paid` is no longer asked"),
        ),
        ("the order of cells", |it| it.cells.reverse(), Comes::Same),
    ]);
}

const CELL: Comes = Different("cell `m free` asks something else");

#[test]
fn edits_of_models() {
    check(&[
        ("name", rename_model, Different("cell `m free` is no longer asked")),
        ("endpoint", |it| it.models[0].endpoint = "other".into(), CELL),
        ("id", |it| it.models[0].id = "m-2".into(), CELL),
        ("output limit", |it| it.models[0].parameters.max_output_tokens = 50, CELL),
        ("temperature", |it| it.models[0].parameters.temperature = None, CELL),
        ("cached prefix", |it| it.models[0].parameters.cache_prefix = true, CELL),
        ("top p", |it| it.models[0].parameters.top_p = Some(0.9), CELL),
        ("stop texts", |it| it.models[0].parameters.stop = vec!["END".into()], CELL),
        ("seed of the sampling", |it| it.models[0].parameters.seed = Some(1), CELL),
        ("log probabilities", |it| it.models[0].parameters.logprobs = Some(0), CELL),
        ("reasoning", |it| it.models[0].parameters.reasoning = Some(Reasoning::Off), CELL),
        ("schema", |it| it.models[0].parameters.schema = Some("{}".into()), CELL),
        ("further fields", |it| it.models[0].parameters.extra = extra(), CELL),
        ("set", |it| it.models[0].set = variables("lab", "its lab"), CELL),
        ("set, to what it was", |it| it.models[0].set = variables("lab", "our lab"), Comes::Same),
        ("run", |it| it.models[0].run = None, Reanalysed(&[])),
        ("step", |it| it.models[0].step = Some(60), Reanalysed(&[])),
        ("parent", |it| it.models[0].parent = Some("base".into()), Reanalysed(&[])),
        ("expected id", |it| it.models[0].expect = Some("m-1-mini".into()), Reanalysed(&[])),
        (
            "a new step of a run",
            |it| {
                it.models.push(Model { step: Some(100), ..model("m@100") });
                it.cells.extend([cell("m@100", "free"), cell("m@100", "paid")]);
            },
            Extended("cell `m@100 free` and 1 more"),
        ),
    ]);
}

fn extra() -> std::collections::BTreeMap<String, serde_json::Value> {
    [("top_k".to_owned(), 40.into())].into()
}

pub(crate) const COMPLY: Comes = Different("stage `comply` asks something else");
pub(crate) const DRAFT: Comes = Different("stage `draft` asks something else");

#[test]
fn edits_of_judges() {
    check(&[
        ("id", |it| it.judges[0].id = "grader-2".into(), COMPLY),
        ("endpoint", |it| it.judges[0].endpoint = "other".into(), COMPLY),
        ("temperature", |it| it.judges[0].parameters.temperature = Some(0.0), COMPLY),
        ("a helper's id", |it| it.judges[1].id = "helper-2".into(), DRAFT),
        ("where they come from", |it| it.judges[0].step = None, Comes::Same),
    ]);
}

#[test]
fn edits_of_cells() {
    check(&[
        ("parameters", |it| it.cells[0].parameters = Some(other_parameters()), CELL),
        (
            "parameters as they were",
            |it| it.cells[0].parameters = Some(it.models[0].parameters.clone()),
            Comes::Same,
        ),
        ("fewer prompts", |it| it.cells[0].prompts_max = Some(2), SHRUNK),
        ("fewer repeats", |it| it.cells[0].repeats_max = Some(2), SHRUNK),
        ("as many repeats as there are", |it| it.cells[0].repeats_max = Some(3), Comes::Same),
    ]);
}

const SHRUNK: Comes = Different("cell `m free` no longer asks all that it did");

/// From a plan whose first cell is capped.
#[test]
fn edits_of_caps() {
    let capped = |prompts, repeats| {
        let mut capped = plan();
        capped.cells[0].prompts_max = prompts;
        capped.cells[0].repeats_max = repeats;
        capped
    };
    let old = capped(Some(2), Some(2));
    let more = Relation::Extended(vec!["more of cell `m free`".into()]);
    let less = Relation::Different("cell `m free` no longer asks all that it did".into());
    for (prompts, repeats, expected) in [
        (Some(2), Some(2), &Relation::Same),
        (Some(3), Some(2), &more),
        (None, Some(2), &more),
        (Some(2), Some(3), &more),
        (Some(2), None, &more),
        (Some(1), Some(2), &less),
        (Some(2), Some(1), &less),
        (Some(3), Some(1), &less),
        (Some(1), None, &less),
    ] {
        assert_eq!(&relation(&old, &capped(prompts, repeats)), expected, "{prompts:?} {repeats:?}");
    }
}

/// Which prompts a capped cell asks hangs on the seed, so that another seed may ask others.
#[test]
fn a_capped_cell_never_takes_answers_about_other_prompts() {
    let with = |seed| {
        let mut capped = plan();
        capped.seed = seed;
        capped.cells[0].prompts_max = Some(2);
        capped
    };
    let asked = |plan: &Plan| {
        let ranks = plan.ranks().into_iter().map(|rank| plan.cells[0].asks(rank, 0));
        ranks.collect::<Vec<_>>()
    };
    let old = with(7);
    let (mut same, mut other) = (0, 0);
    for seed in 8..40 {
        let new = with(seed);
        if asked(&old) == asked(&new) {
            assert_eq!(relation(&old, &new), Relation::Reanalysed, "seed {seed}");
            same += 1;
        } else {
            assert!(matches!(relation(&old, &new), Relation::Different(_)), "seed {seed}");
            other += 1;
        }
    }
    assert!(same > 0 && other > 0, "{same} seeds ask the same, {other} ask others");
}

#[test]
fn edits_of_analysis() {
    check(&[
        ("outcomes", |it| it.outcomes.clear(), Reanalysed(&[])),
        ("an outcome's expression", |it| it.outcomes[0].when = "true".into(), Reanalysed(&[])),
        ("measures", |it| it.measures[0].given = Some("tier == 'free'".into()), Reanalysed(&[])),
        ("which it speaks of", |it| it.measures[0].within = Some("true".into()), Reanalysed(&[])),
        ("contrasts", |it| it.contrasts[0].primary = false, Reanalysed(&[])),
        ("when a contrast was made", |it| it.contrasts[0].post_hoc = true, Comes::Same),
        ("figures", |it| it.figures.push(figure()), Reanalysed(&[])),
        ("gates", |it| it.gates[0].margin = Margin::Relative(0.1), Reanalysed(&[])),
        ("gating", |it| it.gating = Some(gating()), Reanalysed(&[])),
        ("gold", |it| it.gold.push(gold()), Reanalysed(&[])),
        ("controls", |it| it.controls.push(understood(0.9)), Reanalysed(&[])),
        ("generalise", |it| it.generalise = Generalise::Suite, Reanalysed(&[])),
    ]);
}

type Edit = (&'static str, fn(&mut Plan));

/// From a plan that has a control and a gold set.
#[test]
fn edits_of_controls_and_of_labels() {
    let with = |change: fn(&mut Plan)| {
        let mut with = plan();
        with.controls.push(understood(0.9));
        with.gold.push(gold());
        change(&mut with);
        with
    };
    let old = with(|_| ());
    let edits: [Edit; 5] = [
        ("its share", |it| it.controls = vec![understood(0.8)]),
        ("its `by`", |it| it.controls[0].by.clear()),
        ("one less", |it| it.controls.clear()),
        ("a label", |it| it.gold[0].ratings[0].label = "refuse".into()),
        ("one label less", |it| it.gold[0].ratings.clear()),
    ];
    assert_eq!(relation(&old, &with(|_| ())), Relation::Same);
    for (edit, change) in edits {
        let new = with(change);
        assert_eq!(relation(&old, &new), Relation::Reanalysed, "{edit}");
        assert_eq!(old.ask_hash(), new.ask_hash(), "{edit}");
        assert_ne!(old.digest(), new.digest(), "{edit}");
    }
}
