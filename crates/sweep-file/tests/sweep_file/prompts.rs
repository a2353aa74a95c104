//! Which rows of a set become prompts.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Generalise, Plan, Relation, relation};
use iago_sweep_file::{Duplicates, PromptColumns, SweepFile, warnings};
use proptest::prelude::*;

use crate::fixture::{Fixture, prompt};

const PROMPTS: &str = "path = \"prompts.jsonl\"\nid = \"id\"\nfields = { request = \"text\" }\n";

/// The fixture with more said of its prompts, and this many of them, every second one `harsh`.
fn set(more: &str, count: usize) -> Fixture {
    let mut fixture = Fixture::new().edit(PROMPTS, &format!("{PROMPTS}{more}"));
    fixture.prompts =
        (0..count).map(|number| prompt(&format!("p{number}"), &format!("Ask {number}."))).collect();
    for row in fixture.prompts.iter_mut().skip(1).step_by(2) {
        row.columns.insert("category".to_owned(), "harsh".to_owned());
    }
    fixture
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.prompts.iter().map(|prompt| prompt.id.as_str()).collect()
}

#[test]
fn rows_are_chosen_by_their_columns() {
    let plan = set("where = \"category == 'harsh' and id != 'p3'\"\n", 6).plan();
    assert_eq!(ids(&plan), ["p1", "p5"]);
}

#[test]
fn a_row_that_does_not_say_is_a_fault_and_never_left_out() {
    let mut fixture = set("where = \"category == 'harsh'\"\n", 3);
    fixture.prompts[2].columns.remove("category");
    assert_eq!(
        fixture.faults(),
        "10: prompts.where: cannot be decided for the prompt `p2`, which has no column `category`; give it one"
    );
}

#[test]
fn columns_that_are_kept_are_notes_and_never_sent() {
    let plan = set("keep = [\"category\"]\n", 2).plan();
    let note = |word: &str| BTreeMap::from([("category".to_owned(), word.to_owned())]);
    assert_eq!((&plan.prompts[0].notes, &plan.prompts[1].notes), (&note("mild"), &note("harsh")));
    assert!(!plan.prompts[0].fields.contains_key("category"));
}

#[test]
fn a_pilot_is_the_first_of_what_is_chosen() {
    let fixture = set("where = \"category == 'harsh'\"\nsubset = { n = 3, seed = 1 }\n", 10);
    let file = SweepFile::parse("x.toml", &fixture.file).unwrap();
    let all = fixture.plan();
    assert_eq!(all.prompts.len(), 3);
    let pilot = file.compile_pilot(&fixture.texts, &fixture.prompts, Some(2)).unwrap();
    assert_eq!(ids(&pilot), ids(&all)[..2]);
    let all_of_it = file.compile_pilot(&fixture.texts, &fixture.prompts, Some(99)).unwrap();
    assert_eq!(all_of_it, all);
}

#[test]
fn a_capped_cell_of_a_pilot_asks_what_it_asks_in_the_whole_and_nothing_else() {
    let capped = "[[cells]]\nwhere = \"model == 'null'\"\nprompts_max = 4\n[stages.response]\n";
    let fixture = set("", 9).edit("[stages.response]\n", capped);
    let file = SweepFile::parse("x.toml", &fixture.file).unwrap();
    let asked = |plan: &Plan| {
        let cell = plan.cells.iter().find(|of| of.model == "null").expect("it is there");
        let asked = plan.prompts.iter().zip(plan.ranks());
        let asked = asked.filter(|(_, rank)| cell.asks(*rank, 0)).map(|(of, _)| of.id.clone());
        asked.collect::<BTreeSet<_>>()
    };
    let whole = fixture.plan();
    assert_eq!(asked(&whole).len(), 4);
    for most in 1..9 {
        let pilot = file.compile_pilot(&fixture.texts, &fixture.prompts, Some(most)).unwrap();
        let first: BTreeSet<_> = ids(&pilot).into_iter().map(str::to_owned).collect();
        assert_eq!(asked(&pilot), &asked(&whole) & &first, "{most}");
        assert!(matches!(relation(&pilot, &whole), Relation::Extended(_)), "{most}");
    }
}

#[test]
fn claims_can_be_about_these_prompts_alone() {
    assert_eq!(set("", 2).plan().generalise, Generalise::Prompts);
    assert_eq!(set("generalise = \"suite\"\n", 2).plan().generalise, Generalise::Suite);
}

#[test]
fn a_set_can_have_several_files_and_no_ids() {
    let fixture = Fixture::new().edit(
        PROMPTS,
        "path = [\"a/*.jsonl\", \"b.csv\"]\nduplicates = \"keep-first\"\nfields = { request = \"text\" }\n",
    );
    let references = SweepFile::parse("x.toml", &fixture.file).unwrap().references();
    assert_eq!(references.prompts, ["a/*.jsonl", "b.csv"]);
    assert_eq!((references.prompt_id, references.duplicates), (None, Some(Duplicates::KeepFirst)));
}

/// Two prompts that send the same, under two ids.
fn twice(more: &str) -> Fixture {
    let mut fixture = set(more, 3);
    fixture.prompts.push(prompt("again", "Ask 1."));
    fixture
}

#[test]
fn prompts_that_say_the_same_are_told_of_or_left_out() {
    let told = "1 prompt says what another one above said, such as `again` after `p1`; write `duplicates = \"keep-first\"` in [prompts], or `\"error\"` to be stopped by it";
    assert_eq!(warnings(&twice("").plan()), [told]);
    let kept = twice("duplicates = \"keep-first\"\n").plan();
    assert_eq!((ids(&kept), warnings(&kept)), (vec!["p0", "p1", "p2"], Vec::new()));
    assert_eq!(
        twice("duplicates = \"error\"\n").faults(),
        "10: prompts.duplicates: 1 prompt says what another one above said, such as `again` after `p1`; take them out, or write `\"keep-first\"`"
    );
}

#[test]
fn rows_that_are_the_same_need_ids_or_one_of_them_goes() {
    let mut fixture = twice("").edit("id = \"id\"\n", "");
    let columns = fixture.prompts[0].columns.clone();
    fixture.prompts.push(PromptColumns { id: "p0".to_owned(), columns });
    assert_eq!(
        fixture.faults(),
        "7: prompts.path: two rows are the same, and so is the id that is made of them, `p0`; write `duplicates = \"keep-first\"`, or give a column with `id`"
    );
    let kept = fixture.edit(
        "fields = { request = \"text\" }\n",
        "fields = { request = \"text\" }\nduplicates = \"keep-first\"\n",
    );
    assert_eq!(ids(&kept.plan()), ["p0", "p1", "p2"]);
}

proptest! {
    /// What was asked already is asked again when more is.
    #[test]
    fn a_larger_subset_keeps_the_smaller(n in 1..20usize, more in 0..20usize, seed in 0..100u64) {
        let draw = |n: usize| {
            let fixture = set(&format!("subset = {{ n = {n}, seed = {seed} }}\n"), 40);
            ids(&fixture.plan()).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let (small, large) = (draw(n), draw(n + more));
        prop_assert_eq!(small.len(), n);
        prop_assert!(small.iter().all(|id| large.contains(id)));
        let number = |id: &String| id[1..].parse::<u32>().expect("ids are numbered");
        prop_assert!(large.is_sorted_by_key(number), "in the order of the file");
    }
}
