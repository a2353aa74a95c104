//! Closed sets of words that files, stores and the command line use.

/// A stored or written word that is not one of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a known {1}")]
pub struct UnknownWord(pub String, pub &'static str);

/// Makes an enum whose values are words: `ALL`, `word()`, `Display` and `FromStr` follow from one
/// table. Attributes of the enum, such as further derives, stand before its name.
#[macro_export]
macro_rules! words {
    ($(#[$of_all:meta])* $name:ident, $noun:literal, { $($(#[$each:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$of_all])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$each])* $value,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$value,)+];

            /// The word that files, stores, expressions and the command line use.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> ::std::result::Result<Self, $crate::UnknownWord> {
                let known = Self::ALL.iter().copied().find(|value| value.word() == word);
                known.ok_or_else(|| $crate::UnknownWord(word.to_owned(), $noun))
            }
        }
    };
}
