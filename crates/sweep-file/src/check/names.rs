//! One namespace: a name means one thing in every template, expression and table of results.

use std::collections::BTreeMap;

use iago_expression::is_name;
use iago_sweep::{Plan, Question, Stage, StageKind};

use crate::fault::Faults;
use crate::read::PromptSet;
use crate::render::stage_key;
use crate::tree::item_key;

/// Words with a meaning of their own in expressions and reports.
const RESERVED: [&str; 8] = ["and", "or", "not", "in", "true", "false", "model", "label"];

/// Words with a meaning of their own in templates.
const RESERVED_IN_TEMPLATES: [&str; 7] =
    ["none", "loop", "self", "caller", "dict", "namespace", "range"];

/// A name of the shared namespace, and where it is given.
struct Given<'a> {
    name: &'a str,
    noun: &'static str,
    key: String,
}

/// Checks every name that the file gives: how it is spelt, and that nothing else has it.
pub(crate) fn check_names(faults: &Faults<'_>, plan: &Plan, prompt_set: &PromptSet) {
    let given = collect_given(plan, prompt_set);
    let mut first: BTreeMap<&str, &Given<'_>> = BTreeMap::new();
    for name in &given {
        check_spelling(faults, name);
        let taken = *first.entry(name.name).or_insert(name);
        if !std::ptr::eq(taken, name) {
            report_clash(faults, taken, name);
        }
    }
    check_labels_of_things(faults, plan);
    for stage in &plan.stages {
        check_criteria(faults, stage);
    }
    let measures = plan.measures.iter().map(|measure| measure.name.as_str());
    check_unique(faults, "measures", measures);
    check_unique(faults, "contrasts", plan.contrasts.iter().map(|contrast| contrast.name.as_str()));
}

fn collect_given<'a>(plan: &'a Plan, prompt_set: &'a PromptSet) -> Vec<Given<'a>> {
    let mut given = Vec::new();
    let mut give = |name: &'a str, noun, key| given.push(Given { name, noun, key });
    for field in prompt_set.fields.keys() {
        give(field, "prompt field", format!("prompts.fields.{field}"));
    }
    for factor in &plan.factors {
        give(&factor.name, "factor", format!("factors.{}", factor.name));
    }
    for (name, key) in list_variables(plan) {
        give(name, "variable", key);
    }
    for stage in &plan.stages {
        give(&stage.name, "stage", stage_key(stage));
        for field in stage.fields() {
            give(&field.name, "field", format!("{}.fields.{}", stage_key(stage), field.name));
        }
    }
    for (position, outcome) in plan.outcomes.iter().enumerate() {
        let key = format!("{}.name", item_key("outcomes", position));
        give(&outcome.name, "outcome", key);
    }
    given
}

/// Every variable of every factor, at the first level that sets it: levels of one factor share them.
pub(super) fn list_variables(plan: &Plan) -> Vec<(&str, String)> {
    let mut variables = Vec::new();
    for factor in &plan.factors {
        let mut seen: Vec<&str> = Vec::new();
        for level in &factor.levels {
            for name in level.variables.keys() {
                if !seen.contains(&name.as_str()) {
                    seen.push(name);
                    let key = format!("factors.{}.{}.{name}", factor.name, level.name);
                    variables.push((name.as_str(), key));
                }
            }
        }
    }
    variables
}

fn check_spelling(faults: &Faults<'_>, given: &Given<'_>) {
    let Given { name, noun, key } = given;
    // Outcomes are for people: no expression reads them.
    let is_free_text = *noun == "outcome";
    let lowered = name.to_ascii_lowercase();
    let is_reserved = RESERVED.contains(&&*lowered)
        || !is_free_text && RESERVED_IN_TEMPLATES.contains(&&*lowered);
    if is_reserved {
        faults.add(&**key, format!("`{name}` is a reserved word; rename the {noun}"));
    } else if !is_free_text && !is_variable(name) {
        let rule = "use letters, digits and `_`, and no digit first";
        faults.add(&**key, format!("`{name}` cannot be read by an expression; {rule}"));
    }
}

fn report_clash(faults: &Faults<'_>, taken: &Given<'_>, again: &Given<'_>) {
    let (earlier, later) = if faults.line_of(&taken.key) <= faults.line_of(&again.key) {
        (taken, again)
    } else {
        (again, taken)
    };
    let line = faults.line_of(&earlier.key);
    faults.add(
        &*later.key,
        format!(
            "`{}` is already the name of the {} on line {line}; rename one",
            later.name, earlier.noun
        ),
    );
}

/// Levels, models and judges stand in names of cells and files.
fn check_labels_of_things(faults: &Faults<'_>, plan: &Plan) {
    let check = |name: &str, noun: &str, key: String| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if name.is_empty() || !name.chars().all(fits) {
            faults.add(
                key,
                format!("`{name}` cannot name a {noun}; use letters, digits, `_`, `-` and `.`"),
            );
        }
    };
    for factor in &plan.factors {
        for level in &factor.levels {
            check(&level.name, "level", format!("factors.{}.{}", factor.name, level.name));
        }
    }
    for model in &plan.models {
        check(&model.name, "model", format!("models.{}", model.name));
    }
    for judge in &plan.judges {
        check(&judge.name, "judge", format!("judges.{}", judge.name));
    }
}

/// A criterion is a name in `vote` and a tag in the judge's answer.
fn check_criteria(faults: &Faults<'_>, stage: &Stage) {
    let StageKind::Judge { question: Question::Criteria { criteria, .. }, .. } = &stage.kind else {
        return;
    };
    let list = format!("{}.criteria", stage_key(stage));
    for (position, criterion) in criteria.iter().enumerate() {
        let key = format!("{}.name", item_key(&list, position));
        check_spelling(faults, &Given { name: &criterion.name, noun: "criterion", key });
    }
    check_unique(faults, &list, criteria.iter().map(|criterion| criterion.name.as_str()));
}

fn check_unique<'a>(faults: &Faults<'_>, list: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = Vec::new();
    for (position, name) in names.enumerate() {
        if seen.contains(&name) {
            let key = format!("{}.name", item_key(list, position));
            faults.add(key, format!("`{name}` is there twice; rename one"));
        }
        seen.push(name);
    }
}

/// What both templates and expressions can say.
fn is_variable(name: &str) -> bool {
    is_name(name) && !name.contains('.')
}
