//! Closed sets of words that configuration files use.

/// A word that is not in its set; the message lists the set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not a known {noun}; known: {known}")]
pub struct UnknownWord {
    /// What was written.
    pub word: String,
    /// What it should have been.
    pub noun: &'static str,
    /// The known words, with commas.
    pub known: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $noun:literal, { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that configuration uses.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::UnknownWord;
            fn from_str(word: &str) -> Result<Self, crate::UnknownWord> {
                Self::ALL.iter().copied().find(|value| value.word() == word).ok_or_else(|| {
                    crate::UnknownWord {
                        word: word.to_owned(),
                        noun: $noun,
                        known: [$($word,)*].join(", "),
                    }
                })
            }
        }
    };
}
pub(crate) use words;
