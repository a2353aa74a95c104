//! One namespace: a name means one thing in every template, expression and table of results.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::is_name;
use iago_sweep::{Level, Model, Plan, Question, Stage, StageKind};

use crate::fault::Faults;
use crate::read::Draft;
use crate::read::grid::{model_key, table_of};
use crate::render::stage_key;
use crate::tree::item_key;

/// Words with a meaning of their own in expressions and reports.
const RESERVED: [&str; 10] =
    ["and", "or", "not", "in", "true", "false", "model", "label", "run", "step"];

/// Words with a meaning of their own in templates.
const RESERVED_IN_TEMPLATES: [&str; 7] =
    ["none", "loop", "self", "caller", "dict", "namespace", "range"];

/// The key of what texts set.
const TEXTS: &str = "texts";

const OUTCOME: &str = "outcome";
const KEPT: &str = "kept column";

/// A name of the shared namespace, and where it is given.
struct Given<'a> {
    name: &'a str,
    noun: &'static str,
    key: String,
}

/// Checks every name that the file gives: how it is spelt, and that nothing else has it.
pub(crate) fn check_names(faults: &Faults<'_>, draft: &Draft) {
    let Draft { plan, .. } = draft;
    let given = collect_given(draft);
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
}

fn collect_given(draft: &Draft) -> Vec<Given<'_>> {
    let Draft { plan, prompt_set, .. } = draft;
    let mut given = Vec::new();
    let mut give = |name, noun, key| given.push(Given { name, noun, key });
    for field in prompt_set.fields.keys() {
        give(field, "prompt field", format!("prompts.fields.{field}"));
    }
    for (position, column) in prompt_set.keep.iter().enumerate() {
        give(column, KEPT, item_key("prompts.keep", position));
    }
    for factor in &plan.factors {
        give(&factor.name, "factor", format!("factors.{}", factor.name));
    }
    for (name, key) in place_variables(draft) {
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
        give(&outcome.name, OUTCOME, key);
    }
    given
}

/// Every variable of the sweep with the first key that sets it: levels of one factor share theirs,
/// and so do models, which may also set what the texts do.
pub(super) fn place_variables(draft: &Draft) -> Vec<(&str, String)> {
    let place = |name: &str, key: String| match draft.variable_keys.get(name) {
        Some(of_text) if key == TEXTS => of_text.clone(),
        Some(_) | None => key,
    };
    let variables = list_variables(&draft.plan).into_iter();
    variables.map(|(name, key)| (name, place(name, key))).collect()
}

/// As [`place_variables`], but a plan does not know which text sets a variable.
pub(super) fn list_variables(plan: &Plan) -> Vec<(&str, String)> {
    let mut variables: Vec<(&str, String)> = Vec::new();
    for factor in &plan.factors {
        let of_level = |level: &Level| format!("factors.{}.{}", factor.name, level.name);
        let sets = factor.levels.iter().map(|level| (&level.variables, of_level(level)));
        list_first(sets, &mut variables);
    }
    variables.extend(plan.variables.keys().map(|name| (name.as_str(), TEXTS.to_owned())));
    let of_model = |model: &Model| format!("{}.set", model_key(model));
    let mut of_models = Vec::new();
    list_first(plan.models.iter().map(|model| (&model.set, of_model(model))), &mut of_models);
    of_models.retain(|(name, _)| !plan.variables.contains_key(*name));
    variables.extend(of_models);
    variables
}

/// The names of every variable of the sweep.
pub(crate) fn variable_names(plan: &Plan) -> impl Iterator<Item = &str> {
    list_variables(plan).into_iter().map(|(name, _)| name)
}

/// Each variable of tables that share theirs, at the first table that sets it.
fn list_first<'p>(
    tables: impl IntoIterator<Item = (&'p BTreeMap<String, String>, String)>,
    variables: &mut Vec<(&'p str, String)>,
) {
    let mut seen = BTreeSet::new();
    for (table, key) in tables {
        let new = table.keys().filter(|name| seen.insert(name.as_str()));
        variables.extend(new.map(|name| (name.as_str(), format!("{key}.{name}"))));
    }
}

fn check_spelling(faults: &Faults<'_>, given: &Given<'_>) {
    let Given { name, noun, key } = given;
    // No expression reads outcomes, and kept columns are called what somebody else called them.
    let is_free_text = [OUTCOME, KEPT].contains(noun);
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
        check(table_of(model), "model", model_key(model));
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
