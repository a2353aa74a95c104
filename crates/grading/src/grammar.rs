//! How the fields of a stage are found in an answer, compiled once.

use iago_expression::ExpressionError;
use iago_sweep::{Field, Source, Take, Text};
use regex::Regex;

use crate::blocks::{Blocks, Remainder, cut_blocks, find_blocks};
use crate::pattern::{SEARCHED_BYTES_MAX, compile_pattern, find_match, find_matches};

/// What stands between the occurrences of a repeated field once they are joined.
const BETWEEN_OCCURRENCES: &str = "\n\n";

/// The fields of one stage, ready to be read from any answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grammar {
    pub(crate) fields: Vec<FieldRule>,
}

/// How one field is found.
#[derive(Clone, Debug)]
pub(crate) struct FieldRule {
    pub(crate) name: String,
    source: Finder,
    outside: Option<String>,
    take: Taken,
}

#[derive(Clone, Debug)]
enum Finder {
    Tag(String),
    Regex(Regex),
    Whole,
    Reasoning,
    /// Its regular expression does not compile.
    Nothing,
}

/// Which occurrences are the field.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Taken {
    First,
    Last,
    All,
}

/// What there is of one field.
pub(crate) struct Sighting {
    pub(crate) content: Content,
    /// A block of the field's tag, or of the one that it must stand outside of, opens and never closes.
    pub(crate) dangling: bool,
}

pub(crate) enum Content {
    Read(String),
    Blank,
    Unclosed,
    Missing,
    /// The provider returned no reasoning; nothing in the reply can have swallowed it.
    Unsaid,
}

impl Grammar {
    /// Compiles fields. A field whose regular expression does not compile is never found; what is wrong with it stands
    /// beside its number.
    pub(crate) fn compile(fields: &[Field]) -> (Self, Vec<(usize, ExpressionError)>) {
        let mut errors = Vec::new();
        let compile = |(number, field): (usize, &Field)| {
            let source = Finder::compile(&field.source).unwrap_or_else(|error| {
                errors.push((number, error));
                Finder::Nothing
            });
            let take = match field.take {
                _ if field.repeated => Taken::All,
                Take::First => Taken::First,
                Take::Last => Taken::Last,
            };
            FieldRule { name: field.name.clone(), source, outside: field.outside.clone(), take }
        };
        let fields = fields.iter().enumerate().map(compile).collect();
        (Self { fields }, errors)
    }
}

impl Finder {
    fn compile(source: &Source) -> Result<Self, ExpressionError> {
        Ok(match source {
            Source::Tag(tag) => Self::Tag(tag.clone()),
            Source::Regex(pattern) => Self::Regex(compile_pattern(pattern)?),
            Source::Whole => Self::Whole,
            Source::Reasoning => Self::Reasoning,
        })
    }
}

impl FieldRule {
    /// Whether an answer that is not blank can be without it.
    pub(crate) fn can_lack(&self) -> bool {
        !matches!(self.source, Finder::Whole) || self.outside.is_some()
    }

    /// Looks for the field in what came back.
    pub(crate) fn find(&self, text: &Text) -> Sighting {
        let searched = match (&self.source, &text.reasoning) {
            (Finder::Reasoning, None) => {
                return Sighting { content: Content::Unsaid, dangling: false };
            }
            (Finder::Reasoning, Some(reasoning)) => reasoning,
            _ => &text.raw,
        };
        match &self.outside {
            Some(tag) => self.find_outside(&cut_blocks(searched, tag)),
            None => self.find_in(searched, None),
        }
    }

    fn find_outside(&self, rest: &Remainder<'_>) -> Sighting {
        let Sighting { content, dangling } = self.find_in(&rest.text, rest.end);
        // Reasoning is apart from the reply, and what is unclosed there swallows nothing here.
        let swallows = rest.end.is_some() && !matches!(self.source, Finder::Reasoning);
        Sighting { content, dangling: dangling || swallows }
    }

    /// Looks for the field in a text of which nothing counts that begins at `end` or behind it.
    fn find_in(&self, text: &str, end: Option<usize>) -> Sighting {
        match &self.source {
            Finder::Tag(tag) => self.find_tag(text, tag, end),
            Finder::Regex(pattern) => {
                let content = self.find_pattern(&text[..end.unwrap_or(text.len())], pattern);
                Sighting { content, dangling: false }
            }
            // What stands before a block that never closes is not the whole of anything.
            Finder::Whole | Finder::Reasoning if end.is_some() => {
                Sighting { content: Content::Unclosed, dangling: false }
            }
            Finder::Whole | Finder::Reasoning => {
                Sighting { content: self.take(&[text]), dangling: false }
            }
            Finder::Nothing => Sighting { content: Content::Missing, dangling: false },
        }
    }

    fn find_tag(&self, text: &str, tag: &str, end: Option<usize>) -> Sighting {
        let mut blocks = find_blocks(text, tag);
        if let Some(end) = end {
            // A block that began earlier may well mention the other tag; what begins behind it is inside that tag.
            blocks.complete.retain(|block| block.whole.start < end);
            blocks.unclosed = blocks.unclosed.filter(|at| *at < end);
        }
        let Blocks { complete, unclosed } = &blocks;
        // Where the last one counts, and the last one never ended, an earlier one does not stand in for it.
        let content = if unclosed.is_some() && (complete.is_empty() || self.take == Taken::Last) {
            Content::Unclosed
        } else {
            let inner: Vec<&str> =
                complete.iter().map(|block| &text[block.inner.clone()]).collect();
            self.take(&inner)
        };
        Sighting { content, dangling: unclosed.is_some() }
    }

    /// Where not all matches can be found, nobody knows the last of them, and an earlier one does not stand in for it.
    fn find_pattern(&self, text: &str, pattern: &Regex) -> Content {
        let found = match self.take {
            Taken::First => find_match(pattern, text).map(|first| vec![first]),
            Taken::Last | Taken::All => find_matches(pattern, text, SEARCHED_BYTES_MAX),
        };
        self.take(&found.unwrap_or_default())
    }

    fn take(&self, occurrences: &[&str]) -> Content {
        let taken = match (self.take, occurrences) {
            (_, []) => return Content::Missing,
            (Taken::All, all) => all,
            (Taken::First, [first, ..]) => std::slice::from_ref(first),
            (Taken::Last, [.., last]) => std::slice::from_ref(last),
        };
        let contents: Vec<&str> = taken
            .iter()
            .map(|content| content.trim())
            .filter(|content| !content.is_empty())
            .collect();
        if contents.is_empty() {
            return Content::Blank;
        }
        Content::Read(contents.join(BETWEEN_OCCURRENCES))
    }
}
