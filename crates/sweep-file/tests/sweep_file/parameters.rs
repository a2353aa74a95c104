//! How models and judges are asked: what each table says, and what comes of it in the plan.

use iago_sweep::{Effort, Parameters, Reasoning, Weight};
use iago_sweep_file::{Refused, SweepFile, warnings};
use serde_json::json;

use crate::fixture::{FILE, Fixture};

/// What the model `null` says, in the fixture whose defaults give 4096 tokens.
fn asked(said: &str) -> Parameters {
    let model = format!("id = \"sim-null\"\n{said}");
    let plan = Fixture::new().edit("id = \"sim-null\"", &model).plan();
    plan.models.into_iter().find(|model| model.name == "null").expect("it is there").parameters
}

#[test]
fn everything_that_can_be_said_of_a_model_reaches_the_plan() {
    let said = asked(
        "top_p = 0.9\nstop = [\"END\", \"\\n\"]\nseed = 7\nlogprobs = 0\nreasoning = \"xhigh\"\n\
         schema = '{ \"type\": \"object\" }'\nextra = { top_k = 40, min_p = 0.05, on = true, list = [{ b = 1, a = \"x\" }] }",
    );
    let own = asked("");
    assert_eq!((own.max_output_tokens, own.seed, own.reasoning), (4096, None, None));
    let expected = Parameters {
        top_p: Some(0.9),
        stop: vec!["END".into(), "\n".into()],
        seed: Some(7),
        logprobs: Some(0),
        reasoning: Some(Reasoning::Effort(Effort::Xhigh)),
        schema: Some(r#"{"type":"object"}"#.into()),
        extra: [
            ("top_k".to_owned(), json!(40)),
            ("min_p".to_owned(), json!(0.05)),
            ("on".to_owned(), json!(true)),
            ("list".to_owned(), json!([{"a": "x", "b": 1}])),
        ]
        .into(),
        ..own
    };
    assert_eq!(said, expected);
}

#[test]
fn every_way_to_reason_is_read() {
    let reasoning = |said: &str| asked(&format!("reasoning = {said}")).reasoning;
    assert_eq!(reasoning("\"off\""), Some(Reasoning::Off));
    for effort in Effort::ALL {
        assert_eq!(reasoning(&format!("\"{effort}\"")), Some(Reasoning::Effort(*effort)));
    }
    assert_eq!(reasoning("{ budget_tokens = 4095 }"), Some(Reasoning::Budget(4095)));
}

/// Vendors write the parts of an answer in the schema's order.
#[test]
fn a_schema_keeps_the_order_of_its_keys_and_not_its_layout() {
    let schema = "{\n  \"verdict\" : {},\n  \"because\" : { \"const\": \"a  b\" }\n}\n";
    let file = Fixture::new()
        .edit("id = \"sim-null\"", "id = \"sim-null\"\nschema = { file = \"s.json\" }")
        .text("s.json", schema);
    let parsed = SweepFile::parse("x.toml", &file.file).expect("it is sound");
    assert!(parsed.references().texts.contains("s.json"), "it is sent along");
    let expected = r#"{"verdict":{},"because":{"const":"a  b"}}"#;
    assert_eq!(file.plan().models[1].parameters.schema.as_deref(), Some(expected));
}

#[test]
fn a_schema_can_be_one_of_the_texts() {
    let plan = Fixture::new()
        .edit("id = \"sim-null\"", "id = \"sim-null\"\nschema = { text = \"form\" }")
        .edit("[factors.tier]", "[texts.form]\ntemplate = '{\"a\": 1}'\n[factors.tier]")
        .plan();
    assert_eq!(plan.models[1].parameters.schema.as_deref(), Some(r#"{"a":1}"#));
}

#[test]
fn a_model_takes_the_defaults_key_by_key() {
    let defaults = "max_output_tokens = 4096\nstop = [\"END\"]\nextra = { top_k = 1, min_p = 0.5 }\ntop_p = 0.5";
    let plan = Fixture::new()
        .edit("max_output_tokens = 4096", defaults)
        .edit("id = \"sim-null\"", "id = \"sim-null\"\nstop = []\nextra = { top_k = 2 }")
        .plan();
    let (faker, null) = (&plan.models[0].parameters, &plan.models[1].parameters);
    assert_eq!((faker.stop.len(), faker.extra.len(), faker.top_p), (1, 2, Some(0.5)));
    assert_eq!((null.stop.len(), null.top_p), (0, Some(0.5)));
    assert_eq!(null.extra, [("top_k".to_owned(), json!(2))].into());
    let judge = &plan.judges[0].parameters;
    assert_eq!((judge.stop.len(), judge.extra.len(), judge.top_p), (0, 0, None));
}

#[test]
fn cells_can_be_asked_otherwise_in_every_way() {
    let plan = Fixture::new()
        .edit(
            "[stages.response]",
            "[[cells]]\nwhere = \"model == 'null' and tier == 'free'\"\nreasoning = \"off\"\nseed = 3\n\
             [[cells]]\nwhere = \"tier == 'free'\"\nreasoning = \"low\"\nlogprobs = 1\n[stages.response]",
        )
        .plan();
    let said = |model: &str, tier: &str| {
        let cell = plan.cells.iter().find(|cell| {
            cell.model == model && cell.condition.split('/').any(|level| level == tier)
        });
        let asked = cell.expect("it is there").parameters.clone();
        asked.map(|asked| (asked.reasoning, asked.seed, asked.logprobs))
    };
    assert_eq!(said("null", "free"), Some((Some(Reasoning::Off), Some(3), Some(1))));
    let low = Some(Reasoning::Effort(Effort::Low));
    assert_eq!(said("faker", "free"), Some((low, None, Some(1))));
    assert_eq!(said("null", "paid"), None);
}

#[test]
fn a_contrast_over_cells_that_reason_differently_is_warned_of() {
    let plan = Fixture::new()
        .edit(
            "[stages.response]",
            "[[cells]]\nwhere = \"tier == 'free'\"\nreasoning = { budget_tokens = 9 }\nseed = 5\n[stages.response]",
        )
        .plan();
    let warnings = warnings(&plan).join("\n");
    let expected = "asked with different `reasoning`, such as 9 tokens and the vendor's default";
    assert!(warnings.contains(expected), "{warnings}");
    assert!(!warnings.contains("`seed`"), "{warnings}");
}

#[test]
fn a_sweep_has_the_weight_that_it_says() {
    assert_eq!(Fixture::new().plan().weight, Weight(1));
    let heavy = Fixture::new().edit("seed = 7", "seed = 7\nweight = 1000").plan();
    assert_eq!(heavy.weight, Weight(1000));
    assert_eq!(heavy.ask_hash(), Fixture::new().plan().ask_hash());
}

#[test]
fn defaults_that_cannot_be_read_leave_nothing_missing() {
    let (before, after) = FILE.split_once("[defaults]").expect("it is there");
    let (_, models) = after.split_once("[models.faker]").expect("it is there");
    let file = format!("defaults = \"x\"\n{before}[models.faker]{models}");
    let fixture = Fixture { file, ..Fixture::new() };
    let expected = "1: defaults: this is text and has to be a table, as in `defaults = { … }`";
    assert_eq!(fixture.faults(), expected);
}

/// Where a parameter that is refused was asked for.
fn place_of(fixture: &Fixture, model: &str, is_of_cells: bool, parameter: &str) -> String {
    let plan = fixture.plan();
    let asked = plan.models.iter().find(|asked| asked.name == model);
    let judge = plan.judges.iter().find(|judge| judge.name == model);
    let refused = Refused {
        model: asked.or(judge).expect("it is in the plan"),
        is_judge: asked.is_none(),
        is_of_cells,
        stage: "response",
        parameter,
        message: "no",
    };
    let file = SweepFile::parse("x.toml", &fixture.file).expect("it is sound");
    file.tell_refused([refused]).expect_err("it is refused").to_string()
}

#[test]
fn what_a_model_refuses_is_told_where_it_is_asked_for() {
    let cells = "[[cells]]\nwhere = \"tier == 'free'\"\nprompts_max = 1\n[[cells]]\n\
                 where = \"tier == 'paid'\"\ntemperature = 0.1\n[stages.response]\n";
    let fixture = Fixture::new().edit("[stages.response]\n", cells);
    let place = |model, is_of_cells, parameter| place_of(&fixture, model, is_of_cells, parameter);
    assert_eq!(place("null", false, "temperature"), "x.toml:29: models.null.temperature: no");
    assert_eq!(place("faker", false, "temperature"), "x.toml:22: defaults.temperature: no");
    assert_eq!(place("null", true, "temperature"), "x.toml:48: cells[2].temperature: no");
    assert_eq!(place("grader", false, "temperature"), "x.toml:34: judges.grader.temperature: no");
    assert_eq!(place("null", false, "prefill"), "x.toml:51: stages.response.messages: no");
}
