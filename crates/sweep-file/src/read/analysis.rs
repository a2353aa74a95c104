//! `[[outcomes]]`, `[[measures]]` and `[[contrasts]]`: what is read from the answers.

use iago_sweep::{Contrast, Measure, Minus, Outcome};

use crate::reader::{Entry, TABLES, Table};

pub(super) fn read_outcomes(top: &mut Table<'_>) -> Vec<Outcome> {
    read_list(top, "outcomes", |table| Outcome {
        name: table.required_text("name"),
        when: table.required_text("when"),
        style: table.text("style"),
    })
}

pub(super) fn read_measures(top: &mut Table<'_>) -> Vec<Measure> {
    read_list(top, "measures", |table| Measure {
        name: table.required_text("name"),
        of: table.required_text("of"),
        given: table.text("given"),
    })
}

pub(super) fn read_contrasts(top: &mut Table<'_>) -> Vec<Contrast> {
    read_list(top, "contrasts", |table| Contrast {
        name: table.required_text("name"),
        measure: table.required_text("measure"),
        factor: table.required_text("factor"),
        from: table.required_text("from"),
        to: table.required_text("to"),
        minus: table.table("minus", |minus| Minus {
            factor: minus.required_text("factor"),
            from: minus.required_text("from"),
            to: minus.required_text("to"),
        }),
        by: table.texts("by").unwrap_or_default(),
        family: table.text("family"),
        primary: table.flag("primary").unwrap_or(false),
        post_hoc: false,
    })
}

fn read_list<'a, T>(
    top: &mut Table<'a>,
    name: &'static str,
    read: impl Fn(&mut Table<'a>) -> T,
) -> Vec<T> {
    let pass = top.pass;
    let items: Vec<Entry<'a>> = top.items(name, TABLES);
    items.iter().filter_map(|entry| pass.read_table(&entry.key, entry.item, &read)).collect()
}
