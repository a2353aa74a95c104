//! The spool against a model that knows only lists: whatever pushes, acknowledgements, credits and
//! broken connections come in which order.

use iago_attempt::Spool;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Push(usize),
    /// Everything up to a share of what was ever pushed, in hundredths; above 100 is nonsense that a
    /// peer might say.
    Acknowledge(u64),
    /// So many more bytes.
    Grant(u64),
    Send,
    Reconnect,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => prop_oneof![0..400usize, 5_000..6_000usize].prop_map(Step::Push),
        2 => (0..120u64).prop_map(Step::Acknowledge),
        2 => (0..500u64).prop_map(Step::Grant),
        4 => Just(Step::Send),
        1 => Just(Step::Reconnect),
    ];
    prop::collection::vec(step, 0..200)
}

const BATCH: usize = 600;

/// The item of a sequence is its sequence, so that what is lost, doubled or swapped shows.
#[derive(Default)]
struct Reference {
    sizes: Vec<usize>,
    acknowledged: u64,
    credit: u64,
    bytes_sent: u64,
    sent: u64,
}

impl Reference {
    fn size(&self, sequence: u64) -> usize {
        self.sizes[usize::try_from(sequence).expect("it is small") - 1]
    }

    fn kept(&self) -> std::ops::RangeInclusive<u64> {
        self.acknowledged + 1..=self.sizes.len() as u64
    }

    /// Sends what the spool gives; false where that was nothing.
    fn send(&mut self, spool: &mut Spool<u64>) -> Result<bool, TestCaseError> {
        let batch: Vec<_> =
            spool.unsent(self.credit, BATCH).map(|(sequence, item)| (sequence, *item)).collect();
        let size: usize = batch.iter().map(|(sequence, _)| self.size(*sequence)).sum();
        prop_assert!(batch.len() <= 1 || size <= BATCH, "a batch of {size} bytes");
        for (sequence, item) in &batch {
            prop_assert_eq!(sequence, item);
            prop_assert_eq!(*sequence, self.sent.max(self.acknowledged) + 1, "in order, no gap");
            let alone = self.sent <= self.acknowledged;
            self.sent = *sequence;
            let before = self.bytes_sent;
            self.bytes_sent += self.size(*sequence) as u64;
            let fits = self.bytes_sent <= self.credit;
            prop_assert!(fits || (alone && before < self.credit), "beyond the credit, not alone");
        }
        Ok(!batch.is_empty())
    }

    fn take(&mut self, step: &Step, spool: &mut Spool<u64>) -> Result<(), TestCaseError> {
        match step {
            Step::Push(bytes) => {
                self.sizes.push(*bytes);
                let item = self.sizes.len() as u64;
                prop_assert_eq!(spool.push(item, *bytes), item);
            }
            Step::Acknowledge(percent) => {
                let up_to = self.sizes.len() as u64 * percent / 100;
                let expected: Vec<_> = self.kept().take_while(|kept| *kept <= up_to).collect();
                self.acknowledged = expected.last().copied().unwrap_or(self.acknowledged);
                prop_assert_eq!(spool.acknowledged(up_to), expected);
            }
            Step::Grant(more) => self.credit += more,
            Step::Send => drop(self.send(spool)?),
            Step::Reconnect => {
                (self.credit, self.bytes_sent, self.sent) = (0, 0, 0);
                spool.rewind();
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_or_reordered_whatever_acknowledgements_and_rewinds(steps in steps()) {
        let (mut reference, mut spool) = (Reference::default(), Spool::default());
        for step in &steps {
            reference.take(step, &mut spool)?;
            let kept: Vec<_> = reference.kept().collect();
            prop_assert_eq!(spool.iter().copied().collect::<Vec<_>>(), kept.clone());
            prop_assert_eq!(spool.len(), kept.len());
            let bytes: usize = kept.iter().map(|sequence| reference.size(*sequence)).sum();
            prop_assert_eq!(spool.bytes(), bytes);
            prop_assert_eq!(spool.is_full(1_000), bytes >= 1_000);
        }
    }

    #[test]
    fn a_peer_that_grants_what_it_took_gets_everything(
        steps in steps(),
        window in 1..2_000u64,
    ) {
        let (mut reference, mut spool) = (Reference::default(), Spool::default());
        for step in &steps {
            reference.take(step, &mut spool)?;
        }
        reference.take(&Step::Reconnect, &mut spool)?;
        reference.credit = window;
        // However small the window is and however large an item, each round gets something through.
        while !spool.is_empty() {
            prop_assert!(reference.send(&mut spool)?, "wedged with {} left", spool.len());
            reference.acknowledged = reference.sent;
            drop(spool.acknowledged(reference.sent));
            reference.credit = reference.bytes_sent + window;
        }
    }
}

#[test]
fn without_a_credit_nothing_is_sent() {
    let mut spool = Spool::default();
    spool.push("answer", 6);
    assert_eq!(spool.unsent(0, 1_000).count(), 0);
    assert_eq!(spool.unsent(1, 1_000).collect::<Vec<_>>(), [(1, &"answer")]);
    assert_eq!(spool.unsent(1_000, 1_000).count(), 0, "it is under way");
    spool.rewind();
    assert_eq!(spool.unsent(1_000, 1_000).collect::<Vec<_>>(), [(1, &"answer")]);
}
