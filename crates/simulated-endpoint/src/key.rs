//! The `Idempotency-Key`: which job a call belongs to, as far as an endpoint may know.

use crate::draw;

/// The name of a job, its repeat, and which of its turns or tries a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobKey {
    /// The key as it came, or a hash of the body where none came.
    pub(crate) name: String,
    pub(crate) repeat: u64,
    /// From 1: the nth turn of one conversation, or the nth try of one question.
    pub(crate) turn: u64,
}

/// Hexadecimal digits that tell what was said before a turn.
const MARK_DIGITS: usize = 8;

/// What stands behind the last `-r`.
struct Tail {
    repeat: u64,
    turn: u64,
}

impl JobKey {
    /// Reads `<opaque>-r<repeat>`, with `v<vote>` and `t<turn>` (from 2) behind it where a job has
    /// them. Behind a turn may stand `x` and eight hexadecimal digits, which tell what was said
    /// before it. Any other key is hashed for its repeat, so that equal keys still get equal answers.
    /// Without a key, calls with the same body cannot be told apart: all are the first repeat of
    /// one job.
    pub(crate) fn new(key: Option<&str>, body: &[u8]) -> Self {
        let Some(key) = key else {
            let name = format!("body-{:016x}", draw::hash(0, &[body]));
            return Self { name, repeat: 0, turn: 1 };
        };
        let Tail { repeat, turn } = Tail::of(key);
        Self { name: key.to_owned(), repeat, turn }
    }

    /// The name that all turns and tries of the job share: what decides its class must not hang on
    /// how often it was asked, nor on what was said before.
    pub(crate) fn job(&self) -> &str {
        let turn = self.name.rsplit_once('t').filter(|_| self.turn > 1);
        turn.map_or(&self.name, |(job, _)| job)
    }
}

impl Tail {
    fn of(key: &str) -> Self {
        let tail = key.rsplit_once("-r").map(|(_, tail)| tail);
        tail.and_then(Self::read).unwrap_or_else(|| Self {
            repeat: draw::hash(0, &[b"repeat", key.as_bytes()]),
            turn: 1,
        })
    }

    fn read(tail: &str) -> Option<Self> {
        let (job, turn) = tail.split_once('t').unwrap_or((tail, "1"));
        let is_first = job == tail;
        let (turn, is_marked_well) =
            turn.split_once('x').map_or((turn, true), |(turn, mark)| (turn, is_mark(mark)));
        let turn = read_decimal(turn).filter(|turn| is_first || *turn > 1 && is_marked_well)?;
        let (repeat, vote) = job.split_once('v').unwrap_or((job, "0"));
        read_decimal(vote)?;
        Some(Self { repeat: read_decimal(repeat)?, turn })
    }
}

/// Whether this can tell what was said before a turn.
fn is_mark(digits: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits.len() == MARK_DIGITS && digits.bytes().all(is_digit)
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
    fn a_later_turn_belongs_to_the_same_job_and_repeat() {
        for (key, job, repeat, turn) in [
            ("at-r3", "at-r3", 3, 1),
            ("at-r3t2", "at-r3", 3, 2),
            ("a-r3v1t12", "a-r3v1", 3, 12),
            ("at-r3t2x0123cdef", "at-r3", 3, 2),
            ("a-r3v1t12x00000000", "a-r3v1", 3, 12),
        ] {
            let key = JobKey::new(Some(key), b"");
            assert_eq!((key.job(), key.repeat, key.turn), (job, repeat, turn));
        }
    }

    #[test]
    fn any_other_key_is_tolerated_and_stable() {
        for key in [
            "",
            "abc",
            "a-r",
            "a-rv",
            "a-r1v",
            "a-rv1",
            "a-r+1",
            "a-r1x",
            "a-r1v2v3",
            "a-r1t",
            "a-r1t1",
            "a-r1t0",
            "a-rt2",
            "a-r1t2v3",
            "a-r1t2t3",
            "a-r1t2x",
            "a-r1t2x0123cde",
            "a-r1t2x0123cdefa",
            "a-r1t2x0123CDEF",
            "a-r1t2x0123cdeg",
            "a-r1x0123cdef",
            "a-r1v2x0123cdef",
            "a-r1tx0123cdef",
            "a-r1t1x0123cdef",
            "a-r1x0123cdeft2",
            "a-r1t2x0123cdefv1",
        ] {
            let found = JobKey::new(Some(key), b"");
            assert!(found.repeat > 1_000, "{key} was read as repeat {}", found.repeat);
            assert_eq!((found.job(), found.turn), (key, 1));
            assert_eq!(JobKey::new(Some(key), b"other body").repeat, found.repeat);
        }
    }

    #[test]
    fn without_a_key_the_body_is_the_name() {
        assert_eq!(JobKey::new(None, b"one"), JobKey::new(None, b"one"));
        assert_ne!(JobKey::new(None, b"one").name, JobKey::new(None, b"two").name);
    }
}
