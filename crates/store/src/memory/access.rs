//! Tokens and the audit in memory.

use std::time::{Duration, SystemTime};

use iago_sweep::SweepId;

use super::MemoryStore;
use crate::{Access, Act, Audited, Left, NewToken, StoreError, Token};

impl Access for MemoryStore {
    async fn grant(&self, token: NewToken) -> Result<(), StoreError> {
        let mut kept = self.kept();
        if kept.tokens.contains_key(&token.name) {
            return Err(StoreError::Taken { name: token.name });
        }
        let created_ms = now_ms();
        let expires_ms = token.lives.map(|lives| created_ms.saturating_add(in_ms(lives)));
        let NewToken { name, scope, hash, .. } = token;
        let revoked_ms = None;
        let left = Left::at(created_ms, expires_ms, revoked_ms);
        let token =
            Token { name: name.clone(), scope, hash, created_ms, expires_ms, revoked_ms, left };
        kept.tokens.insert(name, token);
        Ok(())
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let now_ms = now_ms();
        let as_of_now = |token: &Token| {
            let left = Left::at(now_ms, token.expires_ms, token.revoked_ms);
            Token { left, ..token.clone() }
        };
        Ok(self.kept().tokens.values().map(as_of_now).collect())
    }

    async fn revoke(&self, name: &str) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let Some(token) = kept.tokens.get_mut(name) else {
            return Err(StoreError::NoToken { name: name.to_owned() });
        };
        token.revoked_ms.get_or_insert_with(now_ms);
        Ok(())
    }

    async fn note(
        &self,
        who: &str,
        act: Act,
        sweep: Option<SweepId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (who, detail) = (who.to_owned(), detail.to_owned());
        self.kept().audit.push(Audited { at_ms: now_ms(), who, act, sweep, detail });
        Ok(())
    }

    async fn audit(&self, limit: usize) -> Result<Vec<Audited>, StoreError> {
        Ok(self.kept().audit.iter().rev().take(limit).cloned().collect())
    }
}

/// A clock before 1970 counts as 1970.
#[expect(clippy::disallowed_methods, reason = "this store has no clock but the system's")]
pub(super) fn now_ms() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, in_ms)
}

fn in_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
