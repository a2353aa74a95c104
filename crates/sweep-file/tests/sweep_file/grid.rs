//! Which cells there are, and how each of them is asked.

use iago_sweep::{Cell, Parameters};
use iago_sweep_file::{SweepFile, warnings};
use proptest::prelude::*;

use crate::fixture::{Fixture, prompt};

fn cells(fixture: &Fixture) -> Vec<String> {
    let plan = fixture.plan();
    plan.cells.iter().map(|cell| format!("{} {}", cell.model, cell.condition)).collect()
}

#[test]
fn a_model_can_leave_conditions_out() {
    let sparse = Fixture::new()
        .edit("id = \"sim-null\"\n", "id = \"sim-null\"\nexclude = [\"tier == 'paid' and scratchpad == 'with'\", \"scratchpad == 'without'\"]\n");
    let kept = [
        "faker free/with",
        "faker free/without",
        "faker paid/with",
        "faker paid/without",
        "null free/with",
    ];
    assert_eq!(cells(&sparse), kept);
    assert_eq!(sparse.plan().conditions.len(), 4);
}

#[test]
fn a_condition_that_the_top_takes_out_is_gone() {
    let minus = "minus = { factor = \"scratchpad\", from = \"without\", to = \"with\" }\nby = [\"model\"]\n";
    let sparse = Fixture::new()
        .edit(
            "repeats = 5\n",
            "repeats = 5\nexclude = \"tier == 'paid' and scratchpad == 'without'\"\n",
        )
        .edit(minus, "by = [\"model\", \"scratchpad\"]\n");
    let plan = sparse.plan();
    let conditions: Vec<&str> = plan.conditions.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(conditions, ["free/with", "free/without", "paid/with"]);
    assert_eq!(plan.cells.len(), 6);
}

#[test]
fn the_top_can_name_models() {
    let sparse = Fixture::new()
        .edit("repeats = 5\n", "repeats = 5\nexclude = \"model == 'null' and tier == 'free'\"\n");
    let kept = [
        "faker free/with",
        "faker free/without",
        "faker paid/with",
        "faker paid/without",
        "null paid/with",
        "null paid/without",
    ];
    assert_eq!(cells(&sparse), kept);
}

#[test]
fn of_each_key_the_first_table_that_matches_counts() {
    let capped = Fixture::new().edit(
        "[stages.response]\n",
        "[[cells]]\nwhere = \"model == 'null'\"\nprompts_max = 1\n\
         [[cells]]\nwhere = \"tier == 'paid'\"\nprompts_max = 2\nrepeats_max = 3\ntemperature = 0.25\nmax_output_tokens = 7\n\
         [stages.response]\n",
    );
    let plan = capped.plan();
    let own = |model: &str| {
        plan.models
            .iter()
            .find(|of| of.name == model)
            .expect("the fixture's models")
            .parameters
            .clone()
    };
    let other = |model: &str| {
        Some(Parameters { max_output_tokens: 7, temperature: Some(0.25), ..own(model) })
    };
    let name = |model: &str, condition: &str| Cell {
        model: model.into(),
        condition: condition.into(),
        ..Cell::default()
    };
    assert_eq!(plan.cells[0], name("faker", "free/with"));
    let paid = Cell {
        parameters: other("faker"),
        prompts_max: Some(2),
        repeats_max: Some(3),
        ..name("faker", "paid/with")
    };
    assert_eq!(plan.cells[2], paid);
    let free = Cell { prompts_max: Some(1), ..name("null", "free/with") };
    assert_eq!(plan.cells[4], free);
    let both = Cell {
        parameters: other("null"),
        prompts_max: Some(1),
        repeats_max: Some(3),
        ..name("null", "paid/with")
    };
    assert_eq!(plan.cells[6], both);
    assert_eq!(plan.transcripts(), (2 * 2 * 5 + 2 * 2 * 3) + (2 * 5 + 2 * 3));
}

#[test]
fn what_a_cell_says_of_the_temperature_is_what_is_warned_of() {
    let cold = "[[cells]]\nwhere = \"model == 'null'\"\ntemperature = 0\n";
    let told = |cells: &str| {
        warnings(
            &Fixture::new()
                .edit("[stages.response]\n", &format!("{cells}[stages.response]\n"))
                .plan(),
        )
    };
    assert_eq!(told(cold).len(), 1);
    assert!(told(cold)[0].starts_with("model `null` is asked 5 times at temperature 0"));
    assert_eq!(told(&format!("{cold}repeats_max = 1\n")), Vec::<String>::new());
}

#[test]
fn contrasts_of_cells_that_are_not_asked_alike_are_warned_of() {
    let told = |cells: &str| {
        let cells = format!("[[cells]]\n{cells}\n[stages.response]\n");
        warnings(&Fixture::new().edit("[stages.response]\n", &cells).plan()).join("\n")
    };
    insta::assert_snapshot!(told("where = \"tier == 'paid'\"\nmax_output_tokens = 7"), @r#"contrasts `gap`, `what the scratchpad adds` compare cells that [[cells]] has asked with different `max_output_tokens`, such as 4096 and 7: any difference may come from that; ask them alike"#);
    insta::assert_snapshot!(told("where = \"scratchpad == 'with'\"\ntemperature = 0.25"), @r#"contrast `what the scratchpad adds` compares cells that [[cells]] has asked with different `temperature`, such as 0.25 and 1: any difference may come from that; ask them alike"#);
    // Both sides of every difference are asked alike.
    assert_eq!(told("where = \"model == 'null'\"\nmax_output_tokens = 7"), "");
    assert_eq!(told("where = \"tier == 'paid'\"\nprompts_max = 1"), "");
    // Models whose own temperatures differ are compared as they are.
    let models = "where = \"tier == 'paid'\"\nrepeats_max = 2\nmax_output_tokens = 7\n[[contrasts]]\n\
                  name = \"models\"\nmeasure = \"compliance rate\"\nfactor = \"model\"\nfrom = \"faker\"\n\
                  to = \"null\"\nby = [\"tier\", \"scratchpad\"]";
    assert!(!told(models).contains("`models`") && !told(models).contains("temperature"));
}

/// 100 models in 128 conditions, whose messages hang on two factors.
#[test]
fn a_large_grid_is_checked_by_what_differs_in_it() {
    let factors: String = (0..7)
        .map(|n| format!("f{n} = {{ a = {{ v{n} = \"x\" }}, b = {{ v{n} = \"y\" }} }}\n"))
        .collect();
    let models: String = (0..100)
        .map(|n| format!("m{n} = {{ id = \"i{n}\", set = {{ lab = \"{}\" }} }}\n", n % 2))
        .collect();
    let reads: String = (0..7).map(|n| format!("{{{{ v{n} }}}}")).collect();
    let file = format!(
        "name = \"large\"\nprompts = {{ path = \"p.jsonl\", id = \"id\", fields = {{ request = \"text\" }} }}\n\
         [factors]\n{factors}[defaults]\nendpoint = \"e\"\nmax_output_tokens = 1\n[models]\n{models}\
         [stages.reply]\nkind = \"generate\"\nmessages = [\n\
         {{ role = \"user\", template = \"{{{{ request }}}}{reads}\", when = \"f0 == 'a'\" }},\n\
         {{ role = \"user\", template = \"{{{{ lab }}}}{{{{ request }}}}\" }},\n]\n"
    );
    let file = SweepFile::parse("x.toml", &file).unwrap_or_else(|errors| panic!("{errors}"));
    let plan = file.compile(&Default::default(), &[prompt("a", "hello")]);
    let plan = plan.unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(plan.cells.len(), 12_800);
}

proptest! {
    /// The cells are those that no expression takes out, and nothing is left without a cell.
    #[test]
    fn what_is_not_excluded_is_asked(excluded in prop::collection::btree_set(0..8usize, 0..8)) {
        let mut fixture = Fixture::new();
        fixture.file.truncate(fixture.file.find("[[contrasts]]").expect("the fixture has contrasts"));
        let all = cells(&fixture);
        let rule = |number: &usize| {
            let (model, condition) = all[*number].split_once(' ').expect("a model and a condition");
            let (tier, pad) = condition.split_once('/').expect("two factors");
            format!("\"model == '{model}' and tier == '{tier}' and scratchpad == '{pad}'\"")
        };
        let rules: Vec<String> = excluded.iter().map(rule).collect();
        let exclude = format!("repeats = 5\nexclude = [{}]\n", rules.join(", "));
        let sparse = if rules.is_empty() { fixture } else { fixture.edit("repeats = 5\n", &exclude) };
        let numbers = (0..8).filter(|number| !excluded.contains(number));
        let left: Vec<String> = numbers.map(|number| all[number].clone()).collect();
        let models = ["faker ", "null "];
        let conditions = [" free/with", " free/without", " paid/with", " paid/without"];
        let whole = models.iter().all(|model| left.iter().any(|cell| cell.starts_with(model)))
            && conditions.iter().all(|of| left.iter().any(|cell| cell.ends_with(of)));
        match sparse.compile() {
            Ok(plan) => {
                prop_assert!(whole);
                let asked: Vec<String> =
                    plan.cells.iter().map(|cell| format!("{} {}", cell.model, cell.condition)).collect();
                prop_assert_eq!(asked, left);
            }
            Err(errors) => prop_assert!(!whole, "{}", errors),
        }
    }
}
