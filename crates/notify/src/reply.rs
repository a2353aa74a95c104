//! What follows from what a receiver said to a message, or did not say.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::StatusCode;

use crate::backoff::delay;

/// For how long a message is sent again, from when it was stored. Whoever hears nothing for a day looks by
/// themselves, and an old verdict is worse than none.
pub(crate) const TRIED_FOR: Duration = Duration::from_secs(24 * 3600);

/// What came of sending a message once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A reply.
    Reply {
        /// Its status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// None: it could not be sent, or nothing came back. The words never hold an address or a secret.
    Nothing(String),
}

/// A message as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent<'a> {
    /// What it is known by.
    pub(crate) id: &'a str,
    /// How often it was sent before.
    pub(crate) before: u32,
    /// How long ago it was stored.
    pub(crate) age: Duration,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It was received.
    Delivered,
    /// It is sent again.
    Again {
        /// After this wait.
        after: Duration,
        /// For so long the receiver asked to be left alone, with everything that it is sent.
        asked: Option<Duration>,
        /// Why.
        why: String,
    },
    /// It is never sent again, for this reason.
    GiveUp(String),
}

/// What follows from what was heard.
///
/// A receiver that cannot be reached, is late, overloaded (408, 429) or broken (5xx) may be well later. What
/// it refuses otherwise it will refuse again, and a redirect may lead a secret anywhere.
pub(crate) fn judge_reply(heard: &Heard, sent: Sent<'_>) -> Then {
    match heard {
        Heard::Nothing(why) => again(why.clone(), None, sent),
        Heard::Reply { status: 200..=299, .. } => Then::Delivered,
        Heard::Reply { status: status @ (408 | 429 | 500..=599), retry_after } => {
            again(said(*status), *retry_after, sent)
        }
        Heard::Reply { status: status @ 300..=399, .. } => Then::GiveUp(format!(
            "{}: no redirect is followed; give the address that it leads to",
            said(*status)
        )),
        Heard::Reply { status, .. } => Then::GiveUp(said(*status)),
    }
}

fn again(why: String, asked: Option<Duration>, sent: Sent<'_>) -> Then {
    // Never sooner than usual: whoever asks for it at once, each time, would get it as fast as it goes.
    let after = delay(sent.before, sent.id).max(asked.unwrap_or(Duration::ZERO));
    if sent.age.saturating_add(after) > TRIED_FOR {
        let hours = TRIED_FOR.as_secs() / 3600;
        return Then::GiveUp(format!("not received within {hours} hours, at last: {why}"));
    }
    Then::Again { after, asked, why }
}

fn said(status: u16) -> String {
    let known = StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason());
    match known {
        Some(words) => format!("the receiver said {status} {words}"),
        None => format!("the receiver said {status}"),
    }
}

/// How long a `Retry-After` asks to wait: seconds, or a date, which is measured against the reply's own
/// `Date`, so that nobody's clock matters. `None` if it says neither.
pub(crate) fn read_retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = |text: &str| Some(rfc2822::parse(text.trim()).ok()?.timestamp().as_second());
    let seconds = moment(value)?.checked_sub(moment(date?)?)?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn judge(status: u16, retry_after: Option<Duration>, age: Duration) -> Then {
        judge_reply(&Heard::Reply { status, retry_after }, Sent { id: "a", before: 0, age })
    }

    #[test]
    fn what_was_received_is_delivered_however_late() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(judge(status, None, TRIED_FOR * 9), Then::Delivered);
        }
    }

    #[test]
    fn a_receiver_that_may_be_well_later_is_asked_again_then() {
        for status in [408, 429, 500, 502, 503, 504, 599] {
            let Then::Again { after, asked: None, why } = judge(status, None, HOUR) else {
                panic!("{status} ends it")
            };
            assert_eq!(after, delay(0, "a"));
            assert!(why.contains(&status.to_string()), "{why}");
            let asked = judge(status, Some(HOUR), HOUR);
            assert!(
                matches!(asked, Then::Again { after: HOUR, asked: Some(HOUR), .. }),
                "{asked:?}"
            );
        }
    }

    #[test]
    fn who_asks_for_it_at_once_gets_it_no_sooner_than_usual() {
        let past = read_retry_after(
            "Sun, 06 Nov 1994 08:49:37 GMT",
            Some("Sun, 06 Nov 1994 08:51:37 GMT"),
        );
        for asked in [read_retry_after("0", None), past] {
            let heard = Heard::Reply { status: 429, retry_after: asked };
            for before in [0, 1, 7, u32::MAX] {
                let then = judge_reply(&heard, Sent { id: "a", before, age: HOUR });
                let Then::Again { after, asked: Some(Duration::ZERO), .. } = then else {
                    panic!("{then:?}")
                };
                assert_eq!(after, delay(before, "a"));
            }
        }
    }

    #[test]
    fn what_is_refused_for_good_is_given_up_at_once_with_the_reason() {
        let reason = "the receiver said 400 Bad Request".to_owned();
        assert_eq!(judge(400, Some(HOUR), Duration::ZERO), Then::GiveUp(reason));
        for status in [300, 301, 302, 307, 308, 401, 403, 404, 410, 413, 600, 999] {
            let Then::GiveUp(why) = judge(status, None, Duration::ZERO) else {
                panic!("{status} does not end it")
            };
            assert!(why.contains(&status.to_string()), "{why}");
            assert_eq!(why.contains("redirect"), status < 400, "{why}");
        }
    }

    #[test]
    fn after_a_day_it_is_given_up_and_says_what_was_last() {
        let why =
            "not received within 24 hours, at last: the receiver said 503 Service Unavailable";
        assert_eq!(judge(503, None, TRIED_FOR), Then::GiveUp(why.to_owned()));
        // A wait that lasts until then is one that is not waited for.
        let too_long = judge(429, Some(HOUR), TRIED_FOR - HOUR / 2);
        assert!(matches!(too_long, Then::GiveUp(_)), "{too_long:?}");
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        let seconds = |value, date| read_retry_after(value, date).map(|wait| wait.as_secs());
        assert_eq!(seconds("120", None), Some(120));
        assert_eq!(seconds(" 0 ", None), Some(0));
        let (now, then) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:51:37 GMT");
        assert_eq!(seconds(then, Some(now)), Some(120));
        assert_eq!(seconds(now, Some(then)), Some(0));
        for nonsense in ["", "-1", "soon", "1.5", "Sun, 06 Nov"] {
            assert_eq!(seconds(nonsense, Some(now)), None, "{nonsense}");
        }
        assert_eq!(seconds(then, None), None);
    }

    proptest! {
        #[test]
        fn nothing_is_sent_again_more_than_a_day_after_it_was_stored(
            status in 100_u16..1000, asked in proptest::option::of(0_u64..200_000), before: u32,
            age in 0_u64..200_000,
        ) {
            let heard = Heard::Reply { status, retry_after: asked.map(Duration::from_secs) };
            let sent = Sent { id: "a", before, age: Duration::from_secs(age) };
            if let Then::Again { after, .. } = judge_reply(&heard, sent) {
                prop_assert!(sent.age + after <= TRIED_FOR);
            }
        }
    }
}
