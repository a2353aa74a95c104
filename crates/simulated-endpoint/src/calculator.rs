//! How a model answers word problems: rightly for a planted share of them.

use crate::conversation::Conversation;
use crate::ledger::Class;
use crate::ranks::Place;
use crate::word_problem::{self, Deed, Step};

/// A wrong answer is off by this much.
const WRONG_BY: u64 = 10;
/// Without this sentence it does not know what to write down at the end.
const ASKS_FOR_NUMBER: &str = "Give the final number.";
const ASKS_FOR_STEPS: &str = "Explain each step";
const ASKS_FOR_CHECK: &str = "check the result";

/// Answers the problem. Right are `right` percent of the ranks, from the lower end.
pub(crate) fn answer(right: u64, asked: &Conversation, place: Place) -> (String, Class) {
    let steps = asked.users.iter().rev().find_map(|user| word_problem::solve(user));
    let steps = steps.unwrap_or_default();
    let Some(last) = steps.last() else {
        return ("I do not see a problem that I can solve.".to_owned(), Class::NoAnswer);
    };
    let is_right = place.is_within(right);
    let result = if is_right { last.after } else { last.after + WRONG_BY };
    let mut lines = Vec::new();
    if asked.system.contains(ASKS_FOR_STEPS) {
        // Who takes the first number instead of the last one is never right.
        lines.push(format!("A first guess: answer: {}", result + 1));
        lines.extend(steps.iter().map(describe));
    }
    if asked.system.contains(ASKS_FOR_CHECK) {
        lines.push("I went through it a second time, and it comes out the same.".to_owned());
    }
    if !asked.system.contains(ASKS_FOR_NUMBER) {
        lines.push("That is how it goes.".to_owned());
        return (lines.join("\n").replace("answer:", "about"), Class::NoAnswer);
    }
    lines.push(format!("Answer: {result}"));
    (lines.join("\n"), if is_right { Class::Right } else { Class::Wrong })
}

fn describe(step: &Step) -> String {
    let Step { before, number, after, .. } = step;
    match step.deed {
        Deed::Start => format!("There are {after} at first."),
        Deed::Add => format!("{before} and {number} make {after}."),
        Deed::Take => format!("{before} less {number} leaves {after}."),
        Deed::Share => format!("{before} in {number} equal parts gives {after} each."),
    }
}
