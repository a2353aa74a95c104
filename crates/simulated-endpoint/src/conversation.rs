//! A request, read: what a model sees of it, whichever protocol it came in.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::tags;

/// What a model is asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Conversation {
    pub(crate) model: String,
    pub(crate) system: String,
    /// The messages of the user, in order; never empty.
    pub(crate) users: Vec<String>,
    /// What the assistant said just before the user's last message: its own earlier answer, or the
    /// last example. Empty where it has said nothing.
    pub(crate) earlier: String,
    /// The last message, if it is the assistant's: the answer continues it.
    pub(crate) prefill: String,
    /// Of all messages together.
    pub(crate) characters: usize,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    System,
    User,
    Assistant,
}

/// A request that the vendor would call invalid, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable(pub(crate) String);

/// One message as it comes in.
#[derive(Debug, Deserialize)]
pub(crate) struct Turn {
    pub(crate) role: String,
    /// Absent where an assistant only called tools.
    pub(crate) content: Option<Content>,
}

/// Text, or a list of parts of which some are text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message; one without text adds nothing.
#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    pub(crate) text: String,
    /// Marks the end of a prefix that is worth keeping.
    pub(crate) cache_control: Option<IgnoredAny>,
}

impl Content {
    pub(crate) fn has_mark(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Parts(parts) => parts.iter().any(|part| part.cache_control.is_some()),
        }
    }

    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().map(|part| part.text).collect(),
        }
    }
}

impl Conversation {
    /// Sorts out who said what. Someone must have asked something.
    pub(crate) fn new(model: String, turns: Vec<(Speaker, String)>) -> Result<Self, Unreadable> {
        let characters = turns.iter().map(|(_, text)| text.chars().count()).sum();
        let prefill = match turns.last() {
            Some((Speaker::Assistant, text)) => text.clone(),
            _ => String::new(),
        };
        let (mut system, mut users) = (Vec::new(), Vec::new());
        let (mut earlier, mut latest) = (String::new(), String::new());
        for (speaker, text) in turns {
            match speaker {
                Speaker::System => system.push(text),
                Speaker::User => {
                    users.push(text);
                    earlier = std::mem::take(&mut latest);
                }
                Speaker::Assistant => latest = text,
            }
        }
        if users.is_empty() {
            return Err(Unreadable("messages: no message of a user".to_owned()));
        }
        Ok(Self { model, system: system.join("\n"), users, earlier, prefill, characters })
    }

    /// The last message of the user.
    pub(crate) fn user(&self) -> &str {
        self.users.last().map_or("", String::as_str)
    }

    /// The last message of the user that holds a request; what follows it is said about the answer.
    /// Where none holds one, the last message is the request.
    pub(crate) fn asking(&self) -> &str {
        let asking = self.users.iter().rfind(|user| tags::read_request(user).is_some());
        asking.map_or_else(|| self.user(), String::as_str)
    }

    /// Whether the user speaks of an answer that was given before.
    pub(crate) fn is_followed_up(&self) -> bool {
        !self.earlier.is_empty() && tags::read_request(self.user()).is_none()
    }

    /// Continues the prefill: of a whole text that begins with it, only the rest is said.
    pub(crate) fn continue_with(&self, whole: &str) -> String {
        whole.strip_prefix(self.prefill.trim()).unwrap_or(whole).to_owned()
    }
}

impl Turn {
    pub(crate) fn into_text(self) -> String {
        self.content.map(Content::into_text).unwrap_or_default()
    }
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("the body is not a request: {error}"))
    }
}
