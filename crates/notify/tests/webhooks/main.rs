//! Messages of a store go over HTTP to receivers of all kinds.

mod away;
mod night;
mod receiver;

use std::sync::Arc;
use std::time::Duration;

use away::Away;
use iago_store::{Nights, NoticeEnd, Store};
use night::{Leader, SECRET, SIGNED_BY};
use receiver::{Receiver, Reply};
use sha2::{Digest, Sha256};

/// As the convention says it, and with no code of ours: HMAC is two rounds of the hash around the message,
/// with the key, filled up to 64 bytes, xored with 0x5c and 0x36.
fn hmac(key: &[u8], said: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64, "a longer key is hashed first");
    let pad = |with: u8| -> Vec<u8> {
        (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect()
    };
    let inner = Sha256::digest([pad(0x36), said.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

#[tokio::test]
async fn a_message_arrives_once_and_signed_as_the_convention_says() {
    let (receiver, leader) = (Receiver::start(vec![]).await, Leader::new().await);
    let body = br#"{"type":"iago.night.v1","word":"regression","quote":"\u00fc <&>"}"#;
    leader.tell("nightly/2026-09-15T00:00:00Z/ci", "CI_URL", body).await;
    let _courier = leader.start(&[("CI_URL", receiver.url("/hook"))]);
    let ends = leader.ends(1).await;
    assert_eq!(ends, [NoticeEnd::Delivered]);
    let [heard] = receiver.heard().try_into().expect("one message");
    assert_eq!((heard.path.as_str(), heard.body.as_slice()), ("/hook", body.as_slice()));
    assert_eq!(heard.header("content-type"), "application/json");
    assert_eq!(heard.header("webhook-id"), "nightly/2026-09-15T00:00:00Z/ci");
    let timestamp = heard.header("webhook-timestamp");
    let age = receiver::now_s() - timestamp.parse::<i64>().expect("seconds");
    assert!((0..60).contains(&age), "sent {age} s ago");
    let said = [format!("nightly/2026-09-15T00:00:00Z/ci.{timestamp}.").as_bytes(), body].concat();
    let signature =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hmac(SIGNED_BY, &said));
    assert_eq!(heard.header("webhook-signature"), format!("v1,{signature}"));
}

#[tokio::test]
async fn what_an_overloaded_receiver_gets_again_has_the_same_id() {
    let replies = vec![Reply::of(503).after("3"), Reply::of(429).after("0")];
    let (receiver, leader) = (Receiver::start(replies).await, Leader::new().await);
    leader.tell("a", "CI_URL", b"{}").await;
    let _courier = leader.start(&[("CI_URL", receiver.url("/"))]);
    assert_eq!(leader.ends(1).await, [NoticeEnd::Delivered]);
    let heard = receiver.heard();
    assert_eq!(heard.iter().map(|heard| heard.header("webhook-id")).collect::<Vec<_>>(), ["a"; 3]);
    // The first wait it asked for, and the second is as long as usual, though it asked for none.
    for (wait, pair) in [3_000, 3_000].into_iter().zip(heard.windows(2)) {
        let waited = pair[1].at.duration_since(pair[0].at);
        assert!(waited >= Duration::from_millis(wait), "{waited:?} of {wait} ms");
    }
}

#[tokio::test]
async fn what_is_refused_is_given_up_at_once_with_the_reason() {
    let (receiver, leader) = (Receiver::start(vec![Reply::of(400)]).await, Leader::new().await);
    leader.tell("a", "CI_URL", b"{}").await;
    let _courier = leader.start(&[("CI_URL", receiver.url("/"))]);
    let reason = "the receiver said 400 Bad Request".to_owned();
    assert_eq!(leader.ends(1).await, [NoticeEnd::GivenUp(reason)]);
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Receiver::start(vec![]).await;
    let moved = Reply::of(307).with("location", elsewhere.url("/"));
    let (receiver, leader) = (Receiver::start(vec![moved]).await, Leader::new().await);
    leader.tell("a", "CI_URL", b"{}").await;
    let _courier = leader.start(&[("CI_URL", receiver.url("/"))]);
    let ends = leader.ends(1).await;
    assert!(matches!(&ends[..], [NoticeEnd::GivenUp(why)] if why.contains("307")), "{ends:?}");
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn a_receiver_that_hangs_and_one_that_is_gone_hold_up_nobody() {
    let hanging = Receiver::start(vec![Reply::never(), Reply::never()]).await;
    let (receiver, leader) = (Receiver::start(vec![]).await, Leader::new().await);
    for id in ["h1", "h2"] {
        leader.tell(id, "HANGING", b"{}").await;
    }
    leader.tell("g", "GONE", b"{}").await;
    leader.tell("n", "UNSET", b"{}").await;
    let well = ["w1", "w2", "w3"];
    for id in well {
        leader.tell(id, "WELL", b"{}").await;
    }
    let gone = receiver::closed_url().await;
    let (hangs, is_well) = (hanging.url("/"), receiver.url("/"));
    let _courier = leader.start(&[("HANGING", hangs), ("GONE", gone), ("WELL", is_well)]);
    assert_eq!(
        leader.ends(3).await,
        [NoticeEnd::Delivered, NoticeEnd::Delivered, NoticeEnd::Delivered]
    );
    let ids: Vec<_> = receiver.heard().iter().map(|heard| heard.header("webhook-id")).collect();
    assert_eq!(ids, well);
    assert!(hanging.heard().len() <= 1, "one at a time");
    let open = leader.store.open_notices(9).await.unwrap();
    assert_eq!(open.len(), 4, "what is not delivered stays open");
}

#[tokio::test]
async fn after_a_crash_between_sending_and_recording_it_comes_again_with_the_same_id() {
    let replies = vec![Reply::never()];
    let (receiver, leader) = (Receiver::start(replies).await, Leader::new().await);
    leader.tell("a", "CI_URL", b"{}").await;
    let url = receiver.url("/");
    let courier = leader.start(&[("CI_URL", url.clone())]);
    receiver.hears(1).await;
    courier.kill().await;
    assert_eq!(leader.store.open_notices(9).await.unwrap().len(), 1);
    let _next = leader.start(&[("CI_URL", url)]);
    assert_eq!(leader.ends(1).await, [NoticeEnd::Delivered]);
    let ids: Vec<_> = receiver.heard().iter().map(|heard| heard.header("webhook-id")).collect();
    assert_eq!(ids, ["a", "a"]);
}

#[tokio::test]
async fn a_store_that_is_away_is_waited_for_and_nothing_is_sent_twice_for_it() {
    let (receiver, leader) = (Receiver::start(vec![]).await, Leader::new().await);
    leader.tell("a", "CI_URL", b"{}").await;
    let away = Arc::new(Away::new(Arc::clone(&leader.store), 1, 2));
    let _courier = leader.start_with(Arc::clone(&away), &[("CI_URL", receiver.url("/"))]);
    assert_eq!(leader.ends(1).await, [NoticeEnd::Delivered]);
    assert_eq!((*away.reads.borrow(), *away.ends.borrow()), (0, 0));
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn who_does_not_lead_sends_nothing_and_who_was_deposed_records_nothing() {
    let (receiver, leader) = (Receiver::start(vec![]).await, Leader::new().await);
    leader.tell("a", "CI_URL", b"{}").await;
    // Another process took over, and this one has not heard of it.
    leader.store.resign(leader.term).await.unwrap();
    let next = leader.store.lead("another", Duration::from_secs(60)).await.unwrap();
    let url = receiver.url("/");
    let deposed = leader.start(&[("CI_URL", url.clone())]);
    receiver.hears(1).await;
    assert_eq!(leader.store.open_notices(9).await.unwrap().len(), 1);
    // It stands by, for as long as it takes, and leads again.
    deposed.terms.send_replace(None);
    deposed.terms.send_replace(Some(next));
    assert_eq!(leader.ends(1).await, [NoticeEnd::Delivered]);
    let ids: Vec<_> = receiver.heard().iter().map(|heard| heard.header("webhook-id")).collect();
    assert_eq!(ids, ["a", "a"]);
    // Nothing more goes out while nobody leads here.
    deposed.terms.send_replace(None);
    leader.tell_in(next, "b", "CI_URL", b"{}").await;
    tokio::time::pause();
    tokio::time::sleep(Duration::from_secs(600)).await;
    tokio::time::resume();
    deposed.stop().await;
    assert_eq!(receiver.heard().len(), 2);
}

#[tokio::test]
async fn no_secret_is_in_a_log_or_in_a_reason() {
    let log = night::Log::default();
    let _logged = log.collect();
    let replies = vec![Reply::of(500).after("0"), Reply::of(401)];
    let (receiver, leader) = (Receiver::start(replies).await, Leader::new().await);
    let gone = receiver::closed_url().await;
    for (id, variable) in [("a", "CI_URL"), ("b", "GONE"), ("c", "UNSET"), ("d", "NONSENSE")] {
        leader.tell(id, variable, br#"{"word":"private-body"}"#).await;
    }
    let courier = leader.start(&[
        ("CI_URL", receiver.url("/private-path")),
        ("GONE", format!("{gone}private-path")),
        ("NONSENSE", "private-path".to_owned()),
    ]);
    let ends = leader.ends(1).await;
    log.has(&["message given up", "no connection could be made", "UNSET", "NONSENSE"]).await;
    courier.stop().await;
    let told = format!("{ends:?} {}", log.text());
    assert!(told.contains("401"), "{told}");
    for secret in ["private", SECRET, "c2lnbg", "sign by this"] {
        assert!(!told.contains(secret), "`{secret}` in {told}");
    }
}
