//! No text makes the reader panic, and what is sent hangs on nothing but the plan.

use std::collections::BTreeMap;

use iago_sweep::Coordinate;
use iago_sweep_file::SweepFile;
use proptest::prelude::*;

use crate::fixture::{FILE, Fixture, prompt, render};

proptest! {
    #[test]
    fn any_text_is_a_sweep_or_a_list_of_faults(text in "\\PC*|[\\[\\]={}\"'\\n.a-c0-9#,]*") {
        if let Err(errors) = SweepFile::parse("x.toml", &text) {
            prop_assert!(!errors.0.is_empty());
            prop_assert!(errors.to_string().starts_with("x.toml:"));
        }
    }

    #[test]
    fn a_damaged_sweep_is_a_sweep_or_a_list_of_faults(
        at in 0..FILE.len(), length in 0..40usize, put in "[\\[\\]={}\"'\\n.a-z0-9 |%-]{0,6}",
    ) {
        let mut fixture = Fixture::new();
        let end = (at + length).min(FILE.len());
        fixture.file.replace_range(at..end, &put);
        if let Err(errors) = fixture.compile() {
            prop_assert!(!errors.0.is_empty());
            let lines = fixture.file.lines().count() + 1;
            prop_assert!(errors.0.iter().all(|fault| (1..=lines).contains(&(fault.line as usize))));
        }
    }

    #[test]
    fn any_template_is_compiled_or_a_fault(text in "([a-z{}%|.() \\n-]|\\{\\{|%\\}|request)*") {
        let fixture = Fixture::new().text("user.md", &format!("{{{{ is_free }}}}{{{{ request }}}}{text}"));
        if let Err(errors) = fixture.compile() {
            prop_assert!(!errors.0.is_empty());
        }
    }

    #[test]
    fn a_rendered_request_is_the_request(request in "\\PC*", cell in 0..8u32) {
        let mut fixture = Fixture::new();
        fixture.prompts.push(prompt("hostile", &request));
        let plan = fixture.plan();
        let at = Coordinate { cell, prompt: 2, ..Coordinate::default() };
        let said = render(&plan, at, &[]).unwrap();
        let word = if plan.condition_of(cell).unwrap().levels["tier"] == "free" { "True" } else { "False" };
        prop_assert_eq!(&said.turns[0].text, &format!("tier {word}\n{request}"));
        prop_assert_eq!(render(&plan, at, &[]).unwrap(), said);
    }
}

#[test]
fn deep_nesting_is_a_fault_and_no_overflow() {
    let text = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(SweepFile::parse("x.toml", &text).unwrap_err().to_string().contains("not TOML"));
}

#[test]
fn a_few_lines_cannot_ask_for_billions_of_cells() {
    let levels: String = (0..60).map(|level| format!("l{level} = {{}}\n")).collect();
    let factors: String = (0..9).map(|factor| format!("[factors.f{factor}]\n{levels}")).collect();
    let error = SweepFile::parse("x.toml", &factors).unwrap_err().to_string();
    assert!(error.contains("split the sweep"), "{error}");
}

#[test]
fn control_characters_of_a_file_never_reach_the_terminal() {
    let error = SweepFile::parse("x.toml", "\"\\u001b[31m\" = 1\n").unwrap_err().to_string();
    assert!(error.contains("unknown key") && !error.contains('\u{1b}'), "{error}");
}

#[test]
fn at_most_twenty_faults_are_printed() {
    let keys: String = (0..25).map(|number| format!("unknown_{number} = 1\n")).collect();
    let fixture = Fixture::new().edit("[prompts]\n", &format!("{keys}[prompts]\n"));
    let error = SweepFile::parse("x.toml", &fixture.file).unwrap_err();
    assert_eq!(error.0.len(), 25);
    assert_eq!(error.to_string().lines().count(), 21);
    assert!(error.to_string().ends_with("\nand 5 more"));
}

#[test]
fn texts_that_nobody_asked_for_are_left_alone() {
    let fixture = Fixture::new().text("other.md", "{{ broken");
    assert_eq!(fixture.faults(), "");
    let none =
        SweepFile::parse("x.toml", FILE).unwrap().compile(&BTreeMap::new(), &fixture.prompts);
    assert_eq!(none.unwrap_err().0.len(), 4);
}
