//! The beginnings of a request that its writer marked for the prompt cache.

use crate::conversation::Content;

/// A marked beginning of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) hash: u64,
    pub(crate) characters: usize,
}

/// Reads a request from its beginning, and notes where marks stand.
#[derive(Debug)]
pub(crate) struct Prefixes {
    hasher: blake3::Hasher,
    characters: usize,
    found: Vec<Prefix>,
}

impl Prefixes {
    /// Models do not share a cache.
    pub(crate) fn new(model: &str) -> Self {
        let mut prefixes = Self { hasher: blake3::Hasher::new(), characters: 0, found: Vec::new() };
        prefixes.hash(model);
        prefixes
    }

    pub(crate) fn read(&mut self, role: &str, content: &Content) {
        self.hash(role);
        match content {
            Content::Text(text) => self.read_text(text),
            Content::Parts(parts) => {
                for part in parts {
                    self.read_text(&part.text);
                    if part.cache_control.is_some() {
                        self.mark();
                    }
                }
            }
        }
    }

    pub(crate) fn mark(&mut self) {
        let mut first = [0; 8];
        self.hasher.finalize_xof().fill(&mut first);
        let hash = u64::from_le_bytes(first);
        self.found.push(Prefix { hash, characters: self.characters });
    }

    pub(crate) fn into_found(self) -> Vec<Prefix> {
        self.found
    }

    fn read_text(&mut self, text: &str) {
        self.hash(text);
        self.characters += text.chars().count();
    }

    /// With its length, so that no text runs into the next one.
    fn hash(&mut self, text: &str) {
        self.hasher.update(&text.len().to_le_bytes());
        self.hasher.update(text.as_bytes());
    }
}
