//! What a schedule is called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A schedule's name: it stands in file names, on the command line and in every message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScheduleName(String);

/// A name that no schedule can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot name a schedule, because it stands in file names; use at most \
     {CHARACTERS_MAX} lower-case letters, digits, `-` and `_`, a letter or digit first"
)]
pub struct NameError(String);

/// As long as the name of a sweep.
const CHARACTERS_MAX: usize = 64;

impl ScheduleName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScheduleName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_slug = name.starts_with(plain) && name.chars().all(|c| plain(c) || "-_".contains(c));
        if !is_slug || name.len() > CHARACTERS_MAX {
            return Err(NameError(name.chars().take(2 * CHARACTERS_MAX).collect()));
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for ScheduleName {
    type Error = NameError;

    fn try_from(name: String) -> Result<Self, NameError> {
        name.parse()
    }
}

impl From<ScheduleName> for String {
    fn from(name: ScheduleName) -> Self {
        name.0
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
