//! What is read from an answer, and where it stands in it.

use serde::{Deserialize, Serialize};

use crate::words;

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name; judges see it by this.
    pub name: String,
    /// Where it stands.
    #[serde(flatten)]
    pub source: Source,
    /// All occurrences together, not only one.
    pub repeated: bool,
    /// Whether an answer without it is no answer.
    pub required: Required,
    /// Blocks of this tag are cut out first, so that what is quoted there is not this field.
    pub outside: Option<String>,
    /// Which occurrence counts, where not all do.
    #[serde(default, skip_serializing_if = "Take::is_first")]
    pub take: Take,
}

/// Where a field stands in what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Between `<tag>` and `</tag>`, exactly as written; case counts.
    Tag(String),
    /// What this regular expression matches: its first group, or all of it where it has none.
    Regex(String),
    /// The whole reply.
    Whole,
    /// The reasoning that the provider returns apart from the reply.
    Reasoning,
}

words! {
    /// Which of several occurrences is the field.
    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Take, "occurrence", {
        /// The first.
        #[default]
        First = "first",
        /// The last: what an answer came to in the end.
        Last = "last",
    }
}

impl Take {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_first(&self) -> bool {
        *self == Self::First
    }
}

/// Whether a field must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Required {
    /// In every transcript.
    Always,
    /// In none.
    Never,
    /// Where this expression over factors and prompt fields holds.
    When(String),
}

impl Field {
    /// The tag that it stands in, if it stands in one.
    pub fn tag(&self) -> Option<&str> {
        match &self.source {
            Source::Tag(tag) => Some(tag),
            Source::Regex(_) | Source::Whole | Source::Reasoning => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(source: Source, take: Take) -> String {
        let required = Required::Never;
        let field =
            Field { name: "a".into(), source, repeated: false, required, outside: None, take };
        let json = serde_json::to_string(&field).unwrap();
        assert_eq!(serde_json::from_str::<Field>(&json).unwrap(), field);
        json
    }

    #[test]
    fn a_tag_is_stored_as_the_first_release_stored_it() {
        assert_eq!(
            json(Source::Tag("OUT".into()), Take::First),
            r#"{"name":"a","tag":"OUT","repeated":false,"required":"never","outside":null}"#
        );
    }

    #[test]
    fn every_source_is_read_back() {
        for source in [Source::Regex("a(b)".into()), Source::Whole, Source::Reasoning] {
            json(source, Take::Last);
        }
    }
}
