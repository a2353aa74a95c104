//! How a receiver can tell that a message is ours: the convention of Standard Webhooks.
//!
//! Three headers. `webhook-id` is the same however often a message comes, `webhook-timestamp` is when this
//! copy was sent, in seconds since 1970, and `webhook-signature` is `v1,` and then, in base64, the
//! HMAC-SHA256 of id, timestamp and body, joined by full stops.

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

/// What a secret begins with that is written in base64.
const IN_BASE64: &str = "whsec_";

/// Some write the padding of base64, and some do not.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What messages to one receiver are signed with.
#[derive(Clone, Debug)]
pub(crate) struct SigningKey(SecretSlice<u8>);

/// A text that is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("after `whsec_` comes base64")]
pub(crate) struct BadSecret;

impl SigningKey {
    /// Reads a secret: `whsec_` and base64 stand for the bytes behind them, and any other text for itself.
    pub(crate) fn read(secret: &SecretString) -> Result<Self, BadSecret> {
        let secret = secret.expose_secret();
        let bytes = match secret.strip_prefix(IN_BASE64) {
            Some(encoded) => LENIENT.decode(encoded).map_err(|_not_shown| BadSecret)?,
            None => secret.as_bytes().to_vec(),
        };
        if bytes.is_empty() {
            return Err(BadSecret);
        }
        Ok(Self(bytes.into()))
    }

    /// The `webhook-signature` of a message.
    pub(crate) fn sign(&self, id: &str, timestamp_s: u64, body: &[u8]) -> String {
        let key = self.0.expose_secret();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
        mac.update(format!("{id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The `webhook-id` of a message: its id, with every byte as `%` and two digits that is no ASCII letter or
/// digit and none of `-`, `_`, `/` and `:`. A header cannot carry all others, and a full stop ends the id
/// where it is signed.
pub(crate) fn webhook_id(id: &str) -> String {
    let written = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'/' | b':' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    id.bytes().map(written).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signed(secret: &str, id: &str, timestamp_s: u64, body: &str) -> String {
        let key = SigningKey::read(&SecretString::from(secret)).expect("it is a secret");
        key.sign(id, timestamp_s, body.as_bytes())
    }

    /// By another program:
    ///
    /// ```python
    /// key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    /// said = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    /// base64.b64encode(hmac.new(key, said, hashlib.sha256).digest())
    /// ```
    #[test]
    fn a_signature_is_what_another_program_makes_of_the_same_message() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = signed(secret, id, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// As above, with the key `b"iago signs what it says"`, and with `"a plain secret, ü".encode()`.
    #[test]
    fn a_secret_is_base64_after_its_mark_and_plain_text_without() {
        let body = r#"{"type":"iago.night.v1"}"#;
        let sign = |secret| {
            signed(secret, "assistant-nightly/2026-09-15T00:00:00Z/ci", 1_757_894_400, body)
        };
        let in_base64 = "v1,93wGcFQW4aaD/KzCEDMchEwzf2qojpawu8Zz3N3u7Jk=";
        assert_eq!(sign("whsec_aWFnbyBzaWducyB3aGF0IGl0IHNheXM="), in_base64);
        assert_eq!(sign("whsec_aWFnbyBzaWducyB3aGF0IGl0IHNheXM"), in_base64);
        assert_eq!(sign("iago signs what it says"), in_base64);
        assert_eq!(sign("a plain secret, ü"), "v1,u8njAdWSvfTLd/YGVckATJH8CDMJ8RTSqIpvD1BNULw=");
    }

    #[test]
    fn what_is_no_base64_after_its_mark_is_no_secret() {
        for bad in ["whsec_", "whsec_%", "whsec_a", ""] {
            let read = SigningKey::read(&SecretString::from(bad));
            assert!(read.is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_of_a_schedule_is_sent_as_it_is() {
        let id = "assistant-nightly/2026-09-15T00:00:00Z/slack";
        assert_eq!(webhook_id(id), id);
        assert_eq!(webhook_id("a.b ü%\n"), "a%2Eb%20%C3%BC%25%0A");
    }

    proptest! {
        #[test]
        fn no_two_ids_are_sent_alike_and_each_can_be_signed_and_sent(one in ".*", other in ".*") {
            let sent = webhook_id(&one);
            prop_assert!(sent.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.'));
            prop_assert_eq!(one == other, sent == webhook_id(&other));
        }

        #[test]
        fn whatever_is_changed_changes_the_signature(
            id in "[a-z/]{1,20}", at in 0_u64..1 << 40, body in ".{0,40}", key in ".{1,20}",
        ) {
            let true_one = signed(&key, &id, at, &body);
            prop_assert_ne!(&true_one, &signed(&key, &format!("{id}x"), at, &body));
            prop_assert_ne!(&true_one, &signed(&key, &id, at + 1, &body));
            prop_assert_ne!(&true_one, &signed(&key, &id, at, &format!("{body} ")));
            prop_assert_ne!(&true_one, &signed(&format!("{key}x"), &id, at, &body));
        }
    }
}
