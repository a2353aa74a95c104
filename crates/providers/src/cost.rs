//! What the provider says that a call cost. It knows discounts that no list of prices has.

use iago_sweep::Money;
use serde_json::Value;

use crate::Dialect;
use crate::headers::find;
use crate::quirks::quirks;

/// LiteLLM's header, in dollars.
const COST_HEADER: &str = "x-litellm-response-cost";

/// The provider's own figure; `None` where it tells none.
pub(crate) fn cost(
    dialect: &Dialect,
    headers: &[(String, String)],
    reply: &Value,
) -> Option<Money> {
    let quirks = quirks(dialect.flavour);
    let in_body = reply.pointer("/usage/cost").filter(|_| quirks.tells_cost).and_then(of_json);
    let in_header =
        || find(headers, COST_HEADER).and_then(dollars).filter(|cost| *cost > Money::ZERO);
    in_body.filter(|cost| *cost > Money::ZERO || !quirks.zero_cost_is_unknown).or_else(in_header)
}

/// A number or its digits as a text.
fn of_json(cost: &Value) -> Option<Money> {
    match cost {
        Value::Number(number) => dollars(&number.to_string()),
        Value::String(text) => dollars(text),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Picodollars are twelve places after the point.
const PLACES: i32 = 12;
/// More digits than any amount has; longer ones are somebody's mistake.
const DIGITS_MAX: usize = 40;

/// A decimal number, like `0.000123`, `12` or `1.5e-7`, to the picodollar: digit by digit, since a
/// binary fraction would not hold it. What is beyond twelve places is rounded up: no cost is lost.
pub(crate) fn dollars(written: &str) -> Option<Money> {
    let (mantissa, exponent) = written.split_once(['e', 'E']).unwrap_or((written, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let valid = !digits.is_empty()
        && digits.len() <= DIGITS_MAX
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    valid.then_some(())?;
    let fraction = i32::try_from(fraction.len()).ok()?;
    let shift = exponent.parse::<i32>().ok()?.checked_sub(fraction)?.checked_add(PLACES)?;
    shifted(&digits, shift)
}

/// The number `digits` times ten to the `shift`.
fn shifted(digits: &str, shift: i32) -> Option<Money> {
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Money::ZERO);
    }
    let places = usize::try_from(shift.unsigned_abs()).ok()?;
    if shift >= 0 {
        (digits.len() + places <= DIGITS_MAX).then_some(())?;
        return format!("{digits}{}", "0".repeat(places)).parse().ok().map(Money);
    }
    let kept = digits.get(..digits.len().saturating_sub(places)).unwrap_or_default();
    let lost = &digits[kept.len()..];
    let whole: i64 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    let rest = i64::from(lost.bytes().any(|digit| digit != b'0'));
    whole.checked_add(rest).map(Money)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dollars_are_read_to_the_picodollar() {
        for (written, picodollars) in [
            ("0", 0),
            ("0.000123", 123_000_000),
            ("1.5e-7", 150_000),
            ("1.5E-07", 150_000),
            ("12", 12_000_000_000_000),
            ("0.1", 100_000_000_000),
            ("3e2", 300_000_000_000_000),
            ("0.0000000000001", 1),
            ("1e-300", 1),
            ("9223372.036854775807", i64::MAX),
        ] {
            assert_eq!(dollars(written), Some(Money(picodollars)), "{written}");
        }
        for written in
            ["", ".", "-1", "None", "1e400", "NaN", "9223372.036854775808", "1e99999999999"]
        {
            assert_eq!(dollars(written), None, "{written}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_comes_back_as_it_was_written(amount in 0..i64::MAX) {
            let written = format!("{}.{:012}", amount / 1_000_000_000_000, amount % 1_000_000_000_000);
            prop_assert_eq!(dollars(&written), Some(Money(amount)));
        }

        #[test]
        fn a_json_number_of_a_calls_size_loses_nothing(amount in 0..1_000_000_000_000_000_i64) {
            let written = format!("{}.{:012}", amount / 1_000_000_000_000, amount % 1_000_000_000_000);
            let json: Value = serde_json::from_str(&written)?;
            prop_assert_eq!(of_json(&json), Some(Money(amount)));
        }

        #[test]
        fn anything_is_read_or_left(written: String) {
            prop_assert!(dollars(&written).is_none_or(|cost| cost >= Money::ZERO));
        }
    }
}
