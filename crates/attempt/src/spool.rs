//! What has ended and is not acknowledged: kept in order, sent within a credit, and sent again
//! over every new connection.

use std::collections::VecDeque;

/// Items in the order in which they came, each with the sequence that it has for good. An item is
/// sent as often as connections break, and is let go when it is acknowledged.
///
/// The credit is cumulative: so many bytes may be sent in this connection, counted from its start.
#[derive(Clone, Debug)]
pub struct Spool<T> {
    kept: VecDeque<Kept<T>>,
    /// How many at the front were sent in this connection.
    sent: usize,
    /// Sequences that were ever given; that of the last item.
    given: u64,
    /// Of all that is kept.
    bytes: usize,
    /// Of all that was sent in this connection, acknowledged or not.
    bytes_sent: u64,
}

#[derive(Clone, Debug)]
struct Kept<T> {
    item: T,
    bytes: usize,
}

impl<T> Default for Spool<T> {
    fn default() -> Self {
        Self { kept: VecDeque::new(), sent: 0, given: 0, bytes: 0, bytes_sent: 0 }
    }
}

impl<T> Spool<T> {
    /// Keeps an item that counts for so many bytes, and gives its sequence: from 1, without gaps.
    pub fn push(&mut self, item: T, bytes: usize) -> u64 {
        self.kept.push_back(Kept { item, bytes });
        self.bytes += bytes;
        self.given += 1;
        self.given
    }

    /// Everything up to this sequence is durable elsewhere: gives it up, in order. What lies before
    /// the first item or beyond the last is nothing.
    pub fn acknowledged(&mut self, up_to: u64) -> Vec<T> {
        let count = up_to.min(self.given).saturating_sub(self.given_up());
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.kept.len());
        self.sent = self.sent.saturating_sub(count);
        let acknowledged = self.kept.drain(..count);
        let (items, bytes): (Vec<_>, Vec<_>) =
            acknowledged.map(|Kept { item, bytes }| (item, bytes)).unzip();
        self.bytes -= bytes.into_iter().sum::<usize>();
        items
    }

    /// The next items that fit into the credit, with their sequences; they count as sent from here
    /// on. Together they have at most `batch_bytes`, unless the first one alone has more.
    ///
    /// An item that is larger than all the room goes out alone, once nothing else is under way:
    /// so no item is too large for ever.
    pub fn unsent(
        &mut self,
        credit_bytes: u64,
        batch_bytes: usize,
    ) -> impl Iterator<Item = (u64, &T)> {
        let first = self.sent;
        let mut batch = 0;
        while let Some(next) = self.kept.get(self.sent).map(|kept| kept.bytes) {
            let room = credit_bytes.saturating_sub(self.bytes_sent);
            let fits = room > 0 && (next as u64 <= room || self.sent == 0);
            if !fits || (batch > 0 && batch + next > batch_bytes) {
                break;
            }
            batch += next;
            self.bytes_sent += next as u64;
            self.sent += 1;
        }
        let sequences = self.given_up() + 1 + first as u64..;
        sequences.zip(self.kept.range(first..self.sent).map(|kept| &kept.item))
    }

    /// A new connection: nothing was sent in it.
    pub fn rewind(&mut self) {
        self.sent = 0;
        self.bytes_sent = 0;
    }

    /// Everything that is kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().map(|kept| &kept.item)
    }

    /// The bytes of everything that is kept.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many items are kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether it holds so many bytes or more. It takes what comes all the same: what has ended was
    /// paid for. Who fills it has to stop.
    pub fn is_full(&self, bytes_max: usize) -> bool {
        self.bytes >= bytes_max
    }

    fn given_up(&self) -> u64 {
        self.given - self.kept.len() as u64
    }
}
