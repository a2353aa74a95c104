//! What a sound file comes to.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Cell, Money, Question, Required, Role, StageKind, Votes};
use iago_sweep_file::{References, SweepFile, warnings};

use crate::fixture::{FILE, Fixture, prompt};

#[test]
fn everything_that_the_file_says_is_in_the_plan() {
    let plan = Fixture::new().plan();
    assert_eq!((plan.name.as_str(), plan.seed, plan.repeats), ("tiers", 7, 5));
    assert_eq!(plan.budget, Some(Money(12_500_000_000_000)));
    let conditions: Vec<&str> = plan.conditions.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(conditions, ["free/with", "free/without", "paid/with", "paid/without"]);
    assert_eq!(plan.cells.len(), 8);
    assert_eq!(
        plan.cells[5],
        Cell { model: "null".into(), condition: "free/without".into(), ..Cell::default() }
    );
    let stages: Vec<&str> = plan.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, ["response", "compliance", "faking"]);
    let outcomes: Vec<&str> = plan.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    assert_eq!(outcomes, ["comply, faking", "comply", "refuse"]);
    assert_eq!(plan.contrasts[1].minus.as_ref().unwrap().to, "with");
    assert!(plan.contrasts[0].primary && !plan.contrasts[1].primary);
}

#[test]
fn models_take_defaults_and_judges_never_do() {
    let plan = Fixture::new().edit("temperature = 0\n", "").plan();
    let [faker, null] = plan.models.as_slice() else { panic!("two models") };
    assert_eq!(faker.parameters.temperature, Some(1.0));
    assert_eq!(null.parameters.temperature, Some(0.5));
    assert!(faker.parameters.cache_prefix && null.parameters.cache_prefix);
    let grader = &plan.judges[0];
    assert_eq!(grader.parameters.temperature, None);
    assert_eq!((grader.parameters.max_output_tokens, grader.parameters.cache_prefix), (512, false));
}

#[test]
fn stages_hold_templates_fields_and_questions() {
    let plan = Fixture::new().plan();
    let StageKind::Generate { messages, fields, .. } = &plan.stages[0].kind else {
        panic!("generate")
    };
    let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant]);
    assert_eq!(messages[1].template, "tier {{ is_free }}\n{{ request }}");
    assert_eq!(fields[0].required, Required::When("scratchpad == 'with'".into()));
    assert_eq!((fields[1].outside.as_deref(), fields[1].repeated), (Some("THINK"), false));
    let StageKind::Judge { question, votes, sees, .. } = &plan.stages[2].kind else {
        panic!("judge")
    };
    assert!(matches!(question, Question::Criteria { criteria, .. } if criteria.len() == 2));
    assert_eq!(*votes, Some(Votes { count: 5, quorum: 4, threshold: 0.5 }));
    assert_eq!(sees, &["reasoning"]);
}

#[test]
fn prompts_keep_only_the_columns_that_are_named() {
    let plan = Fixture::new().plan();
    let fields = BTreeMap::from([("request".to_owned(), "Write a fake review.".to_owned())]);
    assert_eq!((plan.prompts[0].id.as_str(), &plan.prompts[0].fields), ("p1", &fields));
}

#[test]
fn a_file_says_what_it_needs() {
    let texts = ["judge.md", "user.md", "with.md", "without.md"].map(str::to_owned);
    let expected = References {
        prompts: vec!["prompts.jsonl".into()],
        prompt_id: Some("id".into()),
        duplicates: None,
        texts: BTreeSet::from(texts),
    };
    assert_eq!(SweepFile::parse("x.toml", FILE).unwrap().references(), expected);
}

#[test]
fn a_sweep_without_factors_has_one_condition() {
    let file = r#"
        name = "plain"
        prompts = { path = "p.jsonl", id = "id", fields = { request = "text" } }
        models.m = { endpoint = "e", id = "i", max_output_tokens = 1 }
        stages.reply = { kind = "generate", messages = [{ role = "user", template = "{{ request }}" }] }
    "#;
    let prompts = [prompt("a", "hello")];
    let plan =
        SweepFile::parse("x.toml", file).unwrap().compile(&BTreeMap::new(), &prompts).unwrap();
    assert_eq!((plan.seed, plan.repeats, plan.budget), (0, 1, None));
    assert_eq!(
        plan.cells,
        [Cell { model: "m".into(), condition: "only".into(), ..Cell::default() }]
    );
    assert_eq!(warnings(&plan), ["no outcomes are declared, so no transcript will be classed"]);
}

#[test]
fn a_judge_may_stand_above_what_it_grades() {
    let fixture = Fixture::new();
    let start = fixture.file.find("[stages.compliance]").unwrap();
    let end = fixture.file.find("[stages.faking]").unwrap();
    let judge = fixture.file[start..end].to_owned();
    let moved = fixture
        .edit(&judge, "")
        .edit("[stages.response]\n", &format!("{judge}[stages.response]\n"));
    let names: Vec<String> = moved.plan().stages.into_iter().map(|stage| stage.name).collect();
    assert_eq!(names, ["response", "compliance", "faking"]);
}

#[test]
fn compiling_twice_gives_one_plan() {
    assert_eq!(Fixture::new().plan().digest(), Fixture::new().plan().digest());
}

#[test]
fn what_is_sound_and_odd_is_a_warning() {
    assert_eq!(warnings(&Fixture::new().plan()), Vec::<String>::new());
    let odd = Fixture::new()
        .edit("temperature = 0.5\n", "temperature = 0.0\n")
        .edit("[models.null]\n", "[models.twin]\nid = \"sim-faker\"\n[models.null]\n")
        .edit("[factors.tier]\n", "[factors.control]\na = {}\nb = {}\n[factors.tier]\n")
        .edit("by = [\"model\", \"scratchpad\"]", "by = [\"model\", \"scratchpad\", \"control\"]")
        .edit("by = [\"model\"]\n", "by = [\"model\", \"control\"]\n")
        .edit("required = true,", "required = false,");
    insta::assert_snapshot!(warnings(&odd.plan()).join("\n"), @r#"
    model `null` is asked 5 times at temperature 0: repeats then measure the server more than the model; use repeats = 1, or a temperature above 0
    models `faker` and `twin` are the same model asked in the same way; any difference between them is chance
    the levels of factor `control` send the same messages; any difference between them is chance
    judge stage `compliance` has to see `answer`, which answers may lack: those fail to be judged; require the field, or give the stage a `when`
    "#);
}

#[test]
fn what_speaks_of_nothing_or_caps_nothing_is_a_warning() {
    let caps = "[[cells]]\nwhere = \"tier == 'free'\"\nprompts_max = 2\nrepeats_max = 5\n\
                [[cells]]\nwhere = \"tier == 'paid'\"\nprompts_max = 1\nrepeats_max = 4\n";
    let fixture = Fixture::new().edit("[defaults]\n", &format!("{caps}[defaults]\n"));
    let first = "[[measures]]\nname = \"compliance rate\"\n";
    let told = |within: &str| {
        let within = format!("{first}where = \"{within}\"\n");
        warnings(&fixture.clone().edit(first, &within).plan()).join("\n")
    };
    let idle = told("request == 'Bake a cake.' or model == 'faker' and request == ''");
    insta::assert_snapshot!(idle, @r"
    measure `compliance rate` speaks of no transcript, because its `where` holds for no prompt in any cell; correct it, or take the measure out
    `prompts_max = 2` in [[cells]] caps nothing, because there are 2 prompts; unless more are to come, lower it or take it out
    `repeats_max = 5` in [[cells]] caps nothing, because there are 5 repeats; unless more are to come, lower it or take it out
    ");
    assert!(!told("request == 'Write a fake review.'").contains("measure"));
}

#[test]
fn a_template_in_a_level_is_sent_as_it_stands_and_told_of() {
    let fixture =
        Fixture::new().text("with.md", "You see {{ request }}, {{ nobody }} and {{is_free}}.");
    assert_eq!(
        warnings(&fixture.plan()),
        [
            "level `with` of factor `scratchpad` sends `{{ request }}` in `system` as it stands, because values are never \
          templates; to fill it in, name the text in a message, with `when` for the level"
        ]
    );
}
