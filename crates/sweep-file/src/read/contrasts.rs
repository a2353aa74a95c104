//! `[[contrasts]]`: what is compared with what. One table can say several comparisons, and each of
//! them is a contrast of its own.

use iago_expression::suggest;
use iago_sweep::{Contrast, Factor, Minus, Model};

use super::analysis::read_list;
use crate::reader::Table;
use crate::tree::Node;

/// What contrasts call the models.
pub(crate) const MODEL: &str = "model";

/// The most comparisons of one table. A family that is larger still can show nothing.
const PAIRS_MAX: usize = 1000;

/// The contrasts that a file says, each with the number of its table, from 0.
pub(crate) type Numbered = Vec<(usize, Contrast)>;

/// One of the levels of a factor, or one of the models.
struct Value<'n> {
    name: &'n str,
    /// The run that a model is a checkpoint of.
    run: Option<&'n str>,
}

pub(super) fn read_contrasts(
    top: &mut Table<'_>,
    factors: &[Factor],
    models: &[Model],
) -> Numbered {
    let read = |table: &mut Table<'_>| read_contrast(table, factors, models);
    let tables = read_list(top, "contrasts", read).into_iter().enumerate();
    tables.flat_map(|(table, said)| said.into_iter().map(move |one| (table, one))).collect()
}

fn read_contrast(table: &mut Table<'_>, factors: &[Factor], models: &[Model]) -> Vec<Contrast> {
    let said = Contrast {
        name: table.required_text("name"),
        measure: table.required_text("measure"),
        factor: table.required_text("factor"),
        from: String::new(),
        to: String::new(),
        minus: table.table("minus", |minus| Minus {
            factor: minus.required_text("factor"),
            from: minus.required_text("from"),
            to: minus.required_text("to"),
        }),
        by: table.texts("by").unwrap_or_default(),
        family: table.text("family"),
        primary: table.flag("primary").unwrap_or(false),
        post_hoc: false,
    };
    if table.any("pairs").is_none() {
        let (from, to) = (table.required_text("from"), read_to(table));
        return match to.as_slice() {
            [to] => vec![Contrast { from, to: to.clone(), ..said }],
            several => several.iter().map(|to| name_pair(&said, &from, to)).collect(),
        };
    }
    let values = list_values(table, &said.factor, factors, models).unwrap_or_default();
    let pairs = read_pairs(table, &values);
    for name in ["from", "to"] {
        if table.any(name).is_some() {
            table.fault(name, "stands beside `pairs`, which says what is compared; keep one");
        }
    }
    pairs.into_iter().map(|(from, to)| name_pair(&said, from, to)).collect()
}

fn name_pair(said: &Contrast, from: &str, to: &str) -> Contrast {
    Contrast {
        name: format!("{}: {from} → {to}", said.name),
        from: from.to_owned(),
        to: to.to_owned(),
        family: Some(said.family.clone().unwrap_or_else(|| said.name.clone())),
        ..said.clone()
    }
}

/// One level, or a list of them.
fn read_to(table: &mut Table<'_>) -> Vec<String> {
    if !matches!(table.any("to"), Some(Node::List(_))) {
        return vec![table.required_text("to")];
    }
    let levels = table.texts("to").unwrap_or_default();
    if levels.is_empty() {
        table.fault("to", "is empty; name the levels that are compared with `from`");
    }
    for (position, level) in levels.iter().enumerate() {
        if levels[..position].contains(level) {
            table.fault("to", format!("`{level}` is there twice; take one out"));
        }
    }
    levels
}

/// What a factor can be, or a model, in file order. No such factor is told here: without levels no
/// comparison is left that anything else could be told of.
fn list_values<'n>(
    table: &Table<'_>,
    factor: &str,
    factors: &'n [Factor],
    models: &'n [Model],
) -> Option<Vec<Value<'n>>> {
    if factor == MODEL {
        let value = |model: &'n Model| Value { name: &model.name, run: model.run.as_deref() };
        return Some(models.iter().map(value).collect());
    }
    let found = factors.iter().find(|candidate| candidate.name == factor);
    // One that is not said is told already.
    if found.is_none() && !factor.trim().is_empty() {
        let known: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
        let advice = suggest(factor, "factors", known.iter().copied());
        table.fault("factor", format!("there is no factor `{factor}`; {advice}"));
    }
    Some(found?.levels.iter().map(|level| Value { name: &level.name, run: None }).collect())
}

/// The pairs that `pairs` stands for.
///
/// Neighbours are those of the file: levels as they are listed, models as their tables stand, the
/// steps of a series from the first to the last. A checkpoint is compared with the next of its run and
/// never with one of another run, whose steps only happen to stand behind it. A model of no run
/// is a neighbour like any other: the base before the first step, or the next of five vendors' models.
fn read_pairs<'n>(table: &mut Table<'_>, values: &[Value<'n>]) -> Vec<(&'n str, &'n str)> {
    let Some(said) = table.text("pairs") else { return Vec::new() };
    let count = values.len();
    let pairs: Vec<_> = match said.as_str() {
        "adjacent" => {
            let neighbours = values.iter().zip(values.iter().skip(1));
            neighbours.filter(|(from, to)| !are_of_two_runs(from, to)).collect()
        }
        // Counted before they are built: a few lines can say billions.
        "all" if count * count.saturating_sub(1) / 2 <= PAIRS_MAX => {
            let later = |place: usize| values.iter().skip(place + 1);
            let each = values.iter().enumerate();
            each.flat_map(|(place, from)| later(place).map(move |to| (from, to))).collect()
        }
        "all" => {
            let message = format!("{count} levels make more than {PAIRS_MAX} pairs");
            table.fault("pairs", format!("{message}; write `pairs = \"adjacent\"`, or name some"));
            return Vec::new();
        }
        other => {
            let words = "write `adjacent` or `all`";
            table.fault("pairs", format!("`{other}` is no way to make pairs; {words}"));
            return Vec::new();
        }
    };
    report_no_pairs(table, count, pairs.len());
    pairs.into_iter().map(|(from, to)| (from.name, to.name)).collect()
}

fn are_of_two_runs(from: &Value<'_>, to: &Value<'_>) -> bool {
    matches!((from.run, to.run), (Some(from), Some(to)) if from != to)
}

fn report_no_pairs(table: &Table<'_>, count: usize, pairs: usize) {
    if count == 1 {
        table.fault("pairs", "needs two levels at least, and there is one; take the contrast out");
    } else if count > 1 && pairs == 0 {
        let advice = "put the checkpoints of a run behind each other, or name what is compared";
        table.fault("pairs", format!("finds no two neighbours of one run; {advice}"));
    }
}
