//! `[[outcomes]]`, `[[measures]]` and `[[figures]]`: what is read from the answers, and drawn.

use iago_sweep::{Counts, Figure, FigureKind, Measure, Outcome};

use crate::reader::{Entry, TABLES, Table};

/// What can stand along the horizontal axis of an area.
const STEP: &str = "step";

pub(super) fn read_outcomes(top: &mut Table<'_>) -> Vec<Outcome> {
    read_list(top, "outcomes", |table| Outcome {
        name: table.required_text("name"),
        when: table.required_text("when"),
        style: table.text("style"),
    })
}

pub(super) fn read_measures(top: &mut Table<'_>) -> Vec<Measure> {
    read_list(top, "measures", |table| {
        let name = table.required_text("name");
        let counts = read_counts(table);
        if table.has("zero_unless") && !table.has("value") {
            table.fault(
                "zero_unless",
                "counts a transcript as 0 in a mean, and this is a rate; use `given`, or `value`",
            );
        }
        Measure {
            name,
            counts,
            given: table.text("given"),
            within: table.text("where"),
            zero_unless: table.text("zero_unless"),
        }
    })
}

fn read_counts(table: &mut Table<'_>) -> Counts {
    let (of, value) = (table.text("of"), table.text("value"));
    if table.has("of") && table.has("value") {
        table.fault("value", "stands beside `of`; `of` makes a rate, `value` a mean: keep one");
    } else if !table.has("of") && !table.has("value") {
        table.fault(
            "of",
            "is missing; `of = \"…\"` says what is counted, `value = \"…\"` which number is averaged",
        );
    }
    match (of, value) {
        (None, Some(value)) => Counts::Mean(value),
        (of, _) => Counts::Rate(of.unwrap_or_default()),
    }
}

pub(super) fn read_figures(top: &mut Table<'_>) -> Vec<Figure> {
    let figures = read_list(top, "figures", |table| {
        let kind = table.required_word("kind", "kind of figure", FigureKind::ALL);
        let (x, run, panels) = (table.text("x"), table.text("run"), table.text("panels"));
        let bands = table.texts("bands").unwrap_or_default();
        let figure = Figure { kind: kind?, x, run, panels, bands };
        check_axis(table, &figure);
        Some(figure)
    });
    figures.into_iter().flatten().collect()
}

fn check_axis(table: &Table<'_>, figure: &Figure) {
    match (figure.kind, figure.x.as_deref()) {
        (FigureKind::Area, None) => {
            table.fault("x", format!("is missing; areas are drawn over `x = \"{STEP}\"`"));
        }
        (FigureKind::Area, Some(STEP)) | (FigureKind::Bar, None) => {}
        (FigureKind::Area, Some(x)) => {
            table.fault("x", format!("areas are not drawn over `{x}`; write `x = \"{STEP}\"`"));
        }
        (FigureKind::Bar, Some(_)) => {
            table.fault("x", "bars stand beside each other, one for each cell; take it out");
        }
    }
}

pub(super) fn read_list<'a, T>(
    top: &mut Table<'a>,
    name: &'static str,
    read: impl Fn(&mut Table<'a>) -> T,
) -> Vec<T> {
    let pass = top.pass;
    let items: Vec<Entry<'a>> = top.items(name, TABLES);
    items.iter().filter_map(|entry| pass.read_table(&entry.key, entry.item, &read)).collect()
}
