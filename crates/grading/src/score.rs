//! What code says of an answer.
//!
//! A score says `yes` or `no` only where there is something to compare. An answer without the field, a prompt without the
//! expected text and a field that cannot be read as what it is compared with are unknown: whether that counts against the
//! model is for the outcomes to say, by `parse` and `finish`.

use iago_expression::ExpressionError;
use iago_sweep::{Expected, Label, Normalise, Scorer};
use regex::Regex;

use crate::choice::find_choice;
use crate::normalise::normalise;
use crate::number::read_number;
use crate::overlap::share_kept;
use crate::pattern::compile_pattern;
use crate::schema::Schema;

/// How far a share may miss its bound, because thirds and tenths are not exact in binary.
const SHARE_TOLERANCE: f64 = 1e-9;

/// Scores one answer: `field` is the field that the scorer looks at, and `expected` its rendered template. A field or an
/// expected text that is needed and not there is [`Label::Abstained`].
///
/// - `exact`, `contains` and `prefix` compare after normalisation. A field or an expected text that is blank then is
///   unknown, as one that is not there: `???` without punctuation is no wrong answer but none.
/// - `regex` finds its pattern anywhere in the field.
/// - `choice` takes a field that is an option whatever its case, or that names exactly one option as a whole word and
///   exactly cased; `New York` names no `York`. An expected text that is none of the options is unknown.
/// - `number` reads numbers as the normalisation `number` does; anything else is unknown.
/// - `overlap` counts words without case and punctuation, each as often as it stands there; a field or an expected text
///   without a word is unknown.
/// - `schema` says `no` of what is no JSON.
///
/// A program's score is read by [`read_score`](crate::read_score); here it is unknown, as is a score whose pattern or
/// schema does not compile. A plan's scores are compiled once by [`Grader`](crate::Grader), which also reports that.
pub fn score(scorer: &Scorer, field: Option<&str>, expected: Option<&str>) -> Label {
    Scoring::new(scorer).map_or(Label::Abstained, |scoring| scoring.score(field, expected))
}

/// A scorer with everything in it that needs compiling.
#[derive(Clone, Debug)]
pub(crate) struct Scoring {
    scorer: Scorer,
    compiled: Compiled,
}

#[derive(Clone, Debug)]
enum Compiled {
    Nothing,
    Pattern(Regex),
    Schema(Schema),
}

impl Scoring {
    /// Compiles a scorer, or says what is wrong with its pattern or its schema.
    pub(crate) fn new(scorer: &Scorer) -> Result<Self, ExpressionError> {
        let compiled = match scorer {
            Scorer::Regex { pattern, .. } => Compiled::Pattern(compile_pattern(pattern)?),
            Scorer::Schema { schema, .. } => Compiled::Schema(Schema::new(schema)?),
            Scorer::Exact(_)
            | Scorer::Contains(_)
            | Scorer::Prefix(_)
            | Scorer::Choice { .. }
            | Scorer::Number { .. }
            | Scorer::Overlap { .. }
            | Scorer::External { .. } => Compiled::Nothing,
        };
        Ok(Self { scorer: scorer.clone(), compiled })
    }

    pub(crate) fn score(&self, field: Option<&str>, expected: Option<&str>) -> Label {
        let holds = field.and_then(|field| self.holds(field, expected));
        holds.map_or(Label::Abstained, |holds| {
            Label::Word(if holds { "yes" } else { "no" }.to_owned())
        })
    }

    /// `None` where it cannot be said.
    fn holds(&self, field: &str, expected: Option<&str>) -> Option<bool> {
        match (&self.scorer, &self.compiled) {
            (Scorer::Exact(rule), _) => {
                compare(rule, field, expected?, |field, text| field == text)
            }
            (Scorer::Contains(rule), _) => {
                compare(rule, field, expected?, |field, text| field.contains(text))
            }
            (Scorer::Prefix(rule), _) => {
                compare(rule, field, expected?, |field, text| field.starts_with(text))
            }
            (Scorer::Choice { among, .. }, _) => {
                let expected = expected?.trim();
                let wanted = among.iter().position(|option| option.trim() == expected)?;
                find_choice(among, field).map(|named| named == wanted)
            }
            (Scorer::Number { within, .. }, _) => is_near(field, expected?, *within),
            (Scorer::Overlap { share, .. }, _) => {
                share_kept(field, expected?).map(|kept| kept >= *share - SHARE_TOLERANCE)
            }
            (Scorer::Regex { .. }, Compiled::Pattern(pattern)) => Some(pattern.is_match(field)),
            (Scorer::Schema { .. }, Compiled::Schema(schema)) => schema.accepts(field),
            (Scorer::Regex { .. } | Scorer::Schema { .. } | Scorer::External { .. }, _) => None,
        }
    }
}

fn compare(
    rule: &Expected,
    field: &str,
    expected: &str,
    holds: impl Fn(&str, &str) -> bool,
) -> Option<bool> {
    let steps: &[Normalise] = &rule.normalise;
    let (field, expected) = (normalise(steps, field), normalise(steps, expected));
    let is_blank = |text: &str| text.trim().is_empty();
    // Every text contains nothing and begins with it; and of an answer of which nothing is left nothing can be said.
    (!is_blank(&field) && !is_blank(&expected)).then(|| holds(&field, &expected))
}

fn is_near(field: &str, expected: &str, within: f64) -> Option<bool> {
    let (said, expected) = (read_number(field)?, read_number(expected)?);
    // 0.30 is within 0.01 of 0.29, though not in binary.
    let rounding = 4.0 * f64::EPSILON * said.abs().max(expected.abs());
    Some((said - expected).abs() <= within + rounding)
}
