//! Which marked prefixes were sent before.

use std::collections::{HashSet, VecDeque};

use crate::prefix::Prefix;

/// So many prefixes are known; the oldest is forgotten for a new one.
const PREFIXES_MAX: usize = 65_536;

/// The vendor's prompt cache. It knows hashes, and no text.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    known: HashSet<u64>,
    in_order: VecDeque<u64>,
}

/// Characters at the beginning of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cached {
    /// Were there.
    pub(crate) read: usize,
    /// Are there now, those that were read among them.
    pub(crate) marked: usize,
}

impl Cache {
    /// Reads the longest prefix that is known, and writes all others. They come in the order in
    /// which they grow.
    pub(crate) fn look_up(&mut self, prefixes: &[Prefix]) -> Cached {
        let known = prefixes.iter().rfind(|prefix| self.known.contains(&prefix.hash));
        let read = known.map_or(0, |prefix| prefix.characters);
        for prefix in prefixes {
            self.remember(prefix.hash);
        }
        Cached { read, marked: prefixes.last().map_or(0, |prefix| prefix.characters) }
    }

    fn remember(&mut self, hash: u64) {
        if !self.known.insert(hash) {
            return;
        }
        self.in_order.push_back(hash);
        if self.in_order.len() > PREFIXES_MAX
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}
