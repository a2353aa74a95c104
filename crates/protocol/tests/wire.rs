//! What is said arrives as it was said, and what makes no sense is refused.

use iago_protocol::{
    Assembler, Assignment, Delivery, FromCoordinator, FromWorker, Heartbeat, Held, Inventory,
    Lease, Outcome, PROTOCOL_VERSION, Slice, wire,
};
use iago_sweep::{
    Digest, FailureClass, Finish, JobId, Label, Money, Need, Parse, SweepId, Text, Usage,
};
use proptest::prelude::*;
use prost::Message as _;

fn delivery(outcome: Outcome) -> Delivery {
    Delivery {
        sequence: 3,
        lease: Lease { term: 2, sequence: 9 },
        sweep: SweepId(4),
        job: JobId::from_number(77).expect("it is not negative"),
        attempt: 2,
        calls: 5,
        throttles: 1,
        cost: Some(Money(12)),
        broken: 4,
        simulated: true,
        outcome,
    }
}

fn answered(raw: String, reasoning: Option<String>, label: Option<Label>) -> Outcome {
    Outcome::Answered {
        finish: Finish::Length,
        parse: Parse::Truncated,
        label,
        usage: Usage { input: 1, cached_input: 2, cache_write: 3, output: 4, reasoning: 5 },
        latency_ms: 6,
        echoed_model: Some("m".to_owned()),
        request: Digest::of("body"),
        text: Text { raw, reasoning, altered: true, logprobs: Some("[-0.1]".to_owned()) },
    }
}

proptest! {
    #[test]
    fn a_delivery_survives_the_wire(raw in "\\PC*|[\\x00-\\x1f]*", label in 0..3usize) {
        let label = [None, Some(Label::Abstained), Some(Label::Word("yes".into()))][label].clone();
        for outcome in [
            answered(raw.clone(), Some(raw.clone()), label),
            Outcome::Failed { class: FailureClass::Exhausted, status: Some(500), message: raw },
            Outcome::Released,
        ] {
            let frame = FromWorker::Deliveries(vec![delivery(outcome)]);
            let back = FromWorker::try_from(wire::WorkerFrame::from(frame.clone())).unwrap();
            prop_assert_eq!(&weights(&back), &weights(&frame), "both sides count the same bytes");
            prop_assert_eq!(back, frame);
        }
    }

    #[test]
    fn bytes_from_a_stranger_are_an_error_and_never_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut assembler = Assembler::default();
        if let Ok(frame) = wire::WorkerFrame::decode(bytes.as_slice())
            && let Ok(Some(whole)) = assembler.take(frame)
        {
            drop(FromWorker::try_from(whole));
        }
        if let Ok(frame) = wire::CoordinatorFrame::decode(bytes.as_slice())
            && let Ok(Some(whole)) = Assembler::default().take(frame)
        {
            drop(FromCoordinator::try_from(whole));
        }
    }
}

fn weights(frame: &FromWorker) -> Vec<usize> {
    let FromWorker::Deliveries(deliveries) = frame else { return Vec::new() };
    deliveries.iter().map(Delivery::weight).collect()
}

fn held(number: i64) -> Held {
    let lease = Lease { term: 8, sequence: number.unsigned_abs() };
    let job = JobId::from_number(number).expect("it is not negative");
    Held { lease, sweep: SweepId(4), job, attempt: 2 }
}

#[test]
fn what_a_worker_says_survives_the_wire() {
    let inventory = Inventory {
        boot: "b".to_owned(),
        name: "w1".to_owned(),
        protocol: PROTOCOL_VERSION,
        pools: vec!["p".to_owned(), "q".to_owned()],
        slots: 4096,
        held: vec![held(1), held(2)],
        unacknowledged: vec![held(3)],
        slices: vec![Slice {
            pool: "p".to_owned(),
            requests_per_minute: None,
            concurrency: 3,
            metered: true,
            limit_in_force: Some(600),
            lifts: false,
            number: 1,
            over: 2,
        }],
    };
    let heartbeat = Heartbeat { last_lease: 1, calls: 2, throttles: 3, ..Heartbeat::default() };
    for frame in [
        FromWorker::Inventory(inventory),
        FromWorker::Credit(7),
        FromWorker::PoolBlocked { pool: "p".to_owned(), reason: "401".to_owned() },
        FromWorker::Heartbeat(heartbeat),
        FromWorker::Need(Digest::of("plan")),
        FromWorker::Leaving,
        FromWorker::Left,
        FromWorker::Within { pool: "p".to_owned(), number: 7 },
        FromWorker::Withdrawn(vec![3, 9]),
    ] {
        let back = FromWorker::try_from(wire::WorkerFrame::from(frame.clone())).unwrap();
        assert_eq!(back, frame);
    }
}

#[test]
fn what_a_coordinator_says_survives_the_wire() {
    let slice = Slice {
        pool: "p".to_owned(),
        requests_per_minute: Some(0),
        concurrency: 0,
        metered: false,
        limit_in_force: None,
        lifts: true,
        number: 2,
        over: 0,
    };
    for frame in [
        FromCoordinator::Welcome { term: 3, heartbeat_ms: 1000, slices_ms: 10_000 },
        FromCoordinator::Acknowledged(9),
        FromCoordinator::Slice(slice),
        FromCoordinator::Blob { digest: Digest::of("x"), data: b"x".to_vec() },
        FromCoordinator::Drain,
        FromCoordinator::ResultCredit(u64::MAX),
        FromCoordinator::Grants {
            granted: vec![1, 5],
            refused: vec![(7, "too long".to_owned()), (u64::MAX, String::new())],
            declined: vec![9],
            sent_ms: 12,
        },
    ] {
        let back = FromCoordinator::try_from(wire::CoordinatorFrame::from(frame.clone())).unwrap();
        assert_eq!(back, frame);
    }
}

#[test]
fn a_delivery_weighs_its_texts_and_never_nothing() {
    let nothing = delivery(Outcome::Released).weight();
    let said = answered("four".to_owned(), Some("six---".to_owned()), None);
    assert!(nothing > 0);
    assert_eq!(
        delivery(said).weight(),
        nothing + "four".len() + "six---".len() + "[-0.1]".len() + "m".len()
    );
}

#[test]
fn an_unknown_word_is_an_error_and_never_a_guess() {
    let mut wire = wire::Delivery::from(delivery(answered(String::new(), None, None)));
    if let Some(wire::delivery::Outcome::Answered(answered)) = &mut wire.outcome {
        answered.finish = "finished".to_owned();
    }
    let error = Delivery::try_from(wire).unwrap_err().to_string();
    assert_eq!(error, "`finished` is not a known finish reason");
}

#[test]
fn an_assignment_survives_the_wire() {
    let known = Assignment {
        lease: Lease { term: 1, sequence: 2 },
        sweep: SweepId(3),
        job: JobId::from_number(4).unwrap(),
        attempt: 5,
        plan: Digest::of("plan"),
        said: vec![Text { raw: "a\0b".into(), ..Text::default() }, Text::default()],
        key: "k-r1".to_owned(),
        pools: vec!["lab".to_owned(), "family".to_owned()],
        need: Need { input: 900, output: 64 },
        cost_most: Some(Money(0)),
    };
    let unknown = Assignment { cost_most: None, ..known.clone() };
    let frame = FromCoordinator::Assignments(vec![known, unknown]);
    let back = FromCoordinator::try_from(wire::CoordinatorFrame::from(frame.clone())).unwrap();
    assert_eq!(back, frame);
}
