//! Between which two values a number lies, whatever the names stand for: by interval arithmetic (R. E. Moore, Interval
//! Analysis, 1966, chapter 3).
//!
//! Each end is computed by the very operation that evaluation uses. Rounding never turns an order around, so the ends
//! bound the rounded results, too.

use crate::scope::Scope;
use crate::syntax::{Factor, Sign};
use crate::term::Quantity;

/// The least and the greatest value, both finite.
type Range = (f64, f64);

/// What a condition counts as in arithmetic.
pub(crate) const OF_CONDITION: Range = (0.0, 1.0);

impl Quantity {
    /// `None` where there is no end, or none is known.
    pub(crate) fn range(&self, scope: &Scope) -> Option<Range> {
        match self {
            Self::Literal(number) => Some((*number, *number)),
            Self::Name(name) => scope.bounds(name),
            Self::Indicator(_) => Some(OF_CONDITION),
            Self::Negative(inner) => {
                inner.range(scope).map(|(least, greatest)| (-greatest, -least))
            }
            Self::Product(first, rest) => {
                rest.iter().try_fold(first.range(scope)?, |product, (factor, part)| {
                    scale(product, *factor, part.range(scope)?)
                })
            }
            Self::Sum(first, rest) => {
                rest.iter().try_fold(first.range(scope)?, |sum, (sign, part)| {
                    add(sum, *sign, part.range(scope)?)
                })
            }
        }
    }
}

/// A product or quotient is greatest and least at corners, as it is monotone in each part while the other one stays.
fn scale(one: Range, factor: Factor, other: Range) -> Option<Range> {
    let apply = |one: f64, other: f64| match factor {
        Factor::Times => one * other,
        Factor::Divide => one / other,
    };
    let spans_zero = other.0 <= 0.0 && other.1 >= 0.0;
    if factor == Factor::Divide && spans_zero {
        return None;
    }
    let corners = [
        apply(one.0, other.0),
        apply(one.0, other.1),
        apply(one.1, other.0),
        apply(one.1, other.1),
    ];
    let least = corners.into_iter().fold(f64::INFINITY, f64::min);
    let greatest = corners.into_iter().fold(f64::NEG_INFINITY, f64::max);
    keep_finite((least, greatest))
}

fn add(one: Range, sign: Sign, other: Range) -> Option<Range> {
    keep_finite(match sign {
        Sign::Plus => (one.0 + other.0, one.1 + other.1),
        Sign::Minus => (one.0 - other.1, one.1 - other.0),
    })
}

fn keep_finite(range: Range) -> Option<Range> {
    (range.0.is_finite() && range.1.is_finite()).then_some(range)
}
