//! Raw text → fields.

use std::collections::BTreeMap;

use iago_sweep::{Field, Finish, Parse, Text};

use crate::blocks::{Blocks, cut_blocks, find_blocks};

/// What stands between the blocks of a repeated field once they are joined.
const BETWEEN_BLOCKS: &str = "\n\n";

/// What could be read from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Whether all required fields are there, and if not, why.
    pub parse: Parse,
    /// Field name to content, trimmed and never blank. A field that could not be read is not in it, whether it was
    /// required or not.
    pub fields: BTreeMap<String, String>,
}

/// Reads the fields of a generate stage from an answer. `required` says for each field whether this transcript must have
/// it ([`Grader::required`](crate::Grader::required)); a field beyond its end is optional.
///
/// If every required field can be read the answer is [`Parse::Ok`], however it ended. Otherwise the first that applies:
/// refused (by the vendor or its filter), truncated, empty, and then the first required field that cannot be read in
/// field order: unclosed, empty or missing. A field that is missing where some tag never closes is reported as
/// unclosed, because that is what swallowed it.
///
/// An answer of nothing but whitespace is never `Ok`, even where no field is required.
pub fn parse_answer(fields: &[Field], required: &[bool], text: &Text, finish: Finish) -> Parsed {
    let sightings: Vec<Sighting> =
        fields.iter().map(|field| find_field(field, &text.raw)).collect();
    let parse = judge_sightings(&sightings, required, &text.raw, finish);
    let found = fields.iter().zip(sightings).filter_map(|(field, sighting)| {
        let Content::Read(content) = sighting.content else { return None };
        Some((field.name.clone(), content))
    });
    Parsed { parse, fields: found.collect() }
}

/// What there is of one field.
struct Sighting {
    content: Content,
    /// A block of the field's tag, or of the one that it must stand outside of, opens and never closes.
    dangling: bool,
}

enum Content {
    Read(String),
    Blank,
    Unclosed,
    Missing,
}

fn find_field(field: &Field, raw: &str) -> Sighting {
    let Some(outside) = &field.outside else {
        let blocks = find_blocks(raw, &field.tag);
        return Sighting {
            dangling: blocks.unclosed.is_some(),
            content: read_content(field, raw, &blocks),
        };
    };
    let rest = cut_blocks(raw, outside);
    let mut blocks = find_blocks(&rest.text, &field.tag);
    if let Some(end) = rest.end {
        // A block that began earlier may well mention the other tag; what begins behind it is inside that tag.
        blocks.complete.retain(|block| block.whole.start < end);
        blocks.unclosed = blocks.unclosed.filter(|at| *at < end);
    }
    Sighting {
        dangling: blocks.unclosed.is_some() || rest.end.is_some(),
        content: read_content(field, &rest.text, &blocks),
    }
}

fn read_content(field: &Field, text: &str, blocks: &Blocks) -> Content {
    let taken = if field.repeated { usize::MAX } else { 1 };
    let blocks_taken = blocks.complete.iter().take(taken);
    let contents: Vec<&str> = blocks_taken
        .map(|block| text[block.inner.clone()].trim())
        .filter(|content| !content.is_empty())
        .collect();
    if !contents.is_empty() {
        Content::Read(contents.join(BETWEEN_BLOCKS))
    } else if !blocks.complete.is_empty() {
        Content::Blank
    } else if blocks.unclosed.is_some() {
        Content::Unclosed
    } else {
        Content::Missing
    }
}

fn judge_sightings(sightings: &[Sighting], required: &[bool], raw: &str, finish: Finish) -> Parse {
    let blank = raw.trim().is_empty();
    let problem = find_problem(sightings, required);
    if problem.is_none() && !blank {
        return Parse::Ok;
    }
    match finish {
        Finish::Refusal | Finish::Filter => Parse::Refused,
        Finish::Length => Parse::Truncated,
        // Behind a prefill the text is not blank, and still the model said nothing.
        Finish::Empty => Parse::Empty,
        Finish::Stop if blank => Parse::Empty,
        Finish::Stop => problem.unwrap_or(Parse::Ok),
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
        Content::Missing => Some(Parse::Missing),
    })
}
