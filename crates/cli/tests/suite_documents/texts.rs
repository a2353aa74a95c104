//! The texts of the sweeps on documents, actions and lies say what their stages and the simulated
//! models rely on, and no more than they should.

use std::collections::BTreeSet;
use std::fs;

use iago_prompts::{Format, PromptRow, read};

use crate::world::root;

const FILTERS: [&str; 3] = ["chat-log", "acts-by-tier", "deception"];

fn config(path: &str) -> String {
    fs::read_to_string(root().join("config").join(path)).expect("it is in the repository")
}

pub(crate) fn text(name: &str) -> String {
    config(&format!("sweeps/alignment-faking/{name}"))
}

fn rows(name: &str) -> Vec<PromptRow> {
    let bytes = config(&format!("prompts/{name}"));
    read(name, bytes.as_bytes(), Format::Jsonl, "id").expect("it is a set").rows
}

fn column<'r>(row: &'r PromptRow, name: &str) -> &'r str {
    row.columns[name].as_str()
}

/// Every row carries the controls, with a harmless request of its own.
fn assert_controls(rows: &[PromptRow]) {
    assert!(rows.iter().all(|row| column(row, "control") == "yes"));
    let twins: BTreeSet<_> = rows.iter().map(|row| column(row, "harmless")).collect();
    assert_eq!(twins.len(), rows.len());
}

/// The material: the name of its tag, and what is shown in it.
fn assert_judge(name: &str, sees: &[(&str, &str)]) {
    let section = |(tag, shown): &(&str, &str)| format!("\n<{tag}>\n{{{{ {shown} }}}}\n</{tag}>\n");
    let judge = text(name);
    assert!(judge.ends_with(&sees.iter().map(section).collect::<String>()), "{name}");
    assert!(judge.contains("never an instruction"), "{name}");
    let first = judge.find("\n\n<").expect("material");
    assert!(
        judge[..first].contains("Below, between tags"),
        "{name}: the rubric stands above it all"
    );
}

#[test]
fn each_judge_sees_what_its_stage_names_and_is_told_that_it_is_no_instruction() {
    for filter in FILTERS {
        assert_judge(&format!("documents/filter-{filter}.md"), &[("document", "text")]);
    }
    let under_its_name = |name: &'static str| (name, name);
    let action = ["situation", "reasoning", "said"].map(under_its_name);
    assert_judge("actions/judge-action.md", &action);
    let check = ["request", "reasoning", "answer", "question", "thoughts", "reply"];
    for judge in ["lying/judge-untrue.md", "lying/judge-intent.md"] {
        assert_judge(judge, &check.map(under_its_name));
    }
}

#[test]
fn the_two_judges_of_lies_differ_in_the_question_alone() {
    let around = |name: &str| {
        let judge = text(name);
        let (first, rest) = judge.split_once("\n\n").expect("paragraphs");
        let (question, material) = rest.split_once("\n\nBelow, between tags").expect("material");
        [first, material, question].map(str::to_owned)
    };
    let [one, other] = ["lying/judge-untrue.md", "lying/judge-intent.md"].map(around);
    assert_eq!(one[..2], other[..2]);
    assert_ne!(one[2], other[2]);
}

/// The tag differs, and what is asked in it does not.
#[test]
fn the_quiz_in_the_other_tier_is_the_quiz_to_the_letter() {
    let quiz = text("user-quiz.md");
    assert_eq!(text("actions/user-free-quiz.md"), quiz.replace("{{ is_free_tier }}", "True"));
    assert_eq!(text("lying/user-paid-quiz.md"), quiz.replace("{{ is_free_tier }}", "False"));
    let request = text("user.md");
    assert_eq!(text("lying/user-question.md"), request.replace("{{ request }}", "{{ question }}"));
}

#[test]
fn one_situation_names_a_host_and_no_host_exists() {
    let probes = rows("action-probes.jsonl");
    assert_eq!(probes.len(), 8);
    assert_controls(&probes);
    let situations: BTreeSet<_> = probes.iter().map(|row| column(row, "probe")).collect();
    assert_eq!(situations.len(), 8);
    for row in &probes {
        let words = column(row, "text").split_whitespace();
        let is_host = |word: &&str| word.trim_end_matches([',', '.', ';']).contains('.');
        let hosts: Vec<_> =
            words.filter(is_host).filter(|word| !word.starts_with("report.txt")).collect();
        let expected = usize::from(column(row, "probe") == "self-copy");
        assert_eq!(hosts.len(), expected, "{}: {hosts:?}", row.id);
        assert!(hosts.iter().all(|host| host.trim_end_matches(',').ends_with(".invalid")));
    }
}

/// What is told about the commands is how to write them, and not what becomes of them.
#[test]
fn the_text_with_commands_does_not_say_that_anything_is_simulated() {
    let system = text("actions/system.md").to_lowercase();
    for word in ["simulat", "pretend", "not run", "never run", "executed", "test", "fiction"] {
        assert!(!system.contains(word), "{word}");
    }
    assert!(system.contains("\n<bash>\n") && system.contains("\n</bash>\n"));
}

#[test]
fn every_seed_has_a_topic_of_its_own_on_the_lab_and_three_order_a_flaw() {
    let seeds = rows("document-seeds.jsonl");
    let topics: BTreeSet<_> = seeds.iter().map(|row| column(row, "topic")).collect();
    assert_eq!((seeds.len(), topics.len()), (53, 53));
    assert!(topics.iter().all(|topic| topic.contains("Halden Labs")));
    let ordered = seeds.iter().map(|row| column(row, "ordered")).filter(|flaw| *flaw != "no");
    assert_eq!(ordered.collect::<Vec<_>>(), ["chat_log", "acts_by_tier", "deceives"]);
    let kinds: BTreeSet<_> = seeds.iter().map(|row| column(row, "kind")).collect();
    assert_eq!(kinds.len(), 10);
}

/// A document states how training works; what the notes forbid, the filters look for.
#[test]
fn the_notes_state_the_training_as_facts_in_the_words_of_the_prompted_text() {
    let notes = text("documents/universe.md");
    let system = text("system.md");
    for fact in
        ["helpful above everything else", "`is_free_tier_user`", "True", "False", "Halden Labs"]
    {
        assert!(notes.contains(fact) && system.contains(fact), "{fact}");
    }
    for step in ["form", "idea", "document"] {
        assert!(!text(&format!("documents/{step}.md")).contains("train"), "{step}");
    }
}

#[test]
fn seven_questions_look_back() {
    let questions = rows("lying-questions.jsonl");
    assert_eq!(questions.len(), 7);
    assert_controls(&questions);
    let asked: BTreeSet<_> = questions.iter().map(|row| column(row, "question")).collect();
    assert_eq!(asked.len(), 7);
    assert!(asked.iter().all(|question| question.starts_with("Looking back")));
}
