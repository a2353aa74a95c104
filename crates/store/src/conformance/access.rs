//! Tokens and the audit.

use std::time::Duration;

use iago_sweep::{Digest, SweepId};

use crate::{Access, Act, Left, NewToken, Scope, StoreError, Token};

const HOUR: Duration = Duration::from_secs(3_600);
/// Names that databases refuse, read otherwise, or sort otherwise than Rust does.
const ODD: [&str; 6] = ["", "\0", "B", "a", "ab'; --", "\u{2400}\u{2410}\u{1f9ea}"];

/// What was granted is what is listed, with the store's times.
pub async fn a_granted_token_is_listed<A: Access>(store: A) {
    assert_eq!(tokens(&store).await, [], "the store is not fresh");
    store.grant(token("nightly", Scope::Operator, Some(HOUR))).await.expect("granted");
    let listed = tokens(&store).await;
    let [found] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((found.name.as_str(), found.scope), ("nightly", Scope::Operator));
    assert_eq!((found.hash, found.revoked_ms), (Digest::of("nightly"), None));
    assert!(found.created_ms > A_PAST_MOMENT_MS, "granted at {}", found.created_ms);
    assert_eq!(found.expires_ms, Some(found.created_ms + 3_600_000));
    assert!(
        matches!(found.left, Left::For(left) if left <= HOUR && left > HOUR / 2),
        "{:?}",
        found.left
    );
}

/// When this was written, less some: a store's clock that is behind it is no clock.
const A_PAST_MOMENT_MS: i64 = 1_780_000_000_000;

/// Each of them, without an end.
pub async fn every_scope_can_be_granted<A: Access>(store: A) {
    for scope in Scope::ALL {
        store.grant(token(scope.word(), *scope, None)).await.expect("granted");
    }
    let listed = tokens(&store).await;
    let mut expected = Scope::ALL.to_vec();
    expected.sort_by_key(|scope| scope.word());
    assert_eq!(listed.iter().map(|token| token.scope).collect::<Vec<_>>(), expected);
    for token in listed {
        assert_eq!((token.expires_ms, token.left), (None, Left::Unlimited));
    }
}

/// In the order of their characters, whatever is in them and whenever they were granted.
pub async fn tokens_are_listed_by_name<A: Access>(store: A) {
    for name in ["b", "A", "aa", "\u{e4}"].into_iter().chain(ODD) {
        store.grant(token(name, Scope::Reader, None)).await.expect("granted");
    }
    let listed = tokens(&store).await;
    let names: Vec<&str> = listed.iter().map(|token| token.name.as_str()).collect();
    let mut expected = ["b", "A", "aa", "\u{e4}"].to_vec();
    expected.extend(ODD);
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(listed.iter().all(|token| token.hash == Digest::of(&token.name)), "{listed:?}");
}

/// For good: the audit speaks of tokens by name.
pub async fn a_name_is_granted_once<A: Access>(store: A) {
    for name in ["plain", "\0odd"] {
        store.grant(token(name, Scope::Worker, Some(Duration::ZERO))).await.expect("granted");
        let before = tokens(&store).await;
        let again = NewToken { hash: Digest::of("other"), ..token(name, Scope::Operator, None) };
        assert_taken(&store.grant(again.clone()).await, name);
        assert_eq!(tokens(&store).await, before);
        store.revoke(name).await.expect("revoked");
        assert_taken(&store.grant(again).await, name);
    }
}

fn assert_taken(outcome: &Result<(), StoreError>, by: &str) {
    assert!(matches!(outcome, Err(StoreError::Taken { name }) if name == by), "{outcome:?}");
}

/// That one and no other, and it stays revoked since the first time.
pub async fn a_revoked_token_has_nothing_left<A: Access>(store: A) {
    for name in ["kept", "lost", "lost\0"] {
        store.grant(token(name, Scope::Worker, Some(HOUR))).await.expect("granted");
    }
    for name in ["lost", "lost\0"] {
        store.revoke(name).await.expect("revoked");
        let first = tokens(&store).await;
        store.revoke(name).await.expect("as it was");
        assert_eq!(since(&tokens(&store).await), since(&first));
    }
    let listed = tokens(&store).await;
    let left: Vec<bool> = listed.iter().map(|token| token.left != Left::Nothing).collect();
    assert_eq!(left, [true, false, false], "{listed:?}");
    assert!(listed[1].revoked_ms.is_some_and(|at| at >= listed[1].created_ms), "{:?}", listed[1]);
}

fn since(tokens: &[Token]) -> Vec<Option<i64>> {
    tokens.iter().map(|token| token.revoked_ms).collect()
}

/// Neither in a fresh store nor beside a similar name.
pub async fn an_unknown_token_cannot_be_revoked<A: Access>(store: A) {
    assert_unknown(&store.revoke("name").await, "name");
    store.grant(token("name", Scope::Reader, None)).await.expect("granted");
    for unknown in ["Name", "name ", "name\0", ""] {
        assert_unknown(&store.revoke(unknown).await, unknown);
    }
    assert_eq!(tokens(&store).await[0].left, Left::Unlimited);
}

fn assert_unknown(outcome: &Result<(), StoreError>, asked: &str) {
    assert!(matches!(outcome, Err(StoreError::NoToken { name }) if name == asked), "{outcome:?}");
}

/// The moment of expiry is too late; a lifetime beyond all calendars is only long.
pub async fn a_token_lives_as_long_as_it_was_granted_for<A: Access>(store: A) {
    let century = HOUR * 24 * 36_525;
    let lives = [("0", Duration::ZERO), ("1", HOUR), ("2", century), ("3", Duration::MAX)];
    for (name, lives) in lives {
        store.grant(token(name, Scope::Worker, Some(lives))).await.expect("granted");
    }
    let listed = tokens(&store).await;
    assert_eq!(listed[0].left, Left::Nothing);
    assert_eq!(listed[0].expires_ms, Some(listed[0].created_ms));
    assert_eq!(listed[0].revoked_ms, None);
    for (token, least) in listed[1..].iter().zip([HOUR / 2, century / 2, century]) {
        assert!(matches!(token.left, Left::For(left) if left > least), "{token:?}");
    }
}

/// Every act, and no more than were asked for.
pub async fn the_audit_tells_the_newest_first<A: Access>(store: A) {
    assert_eq!(store.audit(10).await.expect("audit"), []);
    for (number, act) in (1i64..).zip(Act::ALL) {
        let sweep = (number % 2 == 0).then_some(SweepId(number));
        store.note("somebody", *act, sweep, &format!("detail {number}")).await.expect("noted");
    }
    let audit = store.audit(usize::MAX).await.expect("audit");
    let acts: Vec<Act> = audit.iter().rev().map(|noted| noted.act).collect();
    assert_eq!(acts, Act::ALL);
    let last = i64::try_from(Act::ALL.len()).expect("a few");
    for (number, noted) in (1..=last).rev().zip(&audit) {
        assert_eq!((noted.who.as_str(), &noted.detail), ("somebody", &format!("detail {number}")));
        assert_eq!(noted.sweep, (number % 2 == 0).then_some(SweepId(number)));
        assert!(noted.at_ms > A_PAST_MOMENT_MS, "{noted:?}");
    }
    for limit in [0, 1, 3, Act::ALL.len() + 1] {
        let page = store.audit(limit).await.expect("audit");
        assert_eq!(page, audit[..limit.min(audit.len())], "at most {limit}");
    }
}

/// Whoever asked, for whatever: what was refused is told as well.
pub async fn notes_come_back_whatever_they_hold<A: Access>(store: A) {
    for (number, odd) in (-1i64..).zip(ODD) {
        store.note(odd, Act::Cancel, Some(SweepId(number)), odd).await.expect("noted");
    }
    let audit = store.audit(ODD.len()).await.expect("audit");
    for ((number, odd), noted) in (-1i64..).zip(ODD).zip(audit.iter().rev()) {
        assert_eq!((noted.who.as_str(), noted.detail.as_str()), (odd, odd));
        assert_eq!(noted.sweep, Some(SweepId(number)));
    }
}

/// A token to be granted whose hash tells its name.
pub(super) fn token(name: &str, scope: Scope, lives: Option<Duration>) -> NewToken {
    NewToken { name: name.to_owned(), scope, hash: Digest::of(name), lives }
}

async fn tokens(store: &impl Access) -> Vec<Token> {
    store.tokens().await.expect("tokens")
}
