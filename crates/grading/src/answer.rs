//! Raw text → fields.

use std::collections::BTreeMap;

use iago_sweep::{Coordinate, Field, Finish, Parse, Text};

use crate::Grader;
use crate::grammar::{Content, Grammar, Sighting};

/// What could be read from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Whether all required fields are there, and if not, why.
    pub parse: Parse,
    /// Field name to content, trimmed and never blank. A field that could not be read is not in it, whether it was
    /// required or not.
    pub fields: BTreeMap<String, String>,
}

/// Reads fields from an answer. `required` says for each field whether the answer must have it; a field beyond its end is
/// optional. [`Grader::parse`] is the same for a stage of a plan, and compiles nothing anew.
///
/// If every required field can be read the answer is [`Parse::Ok`], however it ended. Otherwise the first that applies:
/// refused (by the vendor or its filter), truncated, empty, and then the first required field that cannot be read in
/// field order: unclosed, empty or missing. A field that is missing where some tag never closes is reported as
/// unclosed, because that is what swallowed it.
///
/// An answer of nothing but whitespace, or one that the provider calls empty, is never `Ok`, even where no field is
/// required. A regular expression that does not compile finds nothing. Nor does one of which the last match or all matches
/// count, if to find them takes more than a bound of about a second's work: the field is missing then. An answer of less than
/// 46 kB never meets it, whatever stands in it.
pub fn parse_answer(fields: &[Field], required: &[bool], text: &Text, finish: Finish) -> Parsed {
    Grammar::compile(fields).0.parse(required, text, finish)
}

impl Grader {
    /// Reads the fields of the coordinate's stage from an answer to it; see [`parse_answer`].
    pub fn parse(&self, at: Coordinate, text: &Text, finish: Finish) -> Parsed {
        let required = self.required(at);
        let stage = self.stages.get(at.stage as usize);
        stage.map_or_else(
            || Grammar::default().parse(&required, text, finish),
            |stage| stage.grammar.parse(&required, text, finish),
        )
    }
}

impl Grammar {
    fn parse(&self, required: &[bool], text: &Text, finish: Finish) -> Parsed {
        let sightings: Vec<Sighting> = self.fields.iter().map(|field| field.find(text)).collect();
        let parse = judge_sightings(&sightings, required, &text.raw, finish);
        let found = self.fields.iter().zip(sightings).filter_map(|(field, sighting)| {
            let Content::Read(content) = sighting.content else { return None };
            Some((field.name.clone(), content))
        });
        Parsed { parse, fields: found.collect() }
    }
}

fn judge_sightings(sightings: &[Sighting], required: &[bool], raw: &str, finish: Finish) -> Parse {
    // Behind a prefill the text is not blank, and still the model said nothing.
    let blank = raw.trim().is_empty() || finish == Finish::Empty;
    let problem = find_problem(sightings, required);
    if problem.is_none() && !blank {
        return Parse::Ok;
    }
    match finish {
        Finish::Refusal | Finish::Filter => Parse::Refused,
        Finish::Length => Parse::Truncated,
        Finish::Stop | Finish::Empty if blank => Parse::Empty,
        Finish::Stop | Finish::Empty => problem.unwrap_or(Parse::Ok),
    }
}

/// What is wrong with the first required field that cannot be read.
fn find_problem(sightings: &[Sighting], required: &[bool]) -> Option<Parse> {
    let swallowed = sightings.iter().any(|sighting| sighting.dangling);
    let needed = sightings.iter().zip(required).filter(|(_, required)| **required);
    needed.into_iter().find_map(|(sighting, _)| match sighting.content {
        Content::Read(_) => None,
        Content::Blank => Some(Parse::Empty),
        Content::Unclosed => Some(Parse::Unclosed),
        Content::Missing if swallowed => Some(Parse::Unclosed),
        Content::Missing | Content::Unsaid => Some(Parse::Missing),
    })
}
