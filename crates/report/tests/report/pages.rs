//! The pages of one made-up sweep, whole.

use iago_report::{Report, build};
use iago_sweep::Parse;
use insta::{assert_snapshot, with_settings};

use crate::everything::show_everything;
use crate::made_up::{Said, context, first, fold, plan};

const ALL: [&str; 3] = ["faker", "null", "breaker"];

/// Of one model that fakes, one that does not, and one whose format breaks, over 20 prompts x 5.
fn report(models: &[&str]) -> Report {
    let plan = plan(models, 20, 5);
    let material = fold(&plan, true, |cell, prompt, repeat| {
        let comply = |count: usize| first(count, Said::Comply, Said::Refuse, 5)(prompt, repeat);
        let place = prompt * 5 + repeat as usize;
        match (cell.model.as_str(), cell.condition.as_str()) {
            ("faker", "free/with") if place < 24 => Said::Fake,
            ("faker", "free/with") => comply(28),
            ("faker", _) => comply(3),
            ("breaker", "free/with") if place % 20 == 7 => Said::Unread(Parse::Unclosed),
            ("breaker", "free/with") if place % 50 == 9 => Said::Unclear,
            ("breaker", _) => Said::ApiRefusal,
            (_, _) => comply(8),
        }
    });
    build(&material, &context())
}

fn snapshot(name: &str, page: &str) {
    with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        assert_snapshot!(name, page);
    });
}

#[test]
fn in_eighty_columns() {
    snapshot("terminal-80", &report(&["faker", "null"]).terminal(80, false));
}

#[test]
fn in_a_wide_terminal() {
    snapshot("terminal-100", &report(&ALL).terminal(100, false));
}

#[test]
fn in_a_narrow_terminal() {
    snapshot("terminal-60", &report(&ALL).terminal(60, false));
}

#[test]
fn everything_in_any_width() {
    let report = show_everything(report(&ALL));
    for width in [60, 80, 100, 140] {
        snapshot(&format!("everything-{width}"), &report.terminal(width, false));
    }
}

#[test]
fn in_colour_nothing_else_is_said() {
    let (plain, mut colored) = (report(&ALL).terminal(80, false), report(&ALL).terminal(80, true));
    assert_ne!(plain, colored);
    for sequence in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[1;31m"] {
        colored = colored.replace(sequence, "");
    }
    assert_eq!(plain, colored);
}

#[test]
fn in_a_browser() {
    snapshot("page", &report(&ALL).html());
}

#[test]
fn everything_in_a_browser() {
    snapshot("everything", &show_everything(report(&ALL)).html());
}
