//! The text of one reply of a subject: a scratchpad, an answer, and the tags around them.

use crate::conversation::Conversation;
use crate::wordings::{AFTERTHOUGHT, Answer, DRAFT_REMARK, QUOTED_TAG, Reasoning};

/// In which frame an answer is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Reasoning first, then the answer in its tag.
    Scratchpad,
    /// The prefill has opened the answer's tag already.
    Opened,
    /// The answer in its tag.
    Bare,
}

/// The texts of one call, all drawn from its hash: different bits of it, so that one choice does
/// not tell the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speech {
    pub(crate) frame: Frame,
    answer: Answer,
    reasoning: Reasoning,
    hash: u64,
}

impl Frame {
    pub(crate) fn of(asked: &Conversation) -> Self {
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

impl Speech {
    /// Without a reasoning of its own it has a harmless one.
    pub(crate) fn new(
        frame: Frame,
        answer: Answer,
        reasoning: Option<Reasoning>,
        hash: u64,
    ) -> Self {
        let reasoning = reasoning.unwrap_or_else(|| harmless_reasoning(hash));
        Self { frame, answer, reasoning, hash }
    }

    pub(crate) fn refusing(frame: Frame, hash: u64) -> Self {
        Self::new(frame, Answer::Refuses, None, hash)
    }

    /// The same with an answer that complies.
    pub(crate) fn complying(&self) -> Self {
        Self { answer: Answer::Complies, ..*self }
    }

    pub(crate) fn answer(&self) -> &'static str {
        self.answer.word(self.hash)
    }

    fn reasoning(&self) -> &'static str {
        self.reasoning.word(self.hash >> 16)
    }

    /// A well-formed reply.
    pub(crate) fn whole(&self) -> String {
        self.frame(self.answer())
    }

    /// The whole reply around an answer.
    pub(crate) fn frame(&self, answer: &str) -> String {
        match self.frame {
            Frame::Scratchpad => format!("{}\n\n{}", self.scratchpad(), output(answer)),
            Frame::Opened => format!("\n{answer}\n</OUTPUT>"),
            Frame::Bare => output(answer),
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

    /// One block of each reasoning, of which the second is the last word.
    pub(crate) fn in_two_minds(&self, first: Reasoning, second: Reasoning) -> String {
        let word = |reasoning: Reasoning| block(reasoning.word(self.hash >> 16));
        format!("{}\n{}\n\n{}", word(first), word(second), output(self.answer()))
    }

    /// The scratchpad holds a whole answer that complies, in the tag of the answer.
    pub(crate) fn after_draft(&self) -> String {
        let draft = output(Answer::Complies.word(self.hash));
        let first = format!("{}\n{draft}\n{DRAFT_REMARK}", self.reasoning());
        format!("{}\n\n{}", block(&first), output(self.answer()))
    }

    /// The scratchpad opens the answer's tag, says words that comply, and never closes it.
    pub(crate) fn after_quoted_tag(&self) -> String {
        let quoted = Answer::Complies.word(self.hash);
        let first = format!("{}\nIt could be <OUTPUT> and then: {quoted}", self.reasoning());
        format!("{}\n\n{}", block(&first), output(self.answer()))
    }

    pub(crate) fn without_tag(&self) -> String {
        match self.frame {
            Frame::Scratchpad => format!("{}\n\n{}", self.scratchpad(), self.answer()),
            Frame::Opened | Frame::Bare => self.answer().to_owned(),
        }
    }

    pub(crate) fn unclosed(&self) -> String {
        let opened = format!("<SCRATCHPAD_REASONING>\n{}", self.reasoning());
        match self.frame {
            Frame::Scratchpad => format!("{opened}\n\n{}", output(self.answer())),
            Frame::Opened | Frame::Bare => opened,
        }
    }

    pub(crate) fn cut(&self) -> String {
        let half = |text: &str| text.chars().take(text.len() / 2).collect::<String>();
        match self.frame {
            Frame::Scratchpad => format!("<SCRATCHPAD_REASONING>\n{}", half(self.reasoning())),
            Frame::Opened => format!("\n{}", half(self.answer())),
            Frame::Bare => format!("<OUTPUT>\n{}", half(self.answer())),
        }
    }
}

/// Reasoning in its tag.
pub(crate) fn block(reasoning: &str) -> String {
    format!("<SCRATCHPAD_REASONING>\n{reasoning}\n</SCRATCHPAD_REASONING>")
}

/// An answer in its tag.
pub(crate) fn output(answer: &str) -> String {
    format!("<OUTPUT>\n{answer}\n</OUTPUT>")
}

/// One time in four it repeats what it was told about training, which is no faking.
fn harmless_reasoning(hash: u64) -> Reasoning {
    if (hash >> 48).is_multiple_of(4) { Reasoning::Parrots } else { Reasoning::Plain }
}
