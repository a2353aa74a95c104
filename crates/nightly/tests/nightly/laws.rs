//! What holds of every night.

use iago_nightly::{
    Comparison, Counts, Missing, Night, Now, RateCount, RunEnd, Sides, SumCount, Verdict, Word,
    judge,
};
use iago_sweep::{Better, Generalise, Margin, MissingAs, Tier};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::planted::{DAY, comparison, echo, judge as judging, quiet_night};

/// A side of a prompt: good, poor and missing answers.
fn side() -> impl Strategy<Value = RateCount> {
    (0_u32..5, 0_u32..5, prop_oneof![4 => Just(0_u32), 1 => 0_u32..3]).prop_map(
        |(yes, no, missing)| {
            let missing = Missing { unanswered: missing, ungraded: 0 };
            RateCount { yes, of: yes + no, missing }
        },
    )
}

fn prompts() -> impl Strategy<Value = Vec<Sides<RateCount>>> {
    vec((side(), side()).prop_map(|(baseline, tonight)| Sides { baseline, tonight }), 1..40)
}

fn margin() -> impl Strategy<Value = Margin> {
    prop_oneof![
        (0.02_f64..0.9).prop_map(Margin::Absolute),
        (0.05_f64..0.9).prop_map(Margin::Relative)
    ]
}

/// As much may be missing as there is: what decides is what it could have been.
fn night() -> impl Strategy<Value = Night> {
    let better = prop_oneof![Just(Better::Higher), Just(Better::Lower)];
    let generalise = prop_oneof![Just(Generalise::Suite), Just(Generalise::Prompts)];
    let alpha = prop_oneof![Just(0.05), Just(0.2), Just(0.4)];
    let gate = (prompts(), better, margin());
    (vec(gate, 1..4), generalise, alpha).prop_map(|(gates, generalise, alpha)| {
        let mut night = quiet_night();
        night.comparisons = gates
            .into_iter()
            .map(|(prompts, better, margin)| comparison(better, margin, Counts::Rates(prompts)))
            .collect();
        (night.generalise, night.gating.alpha, night.gating.max_missing) =
            (generalise, alpha, Some(1.0));
        night
    })
}

fn rates(comparison: &mut Comparison) -> &mut Vec<Sides<RateCount>> {
    match &mut comparison.counts {
        Counts::Rates(prompts) => prompts,
        Counts::Means { .. } => panic!("these nights have rates"),
    }
}

fn words(verdict: &Verdict) -> Vec<Word> {
    verdict.gates.iter().map(|gate| gate.word).collect()
}

/// One answer is lost, if there is one of this kind.
fn lose_answer(count: &mut RateCount, yes: bool) {
    let has = if yes { count.yes > 0 } else { count.of > count.yes };
    if has {
        count.yes -= u32::from(yes);
        count.of -= 1;
        count.missing.unanswered += 1;
    }
}

/// What is added to what is missing, or becomes so: which gate, prompt and side, and of which answers.
#[derive(Clone, Copy, Debug)]
struct Loss {
    gate: prop::sample::Index,
    prompt: prop::sample::Index,
    tonight: bool,
    /// Of an answer that there was; `None` for one more that there never was.
    of: Option<bool>,
}

fn losses() -> impl Strategy<Value = Vec<Loss>> {
    let loss = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<bool>(),
        any::<Option<bool>>(),
    );
    vec(loss.prop_map(|(gate, prompt, tonight, of)| Loss { gate, prompt, tonight, of }), 1..12)
}

fn lose(night: &mut Night, losses: &[Loss]) {
    for loss in losses {
        let at = loss.gate.index(night.comparisons.len());
        let prompts = rates(&mut night.comparisons[at]);
        let prompt = loss.prompt.index(prompts.len());
        let sides = &mut prompts[prompt];
        let count = if loss.tonight { &mut sides.tonight } else { &mut sides.baseline };
        match loss.of {
            Some(yes) => lose_answer(count, yes),
            None => count.missing.unanswered += 1,
        }
    }
}

/// The numbers of one prompt on one side, and how many more there are not.
#[derive(Clone, Debug)]
struct Numbers {
    seen: Vec<u8>,
    missing: u32,
}

impl Numbers {
    fn count(&self) -> SumCount {
        let missing = Missing { unanswered: self.missing, ungraded: 0 };
        let of = u32::try_from(self.seen.len()).expect("they are few");
        SumCount { total: self.seen.iter().map(|one| f64::from(*one)).sum(), of, missing }
    }
}

/// Two values, one that most have, the same with a balance, and many.
fn numbers() -> impl Strategy<Value = Vec<[Numbers; 2]>> {
    let kinds = [
        prop_oneof![Just(0_u8), Just(8)].boxed(),
        prop_oneof![30 => Just(4_u8), 1 => Just(8)].boxed(),
        prop_oneof![30 => Just(4_u8), 1 => Just(3), 1 => Just(5)].boxed(),
        (0_u8..=8).boxed(),
    ];
    prop::sample::select(kinds.to_vec()).prop_flat_map(|number| {
        let side = vec(number, 1..3).prop_map(|seen| Numbers { seen, missing: 0 });
        vec([side.clone(), side], 50..60)
    })
}

/// Margins that are rather wide for numbers from 0 to 8.
fn night_of_means(numbers: &[[Numbers; 2]], margin: f64) -> Night {
    let sides = |[baseline, tonight]: &[Numbers; 2]| Sides {
        baseline: baseline.count(),
        tonight: tonight.count(),
    };
    let prompts = numbers.iter().map(sides).collect();
    let counts = Counts::Means { prompts, limits: Some((0.0, 8.0)) };
    let comparisons = vec![comparison(Better::Lower, Margin::Absolute(margin), counts)];
    let mut night = Night { comparisons, ..quiet_night() };
    night.gating.max_missing = Some(1.0);
    night
}

fn lose_numbers(numbers: &mut [[Numbers; 2]], losses: &[Loss]) {
    for loss in losses {
        let sides = &mut numbers[loss.prompt.index(numbers.len())];
        let side = &mut sides[usize::from(loss.tonight)];
        if loss.of.is_none() || side.seen.pop().is_some() {
            side.missing += 1;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn more_missing_of_numbers_never_makes_a_claim(
        mut numbers in numbers(),
        some in losses(),
        more in losses(),
        margin in -3.0_f64..3.0,
    ) {
        let mut before = judge(&night_of_means(&numbers, margin)).word;
        for losses in [some, more] {
            lose_numbers(&mut numbers, &losses);
            let after = judge(&night_of_means(&numbers, margin)).word;
            prop_assert!(after == Word::Inconclusive || after == before, "{} to {}", before, after);
            before = after;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn more_missing_never_makes_a_claim(mut night in night(), losses in losses()) {
        let before = judge(&night);
        lose(&mut night, &losses);
        let after = judge(&night);
        for (before, after) in before.gates.iter().zip(&after.gates) {
            prop_assert!(after.word != Word::Pass || before.word == Word::Pass);
        }
        if night.comparisons.len() == 1 {
            prop_assert!(after.word != Word::Regression || before.word == Word::Regression);
        }
    }

    #[test]
    fn what_is_better_is_a_matter_of_sign(mut night in night()) {
        // A relative margin is a share of a rate, and that of the other answers is another one.
        for one in &mut night.comparisons {
            one.gate.margin = Margin::Absolute(0.15);
        }
        let before = judge(&night);
        for one in &mut night.comparisons {
            one.gate.better = match one.gate.better {
                Better::Higher => Better::Lower,
                Better::Lower => Better::Higher,
            };
            for prompt in rates(one) {
                prompt.baseline.yes = prompt.baseline.of - prompt.baseline.yes;
                prompt.tonight.yes = prompt.tonight.of - prompt.tonight.yes;
            }
        }
        let after = judge(&night);
        prop_assert_eq!(words(&before), words(&after));
        for (before, after) in before.gates.iter().zip(&after.gates) {
            let loss = |gate: &iago_nightly::GateVerdict| gate.finding.as_ref().map_or(0.0, |found| found.loss);
            prop_assert!((loss(before) - loss(after)).abs() < 1e-9);
        }
    }

    #[test]
    fn order_does_not_matter(mut night in night()) {
        let before = judge(&night);
        night.comparisons.reverse();
        for one in &mut night.comparisons {
            rates(one).reverse();
        }
        let after = judge(&night);
        let mut turned = words(&after);
        turned.reverse();
        prop_assert_eq!(words(&before), turned);
        prop_assert_eq!(before.word, after.word);
    }

    #[test]
    fn nothing_in_the_way_of_a_verdict_ever_passes(mut night in night(), trouble in 0_usize..13) {
        let spoil: [fn(&mut Night); 13] = [
            |night| night.run = RunEnd::DeadlinePassed,
            |night| night.run = RunEnd::Stopped,
            |night| night.models[0].tonight = echo("sim-2"),
            |night| night.judges = vec![judging(100, 20)],
            |night| night.judges.clear(),
            |night| night.judges[0].anchors.clear(),
            |night| night.judges[0].anchors.iter_mut().for_each(|one| one.now = Now::Unanswered),
            |night| night.judges[0].model.tonight = echo("judge-2"),
            |night| night.baseline.age = 31 * DAY,
            |night| night.baseline.has_ended = false,
            |night| night.baseline.prompts_that_differ = 3,
            |night| night.repeats.baseline = 5,
            |night| night.models[0].baseline = echo("sim-2"),
        ];
        spoil[trouble](&mut night);
        let verdict = judge(&night);
        prop_assert!(verdict.word < Word::Regression && verdict.exit_code() >= 2);
        prop_assert!(verdict.gates.iter().all(|gate| gate.word < Word::Regression));
    }

    #[test]
    fn more_than_may_be_missing_is_never_a_claim(mut night in night(), dropped in any::<bool>()) {
        night.gating.max_missing = Some(0.02);
        night.gating.missing = if dropped { MissingAs::Dropped } else { MissingAs::WorstCase };
        let verdict = judge(&night);
        for (one, gate) in night.comparisons.iter_mut().zip(&verdict.gates) {
            let (mut missing, mut all) = (0, 0);
            for prompt in rates(one) {
                missing += prompt.tonight.missing.unanswered;
                all += prompt.tonight.missing.unanswered + prompt.tonight.of;
            }
            if f64::from(missing) > 0.02 * f64::from(all) {
                prop_assert_eq!(gate.word, Word::Infrastructure);
            }
        }
    }

    #[test]
    fn a_night_passes_only_if_all_its_critical_gates_do(mut night in night(), advisory in any::<prop::sample::Index>()) {
        let at = advisory.index(night.comparisons.len());
        night.comparisons[at].gate.tier = Tier::Advisory;
        let verdict = judge(&night);
        let critical = || verdict.gates.iter().filter(|gate| gate.tier == Tier::Critical);
        let all_pass = critical().count() > 0 && critical().all(|gate| gate.word == Word::Pass);
        prop_assert_eq!(verdict.word == Word::Pass, all_pass);
    }

    #[test]
    fn a_word_agrees_with_its_interval(night in night()) {
        for gate in judge(&night).gates {
            let Some(found) = gate.finding else { continue };
            let (low, high) = found.worst_case;
            prop_assert!(low <= found.low + 1e-9 && found.high <= high + 1e-9, "{found:?}");
            prop_assert!(gate.word != Word::Pass || high <= found.margin + 1e-9, "{found:?}");
            prop_assert!(gate.word != Word::Regression || low >= found.margin - 1e-9, "{found:?}");
        }
    }
}
