//! What is said to an endpoint, before any vendor's protocol shapes it.

use serde::{Deserialize, Serialize};

use crate::Role;

/// One conversation: exactly what a model is to read, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The system message.
    pub system: Option<String>,
    /// User and assistant messages, in turn.
    pub turns: Vec<Turn>,
    /// The beginning of the answer, which the model continues.
    pub prefill: Option<String>,
}

/// A message that somebody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Who; never the system.
    pub role: Role,
    /// What.
    pub text: String,
}
