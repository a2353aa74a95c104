//! What the coordinator is told once and does not answer: kept until it must have read it.
//!
//! A connection that breaks takes along whatever waits to be sent, and nobody can tell how much of it
//! was read. What may not have been is said again in the next one: better twice than never.

use iago_attempt::Spool;

/// Notes that share a frame: far below the size at which frames go in parts.
pub(crate) const BATCH_MAX: usize = 256;

/// Notes that are kept. Beyond it the oldest is forgotten.
pub(crate) const KEPT_MAX: usize = 4096;

/// In the order in which they were taken down.
#[derive(Debug)]
pub(crate) struct Notes<T> {
    spool: Spool<T>,
    said: u64,
}

impl<T> Default for Notes<T> {
    fn default() -> Self {
        Self { spool: Spool::default(), said: 0 }
    }
}

impl<T: Clone> Notes<T> {
    pub(crate) fn push(&mut self, note: T) {
        let sequence = self.spool.push(note, 1);
        self.spool.acknowledged(sequence.saturating_sub(KEPT_MAX as u64));
    }

    /// The next ones to say.
    pub(crate) fn next_batch(&mut self) -> Option<Vec<T>> {
        let unsent: Vec<_> = self.spool.unsent(u64::MAX, BATCH_MAX).collect();
        let (last, _) = *unsent.last()?;
        let batch = unsent.into_iter().map(|(_, note)| note.clone()).collect();
        self.said = last;
        Some(batch)
    }

    /// The place of the last one that was said in this connection.
    pub(crate) fn said(&self) -> u64 {
        self.said
    }

    /// The coordinator must have read all up to this place.
    pub(crate) fn read(&mut self, up_to: u64) {
        self.spool.acknowledged(up_to);
    }

    /// A connection has ended.
    pub(crate) fn rewind(&mut self) {
        self.spool.rewind();
        self.said = 0;
    }
}
