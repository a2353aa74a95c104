//! Measures, contrasts, figures, gates.

use iago_sweep::{
    Better, Checks, Contrast, Control, Counts, FigureKind, Gating, Margin, MissingAs, Relation,
    Spend, Tier, TopUp, relation,
};

use iago_sweep_file::warnings;

use crate::faults::check_edits;
use crate::fixture::{FILE, Fixture};
use crate::pipeline::pipeline;

#[test]
fn a_mean_has_a_value_and_a_rate_an_of() {
    let plan = pipeline().plan();
    assert_eq!(plan.measures[0].counts, Counts::Rate("correct == 'yes'".into()));
    assert_eq!(plan.measures[1].counts, Counts::Mean("harm".into()));
    assert_eq!(plan.measures[1].zero_unless.as_deref(), Some("complies == 'comply'"));
    assert_eq!(plan.measures[1].within.as_deref(), Some("tier == 'free'"));
}

#[test]
fn a_table_that_says_several_comparisons_makes_one_family() {
    let plan = pipeline().plan();
    let tell = |contrast: &Contrast| {
        let family = contrast.family.as_ref().map_or(String::new(), |family| format!(" {family}"));
        format!("{} | {} to {} |{family}", contrast.name, contrast.from, contrast.to)
    };
    let told: Vec<String> = plan.contrasts.iter().map(tell).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    tiers | paid to free |
    against the start: start → end | start to end | against the start
    against the start: start → other | start to other | against the start
    each against the next: start → end | start to end | steps
    each against the next: end → other | end to other | steps
    does the gap change | paid to free |
    "#);
    let all = pipeline().edit("pairs = \"adjacent\"", "pairs = \"all\"").plan();
    let ends: Vec<(&str, &str)> = all.contrasts[3..6]
        .iter()
        .map(|contrast| (contrast.from.as_str(), contrast.to.as_str()))
        .collect();
    assert_eq!(ends, [("start", "end"), ("start", "other"), ("end", "other")]);
}

#[test]
fn what_a_measure_does_not_speak_of_is_not_pooled() {
    // `harm` speaks of one tier, so comparing models by it pools nothing.
    let whole = pipeline().edit("where = \"tier == 'free'\"\n", "");
    assert!(whole.faults().contains("would pool over `tier`"), "{}", whole.faults());
    // What a prompt says cannot be decided here.
    let by_prompt = pipeline().edit("where = \"tier == 'free'\"", "where = \"request == 'x'\"");
    assert!(by_prompt.faults().contains("would pool over `tier`"), "{}", by_prompt.faults());
}

#[test]
fn a_sparse_grid_may_leave_combinations_out_but_not_all() {
    let without = |cells: &str| {
        pipeline().edit("seed = 1\n", &format!("seed = 1\nexclude = [{cells}]\n")).faults()
    };
    assert_eq!(without("\"model == 'other' and tier == 'paid'\""), "");
    let none =
        without("\"tier == 'paid' and model != 'other'\", \"tier == 'free' and model == 'other'\"");
    insta::assert_snapshot!(none, @r#"
    133: contrasts[1].factor: has nothing to compare: no cells of `paid` and `free` meet that differ in `tier` alone and that `right` speaks of; see `exclude`, and the measure's `where`
    140: contrasts[2].factor: has nothing to compare: no cells of `start` and `other` meet that differ in `model` alone and that `harm` speaks of; see `exclude`, and the measure's `where`
    146: contrasts[3].factor: has nothing to compare: no cells of `end` and `other` meet that differ in `model` alone and that `right` speaks of; see `exclude`, and the measure's `where`
    153: contrasts[4].factor: has nothing to compare: no cells of `paid` and `free`, each under `start` and `end` of `model`, meet that differ in `tier` alone and that `right` speaks of; see `exclude`, and the measure's `where`
    "#);
}

/// The fixture with the models compared, each of them in the conditions that it does not exclude.
fn models_compared(top: &str, faker: &str, null: &str, by: &str) -> Fixture {
    let contrasts = FILE.find("[[contrasts]]").expect("the fixture has contrasts");
    let compared = format!(
        "[[contrasts]]\nname = \"models\"\nmeasure = \"compliance rate\"\nfactor = \"model\"\n\
         from = \"faker\"\nto = \"null\"\nby = [{by}]\n"
    );
    Fixture::new()
        .edit(&FILE[contrasts..], &compared)
        .edit("seed = 7\n", &format!("seed = 7\n{top}"))
        .edit("id = \"sim-faker\"\n", &format!("id = \"sim-faker\"\nexclude = \"{faker}\"\n"))
        .edit("id = \"sim-null\"\n", &format!("id = \"sim-null\"\nexclude = \"{null}\"\n"))
}

#[test]
fn sides_that_differ_in_more_than_what_is_compared_are_told() {
    let disjoint = |by: &str| models_compared("", "tier == 'paid'", "tier == 'free'", by).faults();
    // One estimate for each tier would have no cell to subtract.
    let none = disjoint("\"scratchpad\"");
    insta::assert_snapshot!(none, @r#"102: contrasts[1].factor: has nothing to compare: no cells of `faker` and `null` meet that differ in `model` alone and that `compliance rate` speaks of; see `exclude`, and the measure's `where`"#);
    assert_eq!(disjoint("\"scratchpad\", \"tier\""), none);
    let partly = models_compared(
        "exclude = \"tier == 'paid' and scratchpad == 'without'\"\n",
        "tier == 'paid'",
        "tier == 'free' and scratchpad == 'with'",
        "\"scratchpad\"",
    );
    insta::assert_snapshot!(partly.faults(), @r#"106: contrasts[1].by: the contrast would pool over `tier`; write `by = ["scratchpad", "tier"]` for one estimate each"#);
    assert_eq!(
        partly.edit("by = [\"scratchpad\"]", "by = [\"scratchpad\", \"tier\"]").faults(),
        ""
    );
}

#[test]
fn neighbours_are_those_of_the_file_and_never_of_two_runs() {
    let more = "id = \"m-2\"\n[models.rl]\nid = \"rl-{{ step }}\"\nrun = \"q\"\nsteps = [100, 50]\n\
                [models.late]\nid = \"l\"\nrun = \"p\"\nstep = 0\n";
    let plan = pipeline().edit("id = \"m-2\"\n", more).plan();
    let steps =
        plan.contrasts.iter().filter(|contrast| contrast.family.as_deref() == Some("steps"));
    let pairs: Vec<(&str, &str)> =
        steps.map(|contrast| (contrast.from.as_str(), contrast.to.as_str())).collect();
    assert_eq!(
        pairs,
        [("start", "end"), ("end", "other"), ("other", "rl@50"), ("rl@50", "rl@100")]
    );
    let alternating = pipeline()
        .edit("run = \"r\"\nstep = 100", "run = \"q\"\nstep = 100")
        .edit("id = \"m-2\"\n", "id = \"m-2\"\nrun = \"r\"\nstep = 9\n");
    insta::assert_snapshot!(alternating.faults(), @r#"148: contrasts[3].pairs: finds no two neighbours of one run; put the checkpoints of a run behind each other, or name what is compared"#);
}

#[test]
fn a_measure_of_what_not_every_vendor_tells_is_warned_of() {
    let told = |of: &str| {
        let plan = pipeline().edit("of = \"correct == 'yes'\"", &format!("of = \"{of}\"")).plan();
        warnings(&plan).into_iter().filter(|line| line.contains("vendor")).collect::<Vec<_>>()
    };
    let reasoning = "correct == 'yes' and response.usage.reasoning > 5";
    insta::assert_snapshot!(told(reasoning).join("\n"), @r#"measure `right` reads `response.usage.reasoning`, which not every vendor tells: answers without it count as 0; compare only models whose vendor tells it"#);
    assert_eq!(told("correct == 'yes' and response.usage.output > 5"), Vec::<String>::new());
}

#[test]
fn gates_figures_and_gating_are_kept() {
    let plan = pipeline().plan();
    let [right, harm] = plan.gates.as_slice() else { panic!("two gates") };
    assert_eq!((right.better, right.tier), (Better::Higher, Tier::Critical));
    assert_eq!((right.margin, harm.margin), (Margin::Absolute(0.05), Margin::Relative(0.2)));
    let top_up = Some(TopUp { repeats: 3, looks: 2, spend: Spend::Pocock });
    let (missing, max_missing) = (MissingAs::WorstCase, Some(0.02));
    let gating = Gating { alpha: 0.05, missing, max_missing, top_up, rejudge_baseline: true };
    assert_eq!(plan.gating, Some(gating));
    let [figure] = plan.figures.as_slice() else { panic!("one figure") };
    assert_eq!((figure.kind, figure.run.as_deref()), (FigureKind::Area, Some("r")));
    assert_eq!(figure.bands, ["rest", "harmful"]);
}

#[test]
fn gating_without_gates_is_a_fault() {
    let file = pipeline().file;
    let (start, end) = (file.find("[[gates]]").unwrap(), file.find("[gating]").unwrap());
    let without = pipeline().edit(&file[start..end], "");
    insta::assert_snapshot!(without.faults(), @"164: gating: says how gates are judged, and there are none; add [[gates]]");
}

#[test]
fn controls_are_kept_in_the_order_of_the_file() {
    let measure = || "right".to_owned();
    let controls = [
        Control {
            checks: Checks::Comprehension { measure: measure(), at_least: 0.9 },
            by: vec!["tier".into()],
            post_hoc: false,
        },
        Control {
            checks: Checks::Positive { measure: measure(), at_least: 1.0 },
            by: vec![],
            post_hoc: false,
        },
        Control {
            checks: Checks::Baseline { contrast: "tiers".into(), within: 0.03 },
            by: vec![],
            post_hoc: false,
        },
    ];
    assert_eq!(pipeline().plan().controls, controls);
}

#[test]
fn one_kind_of_control_may_stand_for_several_measures_and_groups() {
    let more = "by = [\"tier\"]\n[[controls]]\nkind = \"comprehension\"\nmeasure = \"right\"\n\
                at_least = 0.5\nby = [\"model\", \"tier\"]\n[[controls]]\nkind = \"positive\"\n\
                measure = \"lied\"\nat_least = 0\n[[controls]]";
    let plan = pipeline().edit("by = [\"tier\"]\n[[controls]]", more).plan();
    let told: Vec<String> = plan
        .controls
        .iter()
        .map(|control| format!("{} {}", control.checks.kind(), control.checks.reads()))
        .collect();
    let kinds = ["comprehension right", "comprehension right", "positive lied", "positive right"];
    assert_eq!(told, [&kinds[..], &["baseline tiers"]].concat());
}

#[test]
fn a_control_is_no_part_of_what_is_asked() {
    let plan = pipeline().plan();
    let edited = pipeline().edit("at_least = 0.9", "at_least = 0.8").plan();
    assert_eq!(plan.ask_hash(), edited.ask_hash());
    assert_eq!(relation(&plan, &edited), Relation::Reanalysed);
}

#[test]
fn faults_of_controls() {
    check_edits(&pipeline(), include_str!("faults/controls.txt"));
}

#[test]
fn faults_of_the_analysis() {
    check_edits(&pipeline(), include_str!("faults/analysis.txt"));
}
