//! The `Idempotency-Key`: which job a call belongs to, as far as an endpoint may know.

use crate::draw;

/// The name of a job and its repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobKey {
    /// The key as it came, or a hash of the body where none came.
    pub(crate) name: String,
    pub(crate) repeat: u64,
}

impl JobKey {
    /// Reads `<opaque>-r<repeat>` or `<opaque>-r<repeat>v<vote>`. Any other key is hashed for its
    /// repeat, so that equal keys still get equal answers. Without a key, calls with the same body
    /// cannot be told apart: all are the first repeat of one job.
    pub(crate) fn new(key: Option<&str>, body: &[u8]) -> Self {
        match key {
            Some(key) => Self { name: key.to_owned(), repeat: read_repeat(key) },
            None => Self { name: format!("body-{:016x}", draw::hash(0, &[body])), repeat: 0 },
        }
    }
}

fn read_repeat(key: &str) -> u64 {
    let tail = key.rsplit_once("-r").map(|(_, tail)| tail);
    tail.and_then(read_tail).unwrap_or_else(|| draw::hash(0, &[b"repeat", key.as_bytes()]))
}

fn read_tail(tail: &str) -> Option<u64> {
    let (repeat, vote) = tail.split_once('v').unwrap_or((tail, "0"));
    read_decimal(vote)?;
    read_decimal(repeat)
}

/// Digits only: `parse` alone would also take a plus sign.
fn read_decimal(digits: &str) -> Option<u64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_names_the_repeat_with_or_without_a_vote() {
        for (key, repeat) in [("a-r0", 0), ("a-r12", 12), ("a-r3v4", 3), ("a-r9-r2", 2), ("-r5", 5)]
        {
            assert_eq!(JobKey::new(Some(key), b"").repeat, repeat, "{key}");
        }
    }

    #[test]
    fn any_other_key_is_tolerated_and_stable() {
        for key in ["", "abc", "a-r", "a-rv", "a-r1v", "a-rv1", "a-r+1", "a-r1x", "a-r1v2v3"] {
            let repeat = JobKey::new(Some(key), b"").repeat;
            assert!(repeat > 1_000, "{key} was read as repeat {repeat}");
            assert_eq!(JobKey::new(Some(key), b"other body").repeat, repeat);
        }
    }

    #[test]
    fn without_a_key_the_body_is_the_name() {
        assert_eq!(JobKey::new(None, b"one"), JobKey::new(None, b"one"));
        assert_ne!(JobKey::new(None, b"one").name, JobKey::new(None, b"two").name);
    }
}
