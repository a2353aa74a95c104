//! `[models.*]`, the `[defaults]` that they take, and `[judges.*]`, which never take any.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::suggest;
use iago_sweep::{JobId, Model, Parameters};

use super::grid::{Exclude, model_key, read_excludes, table_of};
use super::parameters::{Said, contradictions, read_said_of_model};
use crate::fault::Faults;
use crate::reader::{Entry, Form, LIST, Pass, TABLE, TEXT, Table, WHOLE};
use crate::tree::join_key;

/// What a series' id says where the step goes.
const STEP: &str = "step";

/// What a table of a model, a judge or the defaults can say.
#[derive(Default)]
struct Settings {
    endpoint: Option<String>,
    said: Said,
}

impl Settings {
    /// What stands for defaults that cannot be read: that is told once, and nothing as missing.
    fn told() -> Self {
        Self { endpoint: Some(String::new()), said: Said::told() }
    }
}

/// The models under test, the judges, and which conditions the models leave out.
pub(super) fn read_models(top: &mut Table<'_>) -> (Vec<Model>, Vec<Model>, Vec<Exclude>) {
    let (models, judges) = (top.entries("models"), top.entries("judges"));
    if models.is_empty() {
        top.report_missing("models", Form { example: "{ my-model = { … } }", ..TABLE });
    }
    let read_defaults = |table: &mut Table<'_>| {
        report_idle_defaults(table, &models);
        read_settings(table)
    };
    let defaults = top.table("defaults", read_defaults);
    let unreadable = if top.has("defaults") { Settings::told() } else { Settings::default() };
    let defaults = defaults.unwrap_or(unreadable);
    let pass = top.pass;
    let mut excludes = Vec::new();
    let read = |entry: &Entry<'_>| read_subjects(pass, entry, &defaults, &mut excludes);
    let models: Vec<Model> = models.iter().flat_map(read).collect();
    check_parents(&pass.faults, &models);
    let none = Settings::default();
    let read = |entry: &Entry<'_>| {
        pass.read_table(&entry.key, entry.item, |table| read_model(table, entry.name, &none))
    };
    (models, judges.iter().filter_map(read).collect(), excludes)
}

/// The models of one table: itself, or one for each of its steps.
fn read_subjects<'a>(
    pass: &'a Pass<'a>,
    entry: &Entry<'a>,
    defaults: &Settings,
    excludes: &mut Vec<Exclude>,
) -> Vec<Model> {
    if entry.name.contains('@') {
        let message =
            "`@` stands between a series and its step; write `steps` in the series' table";
        pass.faults.add(&*entry.key, message);
    }
    let read = |table: &mut Table<'a>| {
        let model = Model {
            run: table.text("run"),
            step: table.whole(STEP, 0..=i128::from(i64::MAX)),
            parent: table.text("parent"),
            set: read_set(table),
            ..read_model(table, entry.name, defaults)
        };
        let models = expand(table, model);
        let names: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
        excludes.extend(read_excludes(table, Some(&names)));
        models
    };
    pass.read_table(&entry.key, entry.item, read).unwrap_or_default()
}

fn read_model(table: &mut Table<'_>, name: &str, defaults: &Settings) -> Model {
    let id = table.required_text("id");
    let own = read_settings(table);
    let endpoint = own.endpoint.or_else(|| defaults.endpoint.clone());
    let said = own.said.or(&defaults.said);
    if endpoint.is_none() {
        table.report_missing("endpoint", TEXT);
    }
    if said.max_output_tokens.is_none() {
        table.report_missing("max_output_tokens", WHOLE);
    }
    let parameters =
        said.change(&Parameters { max_output_tokens: u32::MAX, ..Parameters::default() });
    for (key, message) in contradictions(&parameters) {
        if table.has(key) {
            table.fault(key, message);
        } else {
            // Only the defaults are left to say it.
            let key = join_key("defaults", key);
            table.pass.faults.add(key, format!("for model `{name}`, {message}"));
        }
    }
    Model {
        name: name.to_owned(),
        endpoint: endpoint.unwrap_or_default(),
        id,
        parameters,
        expect: table.text("expect"),
        ..Model::default()
    }
}

fn read_set(table: &mut Table<'_>) -> BTreeMap<String, String> {
    let pass = table.pass;
    let set = table.entries("set");
    set.iter().map(|entry| (entry.name.to_owned(), pass.read_text(entry))).collect()
}

fn read_settings(table: &mut Table<'_>) -> Settings {
    let endpoint = table.text("endpoint");
    Settings {
        // What is there and faulty is told once, and not as missing too.
        endpoint: endpoint.or(table.has("endpoint").then(String::new)),
        said: read_said_of_model(table),
    }
}

/// The model as it stands or, where it has `steps`, one for each step of the run.
fn expand(table: &mut Table<'_>, model: Model) -> Vec<Model> {
    let is_series = table.has("steps");
    let steps = read_steps(table);
    if (is_series || table.has(STEP)) && !table.has("run") {
        let noun = "the training run that the steps are of";
        table.report_missing("run", Form { noun, ..TEXT });
    }
    if is_series && table.has(STEP) {
        table.fault(STEP, "stands beside `steps`; keep one of the two");
    }
    match (is_series, fill_in(&model.id, 0).is_some()) {
        (true, false) if table.has("id") => {
            let advice = "write `{{ step }}` in it";
            table.fault(
                "id",
                format!("is the same at every step, so all would be one model; {advice}"),
            );
        }
        (false, true) => table.fault("id", "has `{{ step }}`, which `steps` fill in; add them"),
        (true, _) | (false, false) => {}
    }
    if !is_series {
        return vec![model];
    }
    let at_step = |step: u64| Model {
        name: format!("{}@{step}", model.name),
        id: fill_in(&model.id, step).unwrap_or_default(),
        expect: model.expect.as_ref().map(|id| fill_in(id, step).unwrap_or_else(|| id.clone())),
        step: Some(step),
        ..model.clone()
    };
    steps.into_iter().map(at_step).collect()
}

/// The steps from the first to the last, however they are written: what compares neighbours, and what is
/// drawn along the run, goes the way that training went.
fn read_steps(table: &mut Table<'_>) -> BTreeSet<u64> {
    let items = table.items("steps", LIST);
    if table.has("steps") && items.is_empty() {
        table.fault("steps", "has no steps; give at least one, as in `steps = [100, 200]`");
    }
    if items.len() > JobId::CELLS_MAX as usize {
        let message = format!("are {}, and {} is the limit", items.len(), JobId::CELLS_MAX);
        table.fault("steps", message);
        return BTreeSet::new();
    }
    let mut steps = BTreeSet::new();
    for item in &items {
        let Some(said) = item.item.node.as_whole() else {
            table.pass.report_form(&item.key, &item.item.node, WHOLE);
            continue;
        };
        let step = u64::try_from(said).ok().filter(|step| *step <= i64::MAX.unsigned_abs());
        match step {
            None => table.pass.faults.add(&*item.key, "is no step; count from 0"),
            Some(step) if steps.insert(step) => {}
            Some(step) => {
                let message = format!("{step} is there twice; take one out");
                table.pass.faults.add(&*item.key, message);
            }
        }
    }
    steps
}

/// A text with the step in every place of `{{ step }}`; `None` where it has no such place.
fn fill_in(text: &str, step: u64) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    let mut is_filled = false;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, behind)) = after.split_once("}}") else { break };
        filled.push_str(before);
        if inside.trim() == STEP {
            is_filled = true;
            filled.push_str(&step.to_string());
        } else {
            filled.extend(["{{", inside, "}}"]);
        }
        rest = behind;
    }
    filled.push_str(rest);
    is_filled.then_some(filled)
}

/// A run starts from a model of the sweep, and never from itself.
fn check_parents(faults: &Faults<'_>, models: &[Model]) {
    let by_name: BTreeMap<&str, &Model> =
        models.iter().map(|model| (model.name.as_str(), model)).collect();
    for model in models {
        let Some(parent) = &model.parent else { continue };
        let key = format!("{}.parent", model_key(model));
        if !by_name.contains_key(parent.as_str()) {
            faults.add(key, explain_unknown_parent(parent, models));
            continue;
        }
        let next = |name: &&String| by_name.get(name.as_str())?.parent.as_ref();
        let ancestors = std::iter::successors(Some(parent), next);
        if ancestors.take(models.len()).any(|name| *name == model.name) {
            let message = format!("makes `{}` start from itself; name another model", model.name);
            faults.add(key, message);
        }
    }
}

fn explain_unknown_parent(parent: &str, models: &[Model]) -> String {
    let of_series = models.iter().find(|model| table_of(model) == parent);
    let advice = match of_series {
        Some(model) => format!("it is a series: name one of its models, such as `{}`", model.name),
        None => suggest(parent, "models", models.iter().map(|model| model.name.as_str())),
    };
    format!("there is no model `{parent}`; {advice}")
}

/// A default that every model overrides says something that is never true.
fn report_idle_defaults(defaults: &Table<'_>, models: &[Entry<'_>]) {
    if models.is_empty() {
        return;
    }
    for name in ["endpoint", "cache_prefix"].into_iter().chain(Said::KEYS) {
        let overridden = models.iter().all(|model| model.item.get(name).is_some());
        if defaults.has(name) && overridden {
            defaults.fault(name, "no model takes it, because each has its own; take it out");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_goes_wherever_the_id_says() {
        assert_eq!(fill_in("a-{{ step }}/{{step}}", 50).unwrap(), "a-50/50");
        assert_eq!(fill_in("{{ x }}-{{ step }}-{{", 5).unwrap(), "{{ x }}-5-{{");
        assert_eq!(fill_in("a-{{ steps }}", 50), None);
    }
}
