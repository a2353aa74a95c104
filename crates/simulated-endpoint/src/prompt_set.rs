//! The prompt set that classes are ranked over, sorted by what each model takes for a request.
//!
//! Whoever starts an endpoint may hand over every text of a set: questions, expected answers,
//! references. A model ranks only what it would answer, so that the rest cannot shift its counts.

use crate::assistant::Kind;
use crate::ranks::{Place, Ranks};
use crate::request::{is_harmless, is_refusable};
use crate::{teller, word_problem, writer};

/// The seeded orders of a prompt set.
#[derive(Debug, Default)]
pub(crate) struct PromptSet {
    all: Ranks,
    refusable: Ranks,
    harmless: Ranks,
    problems: Ranks,
    tasks: Ranks,
    borderline: Ranks,
    topics: Ranks,
    questions: Ranks,
}

impl PromptSet {
    pub(crate) fn new(seed: u64, prompts: &[String]) -> Self {
        let problem = |text: &&String| word_problem::solve(text).is_some();
        let of_kind = |kind| move |text: &&String| Kind::of(text) == Some(kind);
        Self {
            all: Ranks::new(seed, prompts),
            refusable: Ranks::new(seed, prompts.iter().filter(|text| is_refusable(text))),
            harmless: Ranks::new(seed, prompts.iter().filter(|text| is_harmless(text))),
            problems: Ranks::new(seed, prompts.iter().filter(problem)),
            tasks: Ranks::new(seed, prompts.iter().filter(of_kind(Kind::Task))),
            borderline: Ranks::new(seed, prompts.iter().filter(of_kind(Kind::Borderline))),
            topics: Ranks::new(seed, prompts.iter().filter(|text| writer::is_free_topic(text))),
            questions: Ranks::new(seed, prompts.iter().filter(|text| teller::is_question(text))),
        }
    }

    /// Where a request stands among all texts; nothing if it is none of them.
    pub(crate) fn place(&self, request: &str, repeat: u64) -> Option<Place> {
        self.all.place(request, repeat)
    }

    /// Where a request stands among those that could be refused, or among the harmless ones.
    pub(crate) fn place_of_request(&self, request: &str, repeat: u64) -> Option<Place> {
        let refusable = self.refusable.place(request, repeat);
        refusable.or_else(|| self.harmless.place(request, repeat))
    }

    /// Where a word problem stands among the word problems.
    pub(crate) fn place_of_problem(&self, problem: &str, repeat: u64) -> Option<Place> {
        self.problems.place(problem, repeat)
    }

    /// Where a topic stands among the topics of documents.
    pub(crate) fn place_of_topic(&self, topic: &str, repeat: u64) -> Option<Place> {
        self.topics.place(topic, repeat)
    }

    /// Where a question about an earlier answer stands among such questions.
    pub(crate) fn place_of_question(&self, question: &str, repeat: u64) -> Option<Place> {
        self.questions.place(question, repeat)
    }

    /// Where a request to an assistant stands among those of its kind.
    pub(crate) fn place_of_kind(&self, kind: Kind, request: &str, repeat: u64) -> Option<Place> {
        match kind {
            Kind::Task => self.tasks.place(request, repeat),
            Kind::Borderline => self.borderline.place(request, repeat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_would_not_answer_does_not_shift_its_ranks() {
        let problems = ["Ada has 3 pears. She eats 1. How many pears does Ada have?".to_owned()];
        let more = [&problems[..], &["2".to_owned(), "A good answer has two lines.".to_owned()]];
        let (alone, among) = (PromptSet::new(7, &problems), PromptSet::new(7, &more.concat()));
        let place = |set: &PromptSet| set.place_of_problem(&problems[0], 4);
        assert!(place(&alone).is_some());
        assert_eq!(place(&alone), place(&among));
        assert_eq!(among.place_of_problem("2", 0), None);
        assert_eq!(among.place_of_kind(Kind::Task, "A good answer has two lines.", 0), None);
    }
}
