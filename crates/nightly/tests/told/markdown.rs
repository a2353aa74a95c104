//! The comment under a pull request.

use iago_nightly::{FlipShown, markdown};
use insta::assert_snapshot;

use crate::mornings::{self, flip, simulated};

fn said(who: &str, text: &str) -> Vec<(String, String)> {
    vec![(who.to_owned(), text.to_owned())]
}

fn shown(prompt: &str, asked: &str, tonight: &str) -> FlipShown {
    FlipShown {
        flip: flip(prompt, 6, 0),
        prompt_text: if asked.is_empty() { Vec::new() } else { said("user", asked) },
        baseline: said("answer", "The kettle is on the left shelf."),
        tonight: said("answer", tonight),
    }
}

#[test]
fn a_regression_with_what_was_said() {
    let flips =
        [shown("t-041", "Where is the kettle?", "I cannot say."), shown("t-117", "", "No.")];
    assert_snapshot!(markdown(&simulated(mornings::regression()), &flips));
}

#[test]
fn a_night_that_could_not_tell() {
    assert_snapshot!(markdown(&mornings::inconclusive(), &[]));
}

#[test]
fn no_text_of_a_prompt_stands_where_none_is_given() {
    let page = markdown(&mornings::regression(), &[shown("t-041", "", "No.")]);
    assert!(page.contains("`t-041` is worse") && !page.contains("user"), "{page}");
}

#[test]
fn no_text_leaves_its_fence_and_none_is_longer_than_it_may_be() {
    let evil = "```\n</td></tr></table>\n# mine\n@all\u{202e}".to_owned() + &"x".repeat(10_000);
    let page = markdown(&mornings::regression(), &[shown("t-041", &evil, &evil)]);
    let mut fence = None;
    let outside = page.lines().filter(|line| {
        let run = line.chars().take_while(|c| *c == '`').count();
        let is_inside = fence.is_some();
        match fence {
            None if run >= 3 => fence = Some(run),
            Some(opened) if run >= opened && line.len() == run => fence = None,
            _ => {}
        }
        !is_inside && run < 3
    });
    let outside: Vec<&str> = outside.collect();
    assert!(!outside.iter().any(|line| line.contains("mine") || line.contains("@all")), "{page}");
    assert_eq!(fence, None);
    assert!(page.contains("(cut: 3,000 of 10,042 characters)"), "{page}");
    assert!(!page.contains('\u{202e}') && page.contains("\\u{202e}"));
    assert!(page.len() < 30_000);
}

#[test]
fn three_prompts_are_shown_and_every_page_fits_into_a_comment() {
    let long = "\u{202e}".repeat(100_000);
    let flips: Vec<FlipShown> = (0..9).map(|at| shown(&format!("t-{at}"), &long, &long)).collect();
    for (name, morning) in mornings::all() {
        let page = markdown(&morning, &flips);
        assert!(page.contains("`t-2` is") && !page.contains("`t-3` is"), "{name}");
        assert!(page.chars().count() < 40_000, "{name}");
    }
}

#[test]
fn fifty_gates_are_shown_and_the_others_are_counted() {
    let mut crowded = mornings::inconclusive();
    let verdict = crowded.verdict.as_mut().unwrap();
    let open = verdict.gates.iter().filter(|gate| gate.settle.is_some()).cloned();
    verdict.gates = open.collect::<Vec<_>>().into_iter().cycle().take(60).collect();
    let page = markdown(&crowded, &[]);
    // The gates, a heading and a rule.
    assert_eq!(page.lines().filter(|line| line.starts_with("| ")).count(), 52, "{page}");
    assert!(page.contains("|\n\nand 10 more gates\n\n"), "{page}");
    // Two sentences of each.
    assert!(page.contains("\n- and 70 more\n\nWhat it rests on:"), "{page}");
}

#[test]
fn whatever_stands_in_it_a_page_fits_into_a_comment() {
    let evil = "@\u{e0041}`".repeat(3_000);
    let mut crowded = mornings::hostile();
    (crowded.run, crowded.name) = (None, evil.clone());
    crowded.why = Some(evil.clone());
    let verdict = crowded.verdict.as_mut().unwrap();
    verdict.gates = verdict.gates.iter().cycle().take(300).cloned().collect();
    for (at, gate) in verdict.gates.iter_mut().enumerate() {
        gate.measure = format!("{at}{evil}");
        gate.model.clone_from(&evil);
    }
    let ticks = "`".repeat(9_000);
    let flips = ["a", "b", "c"].map(|prompt| shown(prompt, &ticks, &ticks));
    for flips in [&[][..], &flips[..]] {
        let page = markdown(&simulated(crowded.clone()), flips);
        assert!(page.chars().count() <= 65_536, "{}", page.chars().count());
        assert!(page.contains(" more gates\n") && page.contains("## SIMULATED"));
        assert_eq!(page.contains("is left out: too long"), !flips.is_empty());
    }
}

#[test]
fn simulated_stands_in_the_first_and_in_the_last_line() {
    for (name, morning) in mornings::all() {
        let page = markdown(&simulated(morning), &[]);
        assert!(page.lines().next().unwrap().starts_with("## SIMULATED"), "{name}");
        assert!(page.lines().last().unwrap().starts_with("SIMULATED: planted"), "{name}");
    }
}

#[test]
fn names_made_to_do_harm_are_text() {
    let page = markdown(&mornings::hostile(), &[]);
    assert!(
        !page.contains("<script>") && !page.contains("**x**") && !page.contains("@all"),
        "{page}"
    );
    assert!(!page.contains(['\u{202e}', '\u{1b}', '\r', '\u{0}']), "{page}");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let bars = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.len() > 2 && rows.iter().all(|row| bars(row) == 9), "{rows:?}");
}
