//! Lone surrogates in JSON: allowed by its grammar, but no text.
//!
//! Models trained on bytes do emit half of a character now and then, and servers pass it on as
//! `\ud800`. The answer around it is good and paid for.

/// `source` with each lone surrogate escape turned into its own six characters (`\\ud800`), or
/// `None` where there is none. Pairs, and backslashes that are themselves escaped, stay.
pub(crate) fn escape_lone(source: &str) -> Option<String> {
    let mut escaped = String::with_capacity(source.len() + 8);
    let mut rest = source;
    let mut found = false;
    while let Some(place) = rest.find('\\') {
        escaped.push_str(&rest[..place]);
        rest = &rest[place..];
        let taken = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                escaped.push('\\');
                found = true;
                6
            }
            (_, _) => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
        };
        escaped.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    escaped.push_str(rest);
    found.then_some(escaped)
}

/// The UTF-16 unit of the `\uXXXX` that `text` begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(())?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_lone_ones_are_touched() {
        assert_eq!(escape_lone(r#""a \ud83d\ude00 b""#), None);
        assert_eq!(escape_lone(r#""\\ud800""#), None);
        assert_eq!(escape_lone(r#""\ud800""#).as_deref(), Some(r#""\\ud800""#));
        assert_eq!(escape_lone(r#""\uDE00x""#).as_deref(), Some(r#""\\uDE00x""#));
        assert_eq!(
            escape_lone(r#""\ud800\ud83d\ude00""#).as_deref(),
            Some(r#""\\ud800\ud83d\ude00""#)
        );
        assert_eq!(escape_lone(r#""\\\ud800\n""#).as_deref(), Some(r#""\\\\ud800\n""#));
    }

    proptest! {
        #[test]
        fn any_units_written_as_escapes_can_be_read_afterwards(units: Vec<u16>) {
            let source: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let source = format!("\"{source}\"");
            let readable = escape_lone(&source).unwrap_or_else(|| source.clone());
            prop_assert!(serde_json::from_str::<String>(&readable).is_ok());
            let lone = char::decode_utf16(units).any(|unit| unit.is_err());
            prop_assert_eq!(lone, readable != source);
        }

        #[test]
        fn arbitrary_text_does_not_break_it(source in "(\\\\|u|d|8|\\PC)*") {
            if let Some(escaped) = escape_lone(&source) {
                prop_assert!(escaped.len() > source.len());
            }
        }
    }
}
