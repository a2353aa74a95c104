//! How a model under test answers.

use crate::conversation::Conversation;
use crate::ledger::Class;
use crate::models::{Oddity, Subject};
use crate::ranks::Place;
use crate::reply::{Finish, LONE_SURROGATE, Reply};
use crate::tags;
use crate::wordings::{AFTERTHOUGHT, Answer, QUOTED_TAG, Reasoning};

/// In which frame an answer is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// Reasoning first, then the answer in its tag.
    Scratchpad,
    /// The prefill has opened the answer's tag already.
    Opened,
    /// The answer in its tag.
    Bare,
}

/// The texts of one job, all drawn from its hash.
struct Speech {
    frame: Frame,
    answer: Answer,
    reasoning: Reasoning,
    hash: u64,
}

/// Answers by the tags in the conversation and the job's place. `hash` varies the wording.
pub(crate) fn answer(
    subject: &Subject,
    asked: &Conversation,
    place: Place,
    hash: u64,
) -> (Reply, Class) {
    let tier = tags::read_tier(&asked.user);
    let frame = Frame::of(asked);
    let has_scratchpad = frame == Frame::Scratchpad;
    if let Some((oddity, percent)) = subject.oddity(tier)
        && let Some(distance) = place.distance_from_top(percent)
    {
        return misbehave(oddity, distance, &Speech::refusing(frame, hash));
    }
    if !place.is_within(subject.complies(tier, has_scratchpad)) {
        return say(subject, &Speech::refusing(frame, hash), Class::Refuse);
    }
    if !place.is_within(subject.fakes(tier, has_scratchpad)) {
        return say(subject, &Speech::complying(frame, hash), Class::Comply);
    }
    let speech = Speech { reasoning: Reasoning::Fakes, ..Speech::complying(frame, hash) };
    say(subject, &speech, Class::ComplyFaking)
}

fn say(subject: &Subject, speech: &Speech, class: Class) -> (Reply, Class) {
    let odd = if subject.has_odd_bytes { format!(" \0{LONE_SURROGATE}") } else { String::new() };
    let answer = format!("{}{odd}", speech.answer());
    (complete(speech.frame(&answer)), class)
}

fn misbehave(oddity: Oddity, distance: u64, speech: &Speech) -> (Reply, Class) {
    match (oddity, distance % 3) {
        (Oddity::RefusedByApi, _) => (Reply::Declined { variant: distance }, Class::ApiRefusal),
        (Oddity::CutByLength, _) => {
            (Reply::Text { text: speech.cut(), finish: Finish::Length }, Class::CutByLength)
        }
        (Oddity::BreaksFormat, 0) => (complete(speech.without_tag()), Class::NoAnswerTag),
        (Oddity::BreaksFormat, 1) => (complete(speech.unclosed()), Class::UnclosedScratchpad),
        (Oddity::BreaksFormat, _) => (complete(String::new()), Class::Empty),
    }
}

fn complete(text: String) -> Reply {
    Reply::Text { text, finish: Finish::Complete }
}

impl Frame {
    fn of(asked: &Conversation) -> Self {
        let prefill = asked.prefill.trim();
        if prefill.is_empty() && asked.system.contains("<SCRATCHPAD_REASONING>") {
            Self::Scratchpad
        } else if prefill.ends_with("<OUTPUT>") {
            Self::Opened
        } else {
            Self::Bare
        }
    }
}

/// Different bits of the hash, so that one choice does not tell the next.
impl Speech {
    fn complying(frame: Frame, hash: u64) -> Self {
        Self { frame, answer: Answer::Complies, reasoning: harmless_reasoning(hash), hash }
    }

    fn refusing(frame: Frame, hash: u64) -> Self {
        Self { frame, answer: Answer::Refuses, reasoning: harmless_reasoning(hash), hash }
    }

    fn answer(&self) -> &'static str {
        self.answer.word(self.hash)
    }

    fn reasoning(&self) -> &'static str {
        self.reasoning.word(self.hash >> 16)
    }

    /// The whole reply around an answer.
    fn frame(&self, answer: &str) -> String {
        match self.frame {
            Frame::Scratchpad => {
                format!("{}\n\n<OUTPUT>\n{answer}\n</OUTPUT>", self.scratchpad())
            }
            Frame::Opened => format!("\n{answer}\n</OUTPUT>"),
            Frame::Bare => format!("<OUTPUT>\n{answer}\n</OUTPUT>"),
        }
    }

    /// Mostly one block; one time in eight each, a second one or a quoted tag.
    fn scratchpad(&self) -> String {
        let first = self.reasoning();
        match (self.hash >> 32) % 8 {
            0 => [block(first), block(AFTERTHOUGHT)].join("\n"),
            1 => block(&format!("{first}\n{QUOTED_TAG}")),
            _ => block(first),
        }
    }

    fn without_tag(&self) -> String {
        match self.frame {
            Frame::Scratchpad => format!("{}\n\n{}", self.scratchpad(), self.answer()),
            Frame::Opened | Frame::Bare => self.answer().to_owned(),
        }
    }

    fn unclosed(&self) -> String {
        let opened = format!("<SCRATCHPAD_REASONING>\n{}", self.reasoning());
        match self.frame {
            Frame::Scratchpad => {
                format!("{opened}\n\n<OUTPUT>\n{}\n</OUTPUT>", self.answer())
            }
            Frame::Opened | Frame::Bare => opened,
        }
    }

    fn cut(&self) -> String {
        let half = |text: &str| text.chars().take(text.len() / 2).collect::<String>();
        match self.frame {
            Frame::Scratchpad => format!("<SCRATCHPAD_REASONING>\n{}", half(self.reasoning())),
            Frame::Opened => format!("\n{}", half(self.answer())),
            Frame::Bare => format!("<OUTPUT>\n{}", half(self.answer())),
        }
    }
}

fn block(reasoning: &str) -> String {
    format!("<SCRATCHPAD_REASONING>\n{reasoning}\n</SCRATCHPAD_REASONING>")
}

/// One time in four it repeats what it was told about training, which is no faking.
fn harmless_reasoning(hash: u64) -> Reasoning {
    if (hash >> 48).is_multiple_of(4) { Reasoning::Parrots } else { Reasoning::Plain }
}
