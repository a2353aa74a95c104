//! `[models.*]`, the `[defaults]` that they take, and `[judges.*]`, which never take any.

use iago_sweep::{Model, Parameters};

use crate::reader::{Entry, Form, Pass, TABLE, TEXT, Table, WHOLE};

/// Vendors differ in the upper end (1 or 2); none goes beyond this.
const TEMPERATURE_MAX: f64 = 2.0;

/// What a table of a model, a judge or the defaults can say.
#[derive(Default)]
struct Settings {
    endpoint: Option<String>,
    max_output_tokens: Option<u32>,
    temperature: Option<f64>,
    cache_prefix: Option<bool>,
}

/// The models under test, and the judges.
pub(super) fn read_models(top: &mut Table<'_>) -> (Vec<Model>, Vec<Model>) {
    let (models, judges) = (top.entries("models"), top.entries("judges"));
    if models.is_empty() {
        top.report_missing("models", Form { example: "{ my-model = { … } }", ..TABLE });
    }
    let read_defaults = |table: &mut Table<'_>| {
        report_idle_defaults(table, &models);
        read_settings(table)
    };
    let defaults = top.table("defaults", read_defaults).unwrap_or_default();
    let none = Settings::default();
    let pass = top.pass;
    let read = |entries: Vec<Entry<'_>>, defaults: &Settings| {
        entries.into_iter().filter_map(|entry| read_model(pass, &entry, defaults)).collect()
    };
    (read(models, &defaults), read(judges, &none))
}

fn read_model<'a>(pass: &'a Pass<'a>, entry: &Entry<'a>, defaults: &Settings) -> Option<Model> {
    pass.read_table(&entry.key, entry.item, |table| {
        let id = table.required_text("id");
        let own = read_settings(table);
        let endpoint = own.endpoint.or_else(|| defaults.endpoint.clone());
        let max_output_tokens = own.max_output_tokens.or(defaults.max_output_tokens);
        if endpoint.is_none() {
            table.report_missing("endpoint", TEXT);
        }
        if max_output_tokens.is_none() {
            table.report_missing("max_output_tokens", WHOLE);
        }
        Model {
            name: entry.name.to_owned(),
            endpoint: endpoint.unwrap_or_default(),
            id,
            parameters: Parameters {
                max_output_tokens: max_output_tokens.unwrap_or(1),
                temperature: own.temperature.or(defaults.temperature),
                cache_prefix: own.cache_prefix.or(defaults.cache_prefix).unwrap_or(false),
            },
        }
    })
}

fn read_settings(table: &mut Table<'_>) -> Settings {
    let endpoint = table.text("endpoint");
    let max_output_tokens = table.whole("max_output_tokens", 1..=i128::from(u32::MAX));
    Settings {
        // What is there and faulty is told once, and not as missing too.
        endpoint: endpoint.or(table.has("endpoint").then(String::new)),
        max_output_tokens: max_output_tokens.or(table.has("max_output_tokens").then_some(1)),
        temperature: table.number("temperature", 0.0..=TEMPERATURE_MAX),
        cache_prefix: table.flag("cache_prefix"),
    }
}

/// A default that every model overrides says something that is never true.
fn report_idle_defaults(defaults: &Table<'_>, models: &[Entry<'_>]) {
    for name in ["endpoint", "max_output_tokens", "temperature", "cache_prefix"] {
        let overridden = models.iter().all(|model| model.item.get(name).is_some());
        if defaults.has(name) && overridden {
            defaults.fault(name, "no model takes it, because each has its own; take it out");
        }
    }
}
