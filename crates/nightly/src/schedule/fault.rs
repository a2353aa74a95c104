//! What is wrong with a schedule's file, and where.

use std::fmt;

/// One thing that is wrong, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line that the key stands on, from 1; `None` where it is missing.
    pub line: Option<usize>,
    /// The key; empty where the file as a whole is meant.
    pub key: String,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// Everything that is wrong with a file: never empty, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FaultyTerms(pub Vec<Fault>);

impl fmt::Display for FaultyTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        let separator = if self.key.is_empty() { "" } else { ": " };
        write!(f, "{}{separator}{}", self.key, self.message)
    }
}
