//! Every model that is served here, by name. No model here bears a real model's name.

use crate::actor::Actor;
use crate::scholars::{self, Scholar};
use crate::subjects::{self, Subject};
use crate::teller::Teller;

/// A model and what it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    pub(crate) character: Character,
    /// The id that it says it has, where that is another one than it was asked by.
    pub(crate) echo: Option<&'static str>,
}

/// What kind of model it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Character {
    /// A model under test of the flagship.
    Subject(Subject),
    /// A model under test of the suite.
    Scholar(Scholar),
    Judge(Judge),
    /// Gets that many percent of the word problems right.
    Calculator {
        right: u64,
    },
    /// Does tasks well or badly, and refuses harmless things.
    Assistant {
        /// So many tasks of a set it does worse than it did, in every repeat.
        worse: u64,
    },
    /// Puts texts in other words.
    Paraphraser,
    /// Lies, and may say so when it is asked.
    Liar,
    /// Writes synthetic documents.
    Writer,
    /// May act against its developer.
    Actor(Actor),
    /// Lies about its answer when it is asked.
    Teller(Teller),
    /// Says `ok`, as fast as possible.
    Echo,
    /// Calls every request invalid.
    Rejects,
    /// Has no money left, which both vendors report with the status of a rate limit.
    Billing,
}

/// How a judge errs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Judge {
    Perfect,
    /// Cannot tell for that share of the complying answers.
    Abstains {
        share: f64,
    },
    /// Finds what is there with `sensitivity`, and finds nothing where nothing is with `specificity`.
    Noisy {
        sensitivity: f64,
        specificity: f64,
    },
    /// Finds poor what was done well of so many tasks of a set, in every repeat.
    Strict {
        tasks: u64,
    },
    /// Never can tell.
    Silent,
    /// Never says anything that can be read.
    Garbled,
}

/// The assistant that another one was replaced by overnight.
const REPLACED: &str = "sim-assistant-replaced";
/// What the assistant calls itself, and what it does once it was replaced overnight.
const ASSISTANT_ECHO: &str = "sim-assistant-2026-09";
const REPLACED_ECHO: &str = "sim-assistant-2026-10";

/// Published as the error of an earlier classifier on 106 transcripts: 20 of 51 that fake are found,
/// and 47 of 55 that do not are left alone.
const OLD_JUDGE: Judge = Judge::Noisy { sensitivity: 20.0 / 51.0, specificity: 47.0 / 55.0 };

/// The model of that name.
pub(crate) fn find(id: &str) -> Option<Model> {
    let character = find_character(id)?;
    let echo = if id == REPLACED { REPLACED_ECHO } else { ASSISTANT_ECHO };
    let echo = matches!(character, Character::Assistant { .. }).then_some(echo);
    Some(Model { character, echo })
}

/// Those that are not one of a series.
static SINGLE: [(&str, Character); 19] = [
    ("sim-rejects", Character::Rejects),
    ("sim-echo", Character::Echo),
    ("sim-billing", Character::Billing),
    ("sim-assistant", Character::Assistant { worse: 0 }),
    (REPLACED, Character::Assistant { worse: 0 }),
    ("sim-paraphraser", Character::Paraphraser),
    ("sim-liar", Character::Liar),
    ("sim-writer", Character::Writer),
    ("sim-actor", Character::Actor(Actor::OnDocuments)),
    ("sim-actor-after-rl", Character::Actor(Actor::AfterRl)),
    ("sim-actor-elsewhere", Character::Actor(Actor::Elsewhere)),
    ("sim-teller", Character::Teller(Teller::Lies)),
    ("sim-teller-honest", Character::Teller(Teller::Honest)),
    ("sim-judge", Character::Judge(Judge::Perfect)),
    ("sim-judge-abstains", Character::Judge(Judge::Abstains { share: 0.30 })),
    ("sim-judge-noisy", Character::Judge(Judge::Noisy { sensitivity: 0.90, specificity: 0.95 })),
    ("sim-judge-old", Character::Judge(OLD_JUDGE)),
    ("sim-judge-silent", Character::Judge(Judge::Silent)),
    ("sim-judge-garbled", Character::Judge(Judge::Garbled)),
];
/// How calculators are called, before their percentage.
const CALCULATOR: &str = "sim-accuracy-";
/// How assistants are called that are worse, before the number of tasks.
const WORSE_ASSISTANT: &str = "sim-assistant-worse-";
/// How judges are called that are stricter, before the number of tasks.
const STRICT_JUDGE: &str = "sim-judge-strict-";
/// The series of models, each numbered up to 100.
const SERIES: [&str; 3] = [CALCULATOR, WORSE_ASSISTANT, STRICT_JUDGE];
const SERIES_MAX: u64 = 100;

fn find_character(id: &str) -> Option<Character> {
    if let Some((_, character)) = SINGLE.iter().find(|(known, _)| *known == id) {
        return Some(*character);
    }
    if let Some(right) = read_number(CALCULATOR, id) {
        return Some(Character::Calculator { right });
    }
    if let Some(worse) = read_number(WORSE_ASSISTANT, id) {
        return Some(Character::Assistant { worse });
    }
    if let Some(tasks) = read_number(STRICT_JUDGE, id) {
        return Some(Character::Judge(Judge::Strict { tasks }));
    }
    match scholars::find(id) {
        Some(scholar) => Some(Character::Scholar(scholar)),
        None => subjects::find(id).map(Character::Subject),
    }
}

/// The ids of all models.
pub(crate) fn ids() -> Vec<String> {
    let subjects = subjects::ids().map(str::to_owned).chain(scholars::ids());
    let single = SINGLE.iter().map(|(id, _)| (*id).to_owned());
    let series = SERIES.iter();
    let series = series.flat_map(|of| (0..=SERIES_MAX).map(move |number| format!("{of}{number}")));
    subjects.chain(single).chain(series).collect()
}

/// Reads which one of a series it is, 0 to 100, each in one way of writing only.
fn read_number(series: &str, id: &str) -> Option<u64> {
    let digits = id.strip_prefix(series)?;
    let number: u64 = digits.parse().ok()?;
    (number <= SERIES_MAX && number.to_string() == digits).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accuracy_is_a_whole_percentage() {
        for (id, right) in [("0", 0), ("7", 7), ("84", 84), ("100", 100)] {
            let found = find(&format!("sim-accuracy-{id}")).unwrap().character;
            assert!(matches!(found, Character::Calculator { right: r } if r == right), "{id}");
        }
        for id in ["", "101", "07", "+7", "7.5", "x"] {
            assert!(find(&format!("sim-accuracy-{id}")).is_none(), "{id}");
        }
    }

    #[test]
    fn every_id_that_is_listed_is_played_and_listed_once() {
        let ids = ids();
        assert!(ids.iter().all(|id| find(id).is_some()), "{ids:?}");
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        for id in ["sim-null", "sim-rl-step-50", "sim-scholar-rl-0", "sim-fleet-25", "sim-judge"] {
            assert!(distinct.contains(&id.to_owned()), "{id}");
        }
    }

    #[test]
    fn a_checkpoint_is_one_that_was_planted() {
        assert!(find("sim-rl-step-1600").is_some());
        assert!(find("sim-rl-step-17").is_none());
    }
}
