//! The answers of one job, as the one answer that is stored.
//!
//! Where a conversation goes on until its fields can be read, the last answer alone is stored if it can
//! be read: a tag that an earlier answer left open, or blank, is none of its business. Where it cannot,
//! all answers are joined, and what is read from the whole counts: the length limit may have cut one
//! in two. That is also what is stored of a conversation that never came to anything.

use std::time::Duration;

use iago_sweep::{Digest, Finish, JobId, Text, Usage};

use crate::heard::Answered;

/// What stands between the answers of one conversation.
const BETWEEN_ANSWERS: &str = "\n\n";

/// Bytes of answers, reasoning among them, above which a conversation does not go on and its last
/// answer is stored as it is. It is about as much as any model can read at once, and small enough
/// for any number of turns to be kept for each call under way and sent in one message.
const CONVERSATION_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The answers so far. What they took is summed.
pub(crate) struct Answers {
    pub(crate) count: u32,
    /// The last answer alone.
    pub(crate) last: Text,
    /// All of one conversation, where there are several of them and they are not too long.
    pub(crate) joined: Option<Text>,
    /// Of all that was said.
    bytes: usize,
    pub(crate) finish: Finish,
    pub(crate) usage: Usage,
    pub(crate) latency: Duration,
    pub(crate) model: Option<String>,
    /// Hash of the body that the last one answers.
    pub(crate) request: Digest,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            count: 0,
            last: Text::default(),
            joined: None,
            bytes: 0,
            finish: Finish::Empty,
            usage: Usage::default(),
            latency: Duration::ZERO,
            model: None,
            request: Digest::of(""),
        }
    }
}

impl Answers {
    /// Takes another one in, which joins the earlier ones where they are one conversation.
    pub(crate) fn take(&mut self, answered: Answered, request: Digest, joins: bool) {
        let Answered { answer, latency } = answered;
        self.say(answer.text, joins);
        self.count += 1;
        self.finish = answer.finish;
        self.usage += answer.usage;
        self.latency = self.latency.saturating_add(latency);
        self.model = answer.model;
        self.request = request;
    }

    /// What is added to the seed of a job for its next request. Jobs' own seeds differ by less where
    /// they differ by the vote, and by far more where they differ by the repeat.
    pub(crate) fn seeds_apart(&self) -> u64 {
        u64::from(self.count) * u64::from(JobId::VOTES_MAX)
    }

    /// Whether a conversation is too long to go on.
    pub(crate) fn are_long(&self) -> bool {
        self.bytes > CONVERSATION_BYTES_MAX
    }

    fn say(&mut self, text: Text, joins: bool) {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        self.bytes += text.raw.len() + length(&text.reasoning) + length(&text.logprobs);
        let earlier = std::mem::replace(&mut self.last, text);
        let earlier = self.joined.take().unwrap_or(earlier);
        if joins && self.count > 0 && !self.are_long() {
            self.joined = Some(join(earlier, self.last.clone()));
        }
    }
}

fn join(earlier: Text, later: Text) -> Text {
    let reasoning = [earlier.reasoning, later.reasoning].into_iter().flatten();
    Text {
        raw: join_parts([earlier.raw, later.raw]).unwrap_or_default(),
        reasoning: join_parts(reasoning),
        altered: earlier.altered || later.altered,
        // Of the answer that ended it: those of several answers are no list of one.
        logprobs: later.logprobs,
    }
}

/// Only what says something is a part.
fn join_parts(parts: impl IntoIterator<Item = String>) -> Option<String> {
    let joined = |before: String, part: String| format!("{before}{BETWEEN_ANSWERS}{part}");
    parts.into_iter().filter(|part| !part.is_empty()).reduce(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lengths: &[usize]) -> Answers {
        let mut answers = Answers::default();
        for length in lengths {
            let reasoning = Some("y".repeat(length / 2));
            let raw = "x".repeat(length - length / 2);
            answers.say(Text { raw, reasoning, ..Text::default() }, true);
            answers.count += 1;
        }
        answers
    }

    #[test]
    fn a_conversation_has_a_bound_above_which_only_its_last_answer_is_kept() {
        const HALF: usize = CONVERSATION_BYTES_MAX / 2;
        let within = said(&[HALF, HALF]);
        assert!(!within.are_long());
        let joined = within.joined.expect("both fit");
        assert_eq!(joined.raw.len(), HALF + BETWEEN_ANSWERS.len());
        for beyond in [&[HALF, HALF + 1][..], &[HALF, 5, HALF], &[CONVERSATION_BYTES_MAX + 1]] {
            let answers = said(beyond);
            assert!(answers.are_long() && answers.joined.is_none());
            let last = *beyond.last().expect("there is one");
            assert_eq!(answers.last.raw.len(), last - last / 2);
        }
    }
}
