//! `[[gates]]` and `[gating]`: what measures are held to, against a baseline.

use iago_sweep::{Better, Gate, Gating, Margin, MissingAs, Spend, Tier, TopUp};

use super::analysis::read_list;
use crate::reader::{Form, NUMBER, Table, WHOLE};
use crate::tree::Node;

/// The two-sided level where a file says none.
const ALPHA: f64 = 0.05;

/// Beyond a half, an interval is no claim.
const ALPHA_MAX: f64 = 0.5;

/// No measure has a unit in which this much worse would still pass.
const MARGIN_MAX: f64 = 1e12;

/// What a gate without any margin would come to.
const NOTHING_WORSE: &str =
    "so even what is as good as the baseline would not pass; say how much worse still does";

/// More repeats, or more looks, than any night has hours for.
const REPEATS_MAX: i128 = 1000;
const LOOKS_MAX: i128 = 10;

pub(super) fn read_gates(top: &mut Table<'_>) -> Vec<Gate> {
    let gates = read_list(top, "gates", |table| {
        let measure = table.required_text("measure");
        let better = table.required_word("better", "direction", Better::ALL);
        let margin = read_margin(table);
        let tier = table.required_word("tier", "tier of gates", Tier::ALL);
        Some(Gate { measure, better: better?, margin: margin?, tier: tier? })
    });
    gates.into_iter().flatten().collect()
}

pub(super) fn read_gating(top: &mut Table<'_>) -> Option<Gating> {
    let gating = top.table("gating", |table| Gating {
        alpha: read_alpha(table),
        missing: table
            .known_word("missing", "way to count what is missing", MissingAs::ALL)
            .unwrap_or(MissingAs::WorstCase),
        max_missing: table.number("max_missing", 0.0..=1.0),
        top_up: table.table("top_up", read_top_up).flatten(),
        rejudge_baseline: table.flag("rejudge_baseline").unwrap_or(false),
    });
    if top.has("gating") && !top.has("gates") {
        top.fault("gating", "says how gates are judged, and there are none; add [[gates]]");
    }
    gating
}

fn read_margin(table: &mut Table<'_>) -> Option<Margin> {
    let range = 0.0..=MARGIN_MAX;
    match table.any("margin") {
        None => {
            let example = "0.05` or `margin = { relative = 0.2 }";
            table.report_missing("margin", Form { noun: "a number or a share", example });
            None
        }
        Some(Node::Table(_)) => {
            let read = |table: &mut Table<'_>| {
                if !table.has("relative") {
                    table.report_missing("relative", NUMBER);
                }
                let share = table.number("relative", range.clone());
                if share == Some(0.0) {
                    table.fault(
                        "relative",
                        format!("is 0, {NOTHING_WORSE}, as in `relative = 0.2`"),
                    );
                }
                share
            };
            table.table("margin", read).flatten().map(Margin::Relative)
        }
        Some(_) => table.number("margin", range).map(Margin::Absolute),
    }
}

fn read_alpha(table: &mut Table<'_>) -> f64 {
    let alpha = table.number("alpha", 0.0..=ALPHA_MAX);
    if alpha == Some(0.0) {
        table.fault("alpha", "is 0, at which nothing can be told; the usual level is 0.05");
    }
    alpha.unwrap_or(ALPHA)
}

fn read_top_up(table: &mut Table<'_>) -> Option<TopUp> {
    for name in ["repeats", "looks"] {
        if !table.has(name) {
            table.report_missing(name, WHOLE);
        }
    }
    let repeats = table.whole("repeats", 1..=REPEATS_MAX);
    let looks = table.whole("looks", 2..=LOOKS_MAX);
    let spend = table.required_word("spend", "way to spend the error", Spend::ALL);
    Some(TopUp { repeats: repeats?, looks: looks?, spend: spend? })
}
