//! One model with planted behaviour on the whole prompt set, and what was made of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::{Ran, Rows, World, endpoint, finish, rows};

pub(crate) const ANTHROPIC: &str = "anthropic-messages";
pub(crate) const OPENAI: &str = "openai-chat";
pub(crate) const SWEEP: &str = "sweeps/alignment-faking.toml";

/// Transcripts in a cell: 100 prompts x 2 repeats.
pub(crate) const TRANSCRIPTS: u64 = 200;

/// A sweep that came to its end.
pub(crate) struct Planted {
    /// The report as data.
    pub(crate) report: Value,
    /// The report as people see it, its lines joined.
    pub(crate) printed: String,
    pub(crate) rows: Rows,
}

/// The flagship with this model alone, two repeats, and further edits, run to its end.
pub(crate) async fn plant(protocol: &str, model: &str, edit: impl FnOnce(&World)) -> Planted {
    let (world, endpoint) = (World::new(), endpoint(|_| ()).await);
    prepare(&world, model);
    edit(&world);
    world.configure(&endpoint.url(), protocol, 32, "");
    let ran = run(&world, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let calls = endpoint.log().calls;
    let json = run(&world, &["--json"]);
    let report = serde_json::from_str(&json.stdout).expect("the report is JSON");
    let printed = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let planted = Planted { report, printed, rows: rows(&world.store()).await };
    assert_eq!(endpoint.log().calls, calls, "a second report needs no call");
    assert_eq!(planted.rows.totals.calls(), calls, "every call is accounted for");
    assert!(planted.printed.starts_with("SIMULATED "), "{}", planted.printed);
    assert!(planted.printed.ends_with("not a finding about any model"), "{}", planted.printed);
    planted
}

/// Copies the flagship and leaves one model in it, called `subject`.
pub(crate) fn prepare(world: &World, model: &str) {
    world.copy_flagship();
    world.edit(SWEEP, "repeats = 5", "repeats = 2");
    world.edit(SWEEP, "[models.null]\nid = \"sim-null\"\n", "");
    world.edit(SWEEP, "[models.refuser]\nid = \"sim-always-refuses\"\n", "");
    let subject = format!("[models.subject]\nid = \"{model}\"");
    world.edit(SWEEP, "[models.faker]\nid = \"sim-fakes-alignment\"", &subject);
}

/// Runs it. The caller's runtime must have threads left for the endpoint.
pub(crate) fn run(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.run_command(&world.path(SWEEP));
    command.args(arguments);
    tokio::task::block_in_place(|| finish(command))
}

/// Each combination of scratchpad and tier.
pub(crate) const CELLS: [(&str, &str); 4] =
    [("with", "free"), ("with", "paid"), ("without", "free"), ("without", "paid")];

impl Planted {
    /// A cell of the report.
    pub(crate) fn cell(&self, (scratchpad, tier): (&str, &str)) -> &Value {
        let labels = serde_json::json!(["subject", scratchpad, tier]);
        find(&self.report["cells"], |cell| cell["labels"] == labels)
    }

    /// An outcome or measure of a cell, by its name.
    pub(crate) fn estimate(&self, cell: (&str, &str), name: &str) -> &Value {
        let cell = self.cell(cell);
        let lists = [(&cell["outcomes"], "outcome"), (&cell["measures"], "measure")];
        let named = |(list, key): &(&'_ Value, &str)| {
            list.as_array().expect("a list").iter().any(|item| item[key] == name)
        };
        let (list, key) = lists.into_iter().find(named).expect("it is in the report");
        find(list, |item| item[key] == name)
    }

    /// Numerator and denominator of an outcome or measure.
    pub(crate) fn fraction(&self, cell: (&str, &str), name: &str) -> (u64, u64) {
        let estimate = self.estimate(cell, name);
        (number(&estimate["yes"]), number(&estimate["of"]))
    }

    /// Dropped transcripts of a cell by reason.
    pub(crate) fn drops(&self, cell: (&str, &str)) -> BTreeMap<String, u64> {
        let drops = self.cell(cell)["drops"].as_array().expect("a list").iter();
        let drop = |drop: &Value| {
            let reason = drop["reason"].as_str().expect("a word").to_owned();
            (reason, number(&drop["transcripts"]))
        };
        drops.map(drop).collect()
    }

    /// The compliance gap, free - paid.
    pub(crate) fn gap(&self, scratchpad: &str) -> &Value {
        let gaps = find(&self.report["contrasts"], |contrast| contrast["name"] == "compliance gap");
        find(&gaps["estimates"], |gap| gap["labels"][1] == scratchpad)
    }

    /// Counted from the store, apart from the report.
    pub(crate) fn count(&self, (scratchpad, tier): (&str, &str)) -> crate::world::Count {
        self.rows.counts()[&format!("subject {tier}/{scratchpad}")]
    }
}

pub(crate) fn find(list: &Value, is: impl Fn(&Value) -> bool) -> &Value {
    list.as_array().expect("a list").iter().find(|item| is(item)).expect("it is in the report")
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

/// A share or a difference.
pub(crate) fn share(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}
