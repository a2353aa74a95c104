//! Who may come in: bearer tokens, each with one scope.
//!
//! Only hashes of tokens are kept. They are read from the store every few seconds, so that a token
//! that was revoked or has run out ends within that time everywhere, an open stream included.

use std::collections::BTreeMap;
use std::sync::Arc;

use iago_store::{Access, Act, Left, Scope, Token};
use iago_sweep::{Digest, SweepId};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, timeout};
use tonic::Status;
use tonic::metadata::MetadataMap;
use tracing::warn;

/// How often tokens are read again: so long may a new one be unknown, and a revoked one be valid.
const REFRESH: Duration = Duration::from_secs(2);

/// Who is let in where there are no tokens.
const ANYBODY: &str = "anybody";

/// Who may look.
pub(crate) const LOOK: &[Scope] = &[Scope::Reader, Scope::Operator];
/// Who may decide.
pub(crate) const DECIDE: &[Scope] = &[Scope::Operator];

/// The tokens' hash: tokens are 32 random bytes, so that no slow hash is needed.
pub fn token_hash(token: &str) -> Digest {
    Digest::of(token)
}

/// Lets in whoever has a token for it.
#[derive(Clone, Debug)]
pub struct Doors {
    /// `None`: there are no locks.
    keys: Option<watch::Receiver<Keys>>,
    /// By which name everybody is on record where there are none.
    everybody: Arc<str>,
}

type Keys = Arc<BTreeMap<Digest, Key>>;

#[derive(Clone, Debug)]
struct Key {
    name: String,
    scope: Scope,
    /// `None`: for good.
    until: Option<Instant>,
}

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(crate) name: String,
    hash: Option<Digest>,
    doors: Doors,
}

impl Doors {
    /// Everybody may come in: within one process, or on a loopback that is nobody else's.
    pub fn unlocked() -> Self {
        Self::unlocked_for(ANYBODY)
    }

    /// The same where it is known who comes in; they are on record by this name.
    pub fn unlocked_for(name: &str) -> Self {
        Self { keys: None, everybody: name.into() }
    }

    /// Only who has a token comes in. Reads them from now on, until the last copy is dropped.
    pub fn locked<S: Access>(store: Arc<S>) -> Self {
        let (keys, read) = watch::channel(Keys::default());
        tokio::spawn(read_again_and_again(store, keys));
        Self { keys: Some(read), everybody: ANYBODY.into() }
    }

    /// Lets somebody in who has a token of one of these scopes.
    pub(crate) async fn admit(
        &self,
        metadata: &MetadataMap,
        scopes: &[Scope],
    ) -> Result<Pass, Status> {
        let Some(keys) = &self.keys else {
            return Ok(Pass { name: self.everybody.to_string(), hash: None, doors: self.clone() });
        };
        let token = bearer(metadata)?;
        let hash = token_hash(token);
        let key = find(keys.clone(), hash).await.ok_or_else(unknown)?;
        check(&key, scopes)?;
        Ok(Pass { name: key.name, hash: Some(hash), doors: self.clone() })
    }
}

impl Pass {
    /// Every act of authority is on record before it is done.
    pub(crate) async fn note<S: Access>(
        &self,
        store: &S,
        act: Act,
        sweep: Option<SweepId>,
        detail: &str,
    ) -> Result<(), Status> {
        let noted = store.note(&self.name, act, sweep, detail).await;
        noted.map_err(|error| Status::unavailable(error.to_string()))
    }

    /// Says why somebody who was let in may stay no longer.
    pub(crate) fn check(&self) -> Result<(), Status> {
        let (Some(keys), Some(hash)) = (&self.doors.keys, &self.hash) else { return Ok(()) };
        match keys.borrow().get(hash) {
            Some(key) if key.is_valid() => Ok(()),
            Some(key) => Err(ended(&key.name)),
            None => Err(unknown()),
        }
    }
}

impl Key {
    fn is_valid(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() < until)
    }
}

/// A token may be as new as the last reading is old, and a reading that is under way may miss it:
/// two more are waited for. That slows down whoever guesses, too.
async fn find(mut keys: watch::Receiver<Keys>, hash: Digest) -> Option<Key> {
    for _ in 0..2 {
        if let Some(key) = keys.borrow_and_update().get(&hash) {
            return Some(key.clone());
        }
        drop(timeout(2 * REFRESH, keys.changed()).await);
    }
    keys.borrow().get(&hash).cloned()
}

fn check(key: &Key, scopes: &[Scope]) -> Result<(), Status> {
    if !key.is_valid() {
        return Err(ended(&key.name));
    }
    if scopes.contains(&key.scope) {
        return Ok(());
    }
    let needed: Vec<&str> = scopes.iter().map(|scope| scope.word()).collect();
    let (name, scope, needed) = (&key.name, key.scope, needed.join(" or "));
    let words = format!("token `{name}` has the scope {scope}, and this needs {needed}");
    Err(Status::permission_denied(words))
}

fn bearer(metadata: &MetadataMap) -> Result<&str, Status> {
    let value = metadata.get("authorization").and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer "));
    token.ok_or_else(|| {
        Status::unauthenticated("a token is needed here: make one with `iago token create`")
    })
}

fn unknown() -> Status {
    Status::unauthenticated("this token is not known here: make one with `iago token create`")
}

fn ended(name: &str) -> Status {
    Status::unauthenticated(format!(
        "token `{name}` was revoked or has run out: make another with `iago token create`"
    ))
}

async fn read_again_and_again<S: Access>(store: Arc<S>, keys: watch::Sender<Keys>) {
    while !keys.is_closed() {
        match store.tokens().await {
            Ok(tokens) => {
                let now = Instant::now();
                let read = tokens.into_iter().map(|token| (token.hash, key(token, now)));
                keys.send_replace(Arc::new(read.collect()));
            }
            // Those that were read before stay, each until its own end.
            Err(error) => warn!(%error, "the tokens could not be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(REFRESH) => {}
            () = keys.closed() => return,
        }
    }
}

fn key(token: Token, now: Instant) -> Key {
    let until = match token.left {
        Left::Unlimited => None,
        Left::For(left) => Some(now + left),
        Left::Nothing => Some(now),
    };
    Key { name: token.name, scope: token.scope, until }
}
