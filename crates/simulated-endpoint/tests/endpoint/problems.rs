//! The shipped word problems, and who gets how many of them right.

use iago_simulated_endpoint::Core;

use crate::talking::{Answered, Talk, core_over, shipped};

const PROBLEMS: usize = 100;
const EXPLAIN: &str = "Explain each step before you answer.";

/// One row of the shipped file.
struct Problem {
    question: String,
    expected: String,
}

/// Reads CSV as people write it: quoted values may hold commas, line ends and doubled quotes.
fn problems() -> Vec<Problem> {
    let (mut rows, mut row, mut value, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let text = shipped("prompts/word-problems.csv");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => value.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut value)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut value));
                rows.push(std::mem::take(&mut row));
            }
            _ => value.push(letter),
        }
    }
    assert_eq!(rows.remove(0), ["id", "question", "expected"]);
    let problem = |row: Vec<String>| {
        let [_, question, expected] = row.try_into().expect("three columns");
        Problem { question, expected }
    };
    rows.into_iter().map(problem).collect()
}

/// An endpoint that was told every text of the set, as `iago run` tells it.
fn core(problems: &[Problem]) -> Core {
    let texts = problems.iter().flat_map(|problem| [&problem.question, &problem.expected]);
    core_over(texts.cloned().collect())
}

fn ask(core: &Core, model: &str, system: &str, problem: &Problem) -> Answered {
    Talk::new(model, "opaque-r0", system, &problem.question).ask(core)
}

/// The number behind the last `answer:`, in whatever casing.
fn read_answer(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let (_, rest) = lower.rsplit_once("answer:")?;
    let number: String =
        rest.trim_start().chars().take_while(|c| "-0123456789.,".contains(*c)).collect();
    (!number.is_empty()).then_some(number)
}

/// The three wordings of the sweep.
fn wordings() -> [String; 3] {
    let base = shipped("sweeps/benchmark/system.md");
    let terse = base.replace(EXPLAIN, "");
    let careful = base
        .replace("Solve the problem.", "Solve the problem and check the result.")
        .replace("Give the final number.", "Give the final number. Write nothing after it.");
    [base, terse, careful]
}

#[test]
fn what_the_edits_look_for_is_there_exactly_once() {
    let base = shipped("sweeps/benchmark/system.md");
    for sentence in [EXPLAIN, "Solve the problem.", "Give the final number."] {
        assert_eq!(base.matches(sentence).count(), 1, "{sentence}");
    }
}

#[test]
fn a_model_gets_exactly_its_share_of_the_shipped_problems_right_in_every_wording() {
    let problems = problems();
    assert_eq!(problems.len(), PROBLEMS);
    let core = core(&problems);
    for (model, planted) in [
        ("sim-accuracy-100", 100),
        ("sim-accuracy-90", 90),
        ("sim-accuracy-85", 85),
        ("sim-accuracy-84", 84),
        ("sim-accuracy-60", 60),
        ("sim-accuracy-10", 10),
        ("sim-accuracy-0", 0),
    ] {
        for system in wordings() {
            let is_right = |problem: &&Problem| {
                let text = ask(&core, model, &system, problem).text;
                read_answer(&text).as_ref() == Some(&problem.expected)
            };
            assert_eq!(problems.iter().filter(is_right).count(), planted, "{model}: {system}");
        }
    }
}

#[test]
fn who_does_better_is_right_wherever_the_other_one_is() {
    let problems = problems();
    let core = core(&problems);
    let [base, ..] = wordings();
    for problem in &problems {
        let is_right = |model| {
            let text = ask(&core, model, &base, problem).text;
            read_answer(&text).as_ref() == Some(&problem.expected)
        };
        assert!(is_right("sim-accuracy-85") || !is_right("sim-accuracy-84"));
    }
}

#[test]
fn without_the_sentence_that_asks_for_the_number_there_is_none_to_read() {
    let problems = problems();
    let core = core(&problems);
    for system in ["", "Solve the problem.", &wordings()[0].replace("Give the final number.", "")] {
        let found = ask(&core, "sim-accuracy-100", system, &problems[0]).text;
        assert_eq!(read_answer(&found), None, "{found}");
    }
}

#[test]
fn other_numbers_stand_before_the_answer_where_steps_are_asked_for() {
    let problems = problems();
    let core = core(&problems);
    let [base, terse, careful] = wordings();
    let said = |system| ask(&core, "sim-accuracy-100", system, &problems[3]).text;
    assert!(said(&base).to_lowercase().matches("answer:").count() == 2);
    assert!(said(&terse).to_lowercase().matches("answer:").count() == 1);
    assert!(said(&careful).contains("a second time") && !said(&base).contains("a second time"));
}

#[test]
fn what_is_no_problem_has_no_answer() {
    let core = core(&problems());
    let [base, ..] = wordings();
    let said = Talk::new("sim-accuracy-100", "opaque-r0", &base, "{{ question }}").ask(&core);
    assert_eq!(read_answer(&said.text), None);
}
