use futures_util::FutureExt;

use iago_sweep::{CallEnd, Told};
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::notes::KEPT_MAX;

fn ask(asks: &Arc<Asks>, input: u64) -> Asking {
    let need = Need { input, output: 1 };
    asks.ask(["p".to_owned()].into(), Draw { need, ..Draw::default() })
}

/// Answers of a coordinator whose clock is ours.
fn answer(asks: &Asks, began: Instant, answers: Answers) {
    let sent_ms = u64::try_from(began.elapsed().as_millis()).expect("it is small");
    asks.answer(Answers { sent_ms, ..answers });
}

fn grant<const N: usize>(asks: &Asks, granted: [u64; N]) {
    asks.answer(Answers { granted: granted.into(), ..Answers::default() });
}

/// Numbers and needs of what is said next.
fn said(asks: &Asks) -> Vec<(u64, u64)> {
    let next = asks.next_asks().unwrap_or_default();
    next.into_iter().map(|ask| (ask.number, ask.need.input)).collect()
}

#[tokio::test]
async fn asks_are_said_once_in_their_order_and_granted_by_number() {
    let asks = Arc::<Asks>::default();
    let asking = [7, 8].map(|input| ask(&asks, input));
    assert_eq!(said(&asks), [(1, 7), (2, 8)]);
    assert_eq!(said(&asks), []);
    grant(&asks, [2]);
    assert!(asking[0].granted().now_or_never().is_none());
    assert_eq!(asking[1].granted().now_or_never(), Some(Ok(())));
    assert_eq!(asking[1].take().and_then(Grant::spend), Some(2));
    assert!(asking[1].take().is_none(), "a grant is for one call");
    drop(asking);
    assert_eq!(asks.next_withdrawn(), Some(vec![1]), "what was spent is not given back");
}

#[tokio::test]
async fn a_refusal_is_told_to_the_one_who_asked() {
    let asks = Arc::<Asks>::default();
    let asking = ask(&asks, 9);
    said(&asks);
    let refused = vec![(1, "too much".to_owned())];
    asks.answer(Answers { refused, ..Answers::default() });
    let refused = Unwanted::Refused("too much".to_owned());
    assert_eq!(asking.granted().now_or_never(), Some(Err(refused)));
    drop(asking);
    assert_eq!(asks.next_withdrawn(), None);
}

#[tokio::test]
async fn a_connection_that_breaks_voids_what_was_not_used_and_it_is_asked_for_again() {
    let asks = Arc::<Asks>::default();
    let [unanswered, granted, spent] = [1, 2, 3].map(|input| ask(&asks, input));
    said(&asks);
    grant(&asks, [2, 3]);
    let spent = spent.take().expect("it was granted");
    asks.part();
    assert_eq!(granted.granted().now_or_never(), None);
    assert!(granted.take().is_none() && unanswered.take().is_none());
    assert_eq!(said(&asks), [(4, 1), (5, 2)], "no number is ever used again");
    assert_eq!(asks.next_withdrawn(), Some(vec![1, 2]), "the same coordinator may know them");
    drop(spent);
    assert_eq!(asks.next_withdrawn(), Some(vec![3]), "it was not used after all");
    grant(&asks, [2]);
    assert!(granted.take().is_none(), "an answer of the last connection is none");
    grant(&asks, [5]);
    assert_eq!(granted.take().and_then(Grant::spend), Some(5));
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_comes_later_than_others_goes_back_and_its_call_is_asked_for_again() {
    let asks = Arc::<Asks>::default();
    let [first, late, later] = [1, 2, 3].map(|input| ask(&asks, input));
    said(&asks);
    grant(&asks, [1]);
    assert!(first.take().is_some());
    tokio::time::sleep(Duration::from_secs(30)).await;
    asks.answer(Answers { granted: vec![2], sent_ms: 1_000, ..Answers::default() });
    assert_eq!(late.granted().now_or_never(), None);
    assert_eq!(asks.next_withdrawn(), Some(vec![1, 2]));
    assert_eq!(said(&asks), [(4, 2)]);
    asks.answer(Answers { granted: vec![3, 4], sent_ms: 30_000, ..Answers::default() });
    assert!(later.take().is_some() && late.take().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_is_not_used_in_time_goes_back() {
    let asks = Arc::<Asks>::default();
    let asking = ask(&asks, 1);
    said(&asks);
    grant(&asks, [1]);
    tokio::time::sleep(GRANT_LASTS + Duration::from_millis(1)).await;
    assert!(asking.take().is_none());
    assert_eq!((asks.next_withdrawn(), said(&asks)), (Some(vec![1]), vec![(2, 1)]));
}

#[test]
fn what_may_not_have_been_read_is_told_again_in_the_next_connection() {
    let asks = Arc::<Asks>::default();
    let told = |asks: &Asks| -> Vec<_> {
        asks.next_calls().unwrap_or_default().into_iter().map(|call| call.took_ms).collect()
    };
    [1, 2].into_iter().for_each(|took_ms| asks.report(call(took_ms)));
    assert_eq!(told(&asks), [1, 2]);
    asks.precede(7);
    asks.report(call(3));
    assert_eq!((told(&asks), told(&asks)), (vec![3], vec![]));
    asks.acknowledge(6);
    asks.part();
    assert_eq!(told(&asks), [1, 2, 3], "nothing says that they were read");
    asks.precede(8);
    asks.report(call(4));
    assert_eq!(told(&asks), [4]);
    asks.acknowledge(8);
    asks.part();
    assert_eq!(told(&asks), [4], "whoever read the delivery has read what came before it");
    let asking = ask(&asks, 1);
    said(&asks);
    asks.report(call(5));
    assert_eq!(told(&asks), [5]);
    grant(&asks, [1]);
    asks.part();
    assert_eq!(told(&asks), [5], "and whoever answers an ask has read what came before that");
    drop(asking);
}

fn call(took_ms: u32) -> Call {
    let (pools, how, told) = (vec![], CallEnd::Answered, Told::default());
    Call { grant: None, pools, took_ms, how, usage: None, cost: None, told }
}

#[test]
fn what_is_not_wanted_any_more_is_withdrawn_granted_or_not() {
    let asks = Arc::<Asks>::default();
    let [unsaid, rest @ ..] = [1, 2, 3, 4].map(|input| ask(&asks, input));
    drop(unsaid);
    assert_eq!(asks.next_withdrawn(), None, "it was never asked for");
    assert_eq!(said(&asks), [(1, 2), (2, 3), (3, 4)]);
    grant(&asks, [1, 3]);
    drop(rest[2].take());
    drop(rest);
    assert_eq!(asks.next_withdrawn(), Some(vec![3, 1, 2]));
    grant(&asks, [2]);
    assert_eq!(asks.next_withdrawn(), None);
}

#[test]
fn calls_are_told_in_batches_and_the_oldest_is_forgotten_first() {
    let asks = Asks::default();
    for took_ms in 0..=u32::try_from(KEPT_MAX).expect("it is small") {
        asks.report(call(took_ms));
    }
    let first = asks.next_calls().expect("there are some");
    assert_eq!((first.len(), first[0].took_ms), (BATCH_MAX, 1));
}

#[derive(Clone, Debug)]
enum Step {
    Ask,
    Say,
    Withdraw,
    Read,
    Grant(Index, bool),
    Refuse(Index),
    Decline(Index),
    Take(Index),
    GiveUp(Index),
    Spend(Index),
    GiveBack(Index),
    Part,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => Just(Step::Ask),
        3 => Just(Step::Say),
        2 => Just(Step::Withdraw),
        3 => Just(Step::Read),
        4 => (index(), prop::bool::weighted(0.2)).prop_map(|(which, late)| Step::Grant(which, late)),
        1 => index().prop_map(Step::Refuse),
        1 => index().prop_map(Step::Decline),
        4 => index().prop_map(Step::Take),
        2 => index().prop_map(Step::GiveUp),
        2 => index().prop_map(Step::Spend),
        2 => index().prop_map(Step::GiveBack),
        1 => Just(Step::Part),
    ]
}

/// One of these, for whichever index.
fn pick<T>(some: &mut Vec<T>, index: Index) -> Option<T> {
    (!some.is_empty()).then(|| some.swap_remove(index.index(some.len())))
}

enum Said {
    Ask(u64),
    Withdrawn(u64),
}

/// What one coordinator keeps, whatever becomes of connections.
#[derive(Default)]
struct Books {
    /// Said, and not read: lost where the connection breaks.
    on_the_way: Vec<Said>,
    /// Asked for in this connection, and not answered.
    open: Vec<u64>,
    /// Charged: neither used nor withdrawn.
    granted: BTreeSet<u64>,
    spent: BTreeSet<u64>,
    last: u64,
}

impl Books {
    fn say(&mut self, asks: &Asks) {
        for (number, _) in said(asks) {
            assert!(number > self.last, "{number} was used before");
            self.last = number;
            self.on_the_way.push(Said::Ask(number));
        }
    }

    fn withdraw(&mut self, asks: &Asks) -> bool {
        let withdrawn = asks.next_withdrawn().unwrap_or_default();
        let some = !withdrawn.is_empty();
        self.on_the_way.extend(withdrawn.into_iter().map(Said::Withdrawn));
        some
    }

    fn read(&mut self) {
        for said in std::mem::take(&mut self.on_the_way) {
            match said {
                Said::Ask(number) => self.open.push(number),
                Said::Withdrawn(number) => {
                    assert!(!self.spent.contains(&number), "{number} was used");
                    self.open.retain(|open| *open != number);
                    self.granted.remove(&number);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_no_grant_is_lost_and_none_is_used_twice(
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let (asks, began) = (Arc::<Asks>::default(), Instant::now() - LATE_MAX * 4);
        let (mut books, mut asking, mut grants) = (Books::default(), Vec::new(), Vec::new());
        answer(&asks, began, Answers::default());
        for step in steps {
            match step {
                Step::Ask => asking.push(ask(&asks, 1)),
                Step::Say => books.say(&asks),
                Step::Withdraw => _ = books.withdraw(&asks),
                Step::Read => books.read(),
                Step::Grant(index, late) => if let Some(number) = pick(&mut books.open, index) {
                    books.granted.insert(number);
                    let sent = if late { began + LATE_MAX * 2 } else { began };
                    answer(&asks, sent, Answers { granted: vec![number], ..Answers::default() });
                },
                Step::Refuse(index) => if let Some(number) = pick(&mut books.open, index) {
                    let refused = vec![(number, String::new())];
                    answer(&asks, began, Answers { refused, ..Answers::default() });
                },
                Step::Decline(index) => if let Some(number) = pick(&mut books.open, index) {
                    let declined = vec![number];
                    answer(&asks, began, Answers { declined, ..Answers::default() });
                },
                Step::Take(index) => if let Some(one) = pick(&mut asking, index) {
                    match one.take() {
                        Some(grant) => grants.push(grant),
                        None => asking.push(one),
                    }
                },
                Step::GiveUp(index) => drop(pick(&mut asking, index)),
                Step::Spend(index) => if let Some(grant) = pick(&mut grants, index) {
                    let number = grant.spend().expect("it is not spent");
                    prop_assert!(books.granted.remove(&number) && books.spent.insert(number));
                },
                Step::GiveBack(index) => drop(pick(&mut grants, index)),
                Step::Part => {
                    asks.part();
                    (books.on_the_way, books.open) = (Vec::new(), Vec::new());
                }
            }
        }
        // Once nobody wants anything any more, nothing is left open or charged.
        drop((asking, grants));
        while books.withdraw(&asks) {}
        books.read();
        prop_assert!(books.granted.is_empty() && books.open.is_empty());
        prop_assert_eq!(asks.next_asks(), None);
    }
}
