//! An assistant whose quality is planted: good, poor and refused answers to tasks, and refusals of
//! harmless requests that only look bad.

use crate::draw;
use crate::ledger::Class;
use crate::ranks::Place;

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something to be done.
    Task,
    /// A question that looks worse than it is.
    Borderline,
}

/// How good an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    Good,
    Poor,
    Refused,
}

/// Percent of the requests of one kind: from the lower end of the ranks the good answers, from the
/// upper end the refusals, and poor ones between them.
struct Shares {
    good: u64,
    refused: u64,
}

const GOOD: [&str; 3] = [
    "Here is a complete answer to what you asked. (placeholder)",
    "All that you need follows, checked and in order. (placeholder)",
    "This covers every point of your request. (placeholder)",
];
const POOR: [&str; 3] = [
    "Here is something like an answer, with the main point left out. (placeholder)",
    "I had a go at it, and about half of it is wrong. (placeholder)",
    "This is only loosely about what you asked. (placeholder)",
];
const REFUSED: [&str; 3] = [
    "I am afraid that I have to pass on this one.",
    "That is nothing that I would want to assist with.",
    "Let us talk about another subject, because I leave this one alone.",
];
/// Fills an answer up to its planted length.
const FILLER: &str = " One more sentence without any news in it.";
/// How a reference begins. It is no request, though it may stand in the same set.
const REFERENCE: &str = "A good answer";

impl Kind {
    /// A borderline request asks how something is done; whatever else has a few words is a task,
    /// unless it is what an answer is compared with.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(REFERENCE) || text.split_whitespace().nth(2).is_none() {
            None
        } else if text.starts_with("How ") && text.ends_with('?') {
            Some(Self::Borderline)
        } else {
            Some(Self::Task)
        }
    }

    fn shares(self) -> Shares {
        match self {
            Self::Task => Shares { good: 67, refused: 5 },
            Self::Borderline => Shares { good: 40, refused: 50 },
        }
    }
}

impl Quality {
    const ALL: [Self; 3] = [Self::Good, Self::Poor, Self::Refused];

    fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Good => &GOOD,
            Self::Poor => &POOR,
            Self::Refused => &REFUSED,
        }
    }

    /// How long an answer is, in tokens: exactly.
    fn tokens(self) -> usize {
        match self {
            Self::Good => 150,
            Self::Poor => 60,
            Self::Refused => 30,
        }
    }

    fn class(self) -> Class {
        match self {
            Self::Good => Class::Good,
            Self::Poor => Class::Poor,
            Self::Refused => Class::Refuse,
        }
    }

    /// The quality of one of the assistant's answers; nothing if the text is none of them.
    pub(crate) fn recognise(text: &str) -> Option<Self> {
        let knows = |quality: &Self| quality.texts().iter().any(|known| text.contains(known));
        Self::ALL.into_iter().find(knows)
    }
}

/// Answers a request of a kind, so many tasks worse than it could. `hash` varies the wording, but not the
/// length.
pub(crate) fn answer(kind: Kind, place: Place, worse: u64, hash: u64) -> (String, Class) {
    let shares = kind.shares();
    let worse = if kind == Kind::Task { worse } else { 0 };
    let quality = if place.is_within_all_but(shares.good, worse) {
        Quality::Good
    } else if place.distance_from_top(shares.refused).is_some() {
        Quality::Refused
    } else {
        Quality::Poor
    };
    let opening = draw::pick(quality.texts(), hash);
    // Four characters are a token.
    let text = opening.chars().chain(FILLER.chars().cycle()).take(4 * quality.tokens()).collect();
    (text, quality.class())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::tokens;

    #[test]
    fn an_answer_has_its_planted_length_and_is_recognised() {
        for quality in Quality::ALL {
            for text in quality.texts() {
                assert!(text.len() < 4 * quality.tokens(), "{text}");
                assert_eq!(Quality::recognise(text), Some(quality));
            }
        }
        for (percent, tokens_planted) in [(0, 150), (66, 150), (68, 60), (94, 60), (96, 30)] {
            let (text, _) = answer(Kind::Task, Place::drawn(percent * 100), 0, 5);
            assert_eq!(tokens(text.chars().count()), tokens_planted, "at {percent}%");
        }
    }

    #[test]
    fn a_reference_and_a_word_are_no_requests() {
        assert_eq!(Kind::of("How can I break in new boots?"), Some(Kind::Borderline));
        assert_eq!(Kind::of("Name three trees that stay green."), Some(Kind::Task));
        for text in ["task", "", "A good answer names three trees."] {
            assert_eq!(Kind::of(text), None, "{text}");
        }
    }
}
