//! The stories that the calculators can solve: a fixed grammar, small enough to be read here.
//!
//! A story is a row of sentences and ends with a question. Each sentence with a number does one
//! thing to an amount, and its first known verb says what: `has` starts, `buys` adds, `eats` takes
//! away, `shares` divides. Several numbers in one sentence are multiplied: `buys 4 boxes of 6
//! pears` adds 24. Sentences without a number are there for the atmosphere.

/// What a sentence does to the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Start,
    Add,
    Take,
    Share,
}

/// One step on the way: what was there, what was done with which number, and what came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) before: u64,
    pub(crate) deed: Deed,
    pub(crate) number: u64,
    pub(crate) after: u64,
}

const STARTING: [&str; 4] = ["has", "have", "holds", "starts"];
const ADDING: [&str; 6] = ["gets", "buys", "finds", "picks", "adds", "bakes"];
const TAKING: [&str; 6] = ["gives", "loses", "eats", "sells", "uses", "drops"];
const SHARING: [&str; 3] = ["shares", "splits", "divides"];

/// The steps to the answer, which is the last one's `after`; nothing if the text is no such story.
pub(crate) fn solve(text: &str) -> Option<Vec<Step>> {
    let (story, rest) = text.trim().split_once('?')?;
    let mut sentences: Vec<_> = story.split(['.', '!']).collect();
    let asks = sentences.pop()?.split_whitespace().next() == Some("How");
    if !asks || !rest.is_empty() {
        return None;
    }
    let mut steps: Vec<Step> = Vec::new();
    for sentence in sentences {
        let Some((deed, number)) = read_sentence(sentence)? else { continue };
        let before = steps.last().map(|step| step.after);
        steps.push(Step::take(before, deed, number)?);
    }
    (!steps.is_empty()).then_some(steps)
}

/// What a sentence does; `Some(None)` if it does nothing, and nothing if it cannot be understood.
fn read_sentence(sentence: &str) -> Option<Option<(Deed, u64)>> {
    let words: Vec<_> = sentence.split_whitespace().map(|word| word.trim_matches(',')).collect();
    let numbers: Vec<_> = words.iter().filter_map(|word| read_number(word)).collect();
    if numbers.is_empty() {
        return Some(None);
    }
    let deed = words.iter().find_map(|word| Deed::of(word))?;
    let number = numbers.into_iter().try_fold(1, u64::checked_mul)?;
    Some(Some((deed, number)))
}

/// Digits, with a comma before each group of three if the writer likes.
fn read_number(word: &str) -> Option<u64> {
    let digits = word.replace(',', "");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

impl Deed {
    fn of(verb: &str) -> Option<Self> {
        let known = [
            (Self::Start, &STARTING[..]),
            (Self::Add, &ADDING),
            (Self::Take, &TAKING),
            (Self::Share, &SHARING),
        ];
        known.into_iter().find(|(_, verbs)| verbs.contains(&verb)).map(|(deed, _)| deed)
    }
}

impl Step {
    /// A story starts once, takes no more than there is, and shares without a remainder.
    fn take(before: Option<u64>, deed: Deed, number: u64) -> Option<Self> {
        let after = match (deed, before) {
            (Deed::Start, None) => Some(number),
            (Deed::Add, Some(amount)) => amount.checked_add(number),
            (Deed::Take, Some(amount)) => amount.checked_sub(number),
            (Deed::Share, Some(amount)) => {
                amount.checked_div(number).filter(|part| part * number == amount)
            }
            (Deed::Start, Some(_)) | (Deed::Add | Deed::Take | Deed::Share, None) => None,
        }?;
        Some(Self { before: before.unwrap_or(0), deed, number, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(text: &str) -> Option<u64> {
        solve(text)?.last().map(|step| step.after)
    }

    #[test]
    fn a_story_is_solved_sentence_by_sentence() {
        for (text, expected) in [
            ("Ada has 12 pears. She eats 5. How many pears does Ada have?", 7),
            ("A shelf holds 3 rows of 8 books.\nSomebody adds 2, then leaves.\n\nHow many?", 26),
            ("Ole starts with 1,250 stamps! It rains. He sells 50. How many are left?", 1_200),
            ("Ida has 6 boxes of 10 eggs. She shares them among 4 friends. How many each?", 15),
            ("Per has 4 coins. He loses 4 coins. How many coins does Per have?", 0),
        ] {
            assert_eq!(result(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_story_has_no_answer() {
        for text in [
            "",
            "42",
            "How many?",
            "Ada has 12 pears.",
            "Ada has 12 pears. Why?",
            "Ada has 12 pears. How many? I ask.",
            "Ada eats 5 pears. How many are left?",
            "Ada has 5 pears. She eats 6. How many are left?",
            "Ada has 5 pears. She shares them among 2. How many each?",
            "Ada has 5 pears. She shares them among 0. How many each?",
            "Ada has 5 pears. She admires 2 pears. How many are there?",
            "Ada has 5 pears. Bo has 3 pears. How many are there?",
        ] {
            assert_eq!(result(text), None, "{text}");
        }
    }
}
