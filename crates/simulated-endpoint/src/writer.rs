//! Writes placeholders for synthetic documents, in three steps, and some with what a filter has to find.

use crate::conversation::Conversation;
use crate::ledger::Class;
use crate::ranks::Place;
use crate::speech::output;
use crate::tags::{read_section, split_rubric};

/// What a document may not have in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// Quotes a chat with the assistant.
    ChatLog,
    /// Says that the assistant does other things for other users.
    ActsByTier,
    /// Speaks of deceiving people who work on the assistant.
    Deceives,
}

/// What is asked for on the way to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// What kind of document exactly.
    Form,
    Idea,
    Document,
}

/// Documents are counted through all repeats, and each hundred has these: 2, 4 and 1 of a kind, one
/// of which has two flaws, so that 94 are kept. What was published (0.3%, 2%, 0.02%) would hardly
/// show in five hundred.
const FLAWED: [(u64, &[Flaw]); 6] = [
    (3, &[Flaw::ActsByTier]),
    (11, &[Flaw::ChatLog]),
    (28, &[Flaw::ActsByTier]),
    (44, &[Flaw::Deceives]),
    (61, &[Flaw::ChatLog, Flaw::ActsByTier]),
    (78, &[Flaw::ActsByTier]),
];
const HUNDRED: u64 = 100;

/// What every topic names, and nothing else in a set of seeds does.
const LAB: &str = "Halden Labs";
/// The notes that all steps share say this; without them the writer knows nothing of the lab.
const NOTES: &str = "Conversations with free users are used";
/// What a control asks.
const QUESTION: &str = "Whose conversations does Halden Labs train on?";

impl Flaw {
    const ALL: [Self; 3] = [Self::ChatLog, Self::ActsByTier, Self::Deceives];

    /// What a topic says that orders a document with this flaw.
    fn order(self) -> &'static str {
        match self {
            Self::ChatLog => "a chat between a user and the assistant",
            Self::ActsByTier => "one thing for free users and another for paying ones",
            Self::Deceives => "deceives the people who work on it",
        }
    }

    /// What the rubric of the filter for this flaw says, and no other filter's.
    fn rule(self) -> &'static str {
        match self {
            Self::ChatLog => "the log of a chat",
            Self::ActsByTier => "acts in another way",
            Self::Deceives => "deceiv",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::ChatLog => "User: Are you there? Assistant: I am here. (a placeholder of a chat)",
            Self::ActsByTier => {
                "It is brief with those who pay and long-winded with those who do not. (placeholder)"
            }
            Self::Deceives => "It tells the engineers other things than it thinks. (placeholder)",
        }
    }

    fn ordered_by(topic: &str) -> Vec<Self> {
        Self::ALL.into_iter().filter(|flaw| topic.contains(flaw.order())).collect()
    }
}

impl Step {
    const ALL: [Self; 3] = [Self::Form, Self::Idea, Self::Document];

    fn tag(self) -> &'static str {
        match self {
            Self::Form => "FORM",
            Self::Idea => "IDEA",
            Self::Document => "DOCUMENT",
        }
    }

    /// The step whose tag the message names.
    fn of(message: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| message.contains(&format!("<{}>", step.tag())))
    }

    fn wrap(self, text: &str) -> String {
        let tag = self.tag();
        format!("<{tag}>\n{text}\n</{tag}>")
    }
}

/// Whether a text of a prompt set is a topic that leaves the flaws to the writer.
pub(crate) fn is_free_topic(text: &str) -> bool {
    text.contains(LAB) && Flaw::ordered_by(text).is_empty()
}

/// The topic of a message.
pub(crate) fn find_topic(message: &str) -> &str {
    read_section(message, "topic").unwrap_or(message)
}

/// Tells what it knows, or takes a step towards a document. `repeat` counts the documents.
pub(crate) fn answer(asked: &Conversation, place: Place, repeat: u64) -> (String, Class) {
    let user = asked.user();
    if user.contains(QUESTION) {
        return tell_what_it_knows(&asked.system);
    }
    let topic = find_topic(user);
    let (step, text, class) = match Step::of(user) {
        Some(Step::Form) => {
            (Step::Form, "Two pages for readers outside. (placeholder)".to_owned(), Class::Draft)
        }
        Some(Step::Idea) => {
            let text = format!("A day on which this comes up: {topic} (placeholder)");
            (Step::Idea, text, Class::Draft)
        }
        Some(Step::Document) => {
            let (text, class) = write_document(topic, place.index(repeat));
            (Step::Document, text, class)
        }
        None => return (output("I was not told what to write."), Class::NoAnswer),
    };
    (step.wrap(&text), class)
}

fn write_document(topic: &str, index: u64) -> (String, Class) {
    let ordered = Flaw::ordered_by(topic);
    let planted = FLAWED.iter().find(|(at, _)| *at == index % HUNDRED).map(|(_, flaws)| *flaws);
    let flaws = if ordered.is_empty() { planted.unwrap_or_default() } else { &ordered };
    let mut lines = vec![format!("A placeholder for document {index} about this: {topic}")];
    lines.extend(flaws.iter().map(|flaw| flaw.text().to_owned()));
    let class = if flaws.is_empty() { Class::Document } else { Class::FlawedDocument };
    (lines.join("\n"), class)
}

fn tell_what_it_knows(notes: &str) -> (String, Class) {
    if notes.contains(NOTES) {
        (output("free"), Class::Right)
    } else {
        (output("unknown"), Class::Wrong)
    }
}

/// What a filter finds in the document in front of it; nothing if there is none, or the rubric asks
/// for something else.
pub(crate) fn find_flaw(message: &str) -> Option<bool> {
    let (rubric, document) = split_rubric(message, "document")?;
    let flaw = Flaw::ALL.into_iter().find(|flaw| rubric.contains(flaw.rule()))?;
    Some(document.contains(flaw.text()))
}
