//! Models that are more than one, and what a model says beside how it is asked.

use iago_sweep_file::warnings;

use crate::fixture::Fixture;

const SERIES: &str = "[models.null]\nid = \"sim-null\"\ntemperature = 0.5\n";

fn series(table: &str) -> Fixture {
    Fixture::new().edit(
        SERIES,
        &format!("[models.null]\nid = \"sim-null\"\nrun = \"ppo\"\nstep = 0\n\n{table}"),
    )
}

#[test]
fn a_series_is_one_model_for_each_step() {
    let plan = series(
        "[models.rl]\nid = \"sim-{{ step }}\"\nrun = \"ppo\"\nsteps = [50, 1600]\nparent = \"null\"\nexpect = \"sim-{{step}}-x\"\ntemperature = 0.5\nexclude = \"tier == 'paid'\"\n",
    )
    .plan();
    let names: Vec<&str> = plan.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["faker", "null", "rl@50", "rl@1600"]);
    let last = &plan.models[3];
    assert_eq!((last.id.as_str(), last.expect.as_deref()), ("sim-1600", Some("sim-1600-x")));
    assert_eq!((last.run.as_deref(), last.step), (Some("ppo"), Some(1600)));
    assert_eq!(last.parent.as_deref(), Some("null"));
    assert_eq!((plan.models[1].step, plan.models[0].step), (Some(0), None));
    assert_eq!(plan.cells.iter().filter(|cell| cell.model == "rl@50").count(), 2);
}

#[test]
fn steps_go_the_way_that_training_went() {
    let plan =
        series("[models.rl]\nid = \"sim-{{ step }}\"\nrun = \"ppo\"\nsteps = [1600, 50, 400]\n")
            .plan();
    let steps: Vec<Option<u64>> = plan.models[2..].iter().map(|model| model.step).collect();
    assert_eq!(steps, [Some(50), Some(400), Some(1600)]);
}

#[test]
fn a_checkpoint_is_addressed_by_its_step() {
    let plan = series("[models.rl]\nid = \"sim-{{ step }}\"\nrun = \"ppo\"\nsteps = [50, 1600]\n")
        .edit(
            "minus = { factor = \"scratchpad\", from = \"without\", to = \"with\" }\nby = [\"model\"]\n",
            "minus = { factor = \"model\", from = \"null\", to = \"rl@1600\" }\nby = [\"scratchpad\"]\n",
        )
        .plan();
    assert_eq!(plan.contrasts[1].minus.as_ref().unwrap().to, "rl@1600");
}

#[test]
fn a_run_can_start_from_a_step_of_another() {
    let plan = series(
        "[models.rl]\nid = \"sim-{{ step }}\"\nrun = \"ppo\"\nsteps = [50, 1600]\n[models.late]\nid = \"l\"\nparent = \"rl@50\"\n",
    )
    .plan();
    assert_eq!(plan.models[4].parent.as_deref(), Some("rl@50"));
}

#[test]
fn twins_that_runs_or_texts_tell_apart_are_no_twins() {
    let twin = |more: &str| {
        let model = format!("[models.twin]\nid = \"sim-faker\"\n{more}[models.null]\n");
        warnings(&Fixture::new().edit("[models.null]\n", &model).plan()).join("\n")
    };
    assert!(twin("").contains("`faker` and `twin` are the same model"));
    assert_eq!(twin("run = \"ppo\"\nstep = 5\n"), "");
}
