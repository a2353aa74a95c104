//! What is said arrives as it was said, and what makes no sense is refused.

use iago_protocol::{Assignment, Delivery, FromCoordinator, FromWorker, Lease, Outcome, wire};
use iago_sweep::{Digest, FailureClass, Finish, JobId, Label, Money, Parse, SweepId, Text, Usage};
use proptest::prelude::*;

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
        text: Text { raw, reasoning, altered: true },
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
            prop_assert_eq!(back, frame);
        }
    }
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
    let assignment = Assignment {
        lease: Lease { term: 1, sequence: 2 },
        sweep: SweepId(3),
        job: JobId::from_number(4).unwrap(),
        attempt: 5,
        plan: Digest::of("plan"),
        input: Some(Text { raw: "a\0b".into(), ..Text::default() }),
        key: "k-r1".to_owned(),
    };
    let frame = FromCoordinator::Assignments(vec![assignment]);
    let back = FromCoordinator::try_from(wire::CoordinatorFrame::from(frame.clone())).unwrap();
    assert_eq!(back, frame);
}
