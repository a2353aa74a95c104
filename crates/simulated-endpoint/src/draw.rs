//! Dice that depend on nothing but a seed and words, so that a repeated call draws the same.

/// Hashes words under a seed. Each word goes in with its length, so that moving a letter from one
/// word to the next changes the hash.
pub(crate) fn hash(seed: u64, words: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for word in words {
        hasher.update(&word.len().to_le_bytes());
        hasher.update(word);
    }
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_le_bytes(first)
}

/// A number from 0 up to, and never, 1: the 53 upper bits of a hash, which is what an `f64` holds.
pub(crate) fn uniform(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// Picks one of the items, of which there must be some.
pub(crate) fn pick<T: Copy>(items: &[T], hash: u64) -> T {
    let index = hash % items.len() as u64;
    items[usize::try_from(index).expect("it is below the length of a slice")]
}
