//! Mornings of invented nights, each judged as a real one is.

use iago_nightly::{
    Against, Agreement, Circumstances, Comparison, Counts, Drift, Flip, Habit, Habits, Missed,
    Morning, Moved, Night, Origin, Progress, Run, RunEnd, RunKey, RunState, Value, Word, Yes,
    judge,
};
use iago_sweep::{Better, Digest, Margin, Money, SweepId, Tier};
use jiff::{SignedDuration, Timestamp};

use crate::planted;

/// Two at night, in the zone of the schedule.
pub(crate) fn due() -> Timestamp {
    "2026-09-15T00:00:00Z".parse().expect("it is a moment")
}

pub(crate) fn key() -> RunKey {
    RunKey { schedule: "assistant-nightly".parse().expect("it is a name"), due: due() }
}

pub(crate) fn run(state: RunState) -> Run {
    let start_by = due() + SignedDuration::from_mins(30);
    let done_by = Some(due() + SignedDuration::from_mins(270));
    let (key, version) = (key(), Digest::of("version"));
    Run { key, version, origin: Origin::Timetable, start_by, done_by, state }
}

/// What is told of a night, judged from its facts.
pub(crate) fn morning(night: &Night) -> Morning {
    let verdict = judge(night);
    Morning {
        run: Some(key()),
        zone: Some("Europe/Zurich".to_owned()),
        sweep: Some(SweepId(101)),
        judged: due() + SignedDuration::from_mins(41),
        done: Progress { answered: 1_200, failed: 3, open: 0 },
        spent: Money(11_200_000_000_000),
        why: None,
        against: Some(against()),
        values: values(night),
        drift: drift(),
        habits: Habits { transcripts: 600, ..Habits::default() },
        circumstances: Some(circumstances()),
        verdict: Some(verdict.clone()),
        ..Morning::without_numbers(verdict.word, "", "assistant-nightly", due())
    }
}

pub(crate) fn quiet() -> Morning {
    morning(&with_more_gates(planted::quiet_night()))
}

/// 60 of 200 prompts are lost, one is found.
pub(crate) fn regression() -> Morning {
    let night = with_more_gates(planted::night_with_lost(60));
    let flips = [("t-041", 6, 0), ("t-117", 6, 0), ("t-180", 6, 0), ("t-002", 0, 3)];
    Morning {
        flips: flips.map(|(prompt, then, now)| flip(prompt, then, now)).into(),
        ..morning(&night)
    }
}

/// Some prompts lose one repeat of three: too many for a pass, and too few for a regression.
pub(crate) fn inconclusive() -> Morning {
    let mut prompts = planted::unchanged();
    for prompt in prompts.iter_mut().filter(|prompt| prompt.tonight.yes > 0).step_by(8) {
        prompt.tonight.yes = 2;
    }
    let comparisons = vec![planted::good_on_tasks(prompts)];
    morning(&with_more_gates(Night { comparisons, ..planted::quiet_night() }))
}

/// Half of the answers are missing.
pub(crate) fn infrastructure() -> Morning {
    let mut night = planted::quiet_night();
    let Counts::Rates(prompts) = &mut night.comparisons[0].counts else { panic!("it is a rate") };
    for prompt in prompts.iter_mut().step_by(2) {
        prompt.tonight.missing.unanswered = prompt.tonight.of;
        (prompt.tonight.yes, prompt.tonight.of) = (0, 0);
    }
    morning(&night)
}

/// One answer of 600 is missing.
pub(crate) fn almost_whole() -> Morning {
    let mut night = planted::quiet_night();
    let Counts::Rates(prompts) = &mut night.comparisons[0].counts else { panic!("it is a rate") };
    prompts[1].tonight.missing.unanswered = 1;
    (prompts[1].tonight.yes, prompts[1].tonight.of) = (2, 2);
    morning(&night)
}

/// Two conditions, of which one was judged by a judge that changed.
pub(crate) fn two_cells() -> Morning {
    let mut night = planted::night_with_lost(60);
    let mut quiet = planted::quiet_night().comparisons.remove(0);
    quiet.condition = "paid".to_owned();
    night.comparisons[0].condition = "free".to_owned();
    night.comparisons.push(quiet);
    night.judges = vec![planted::judge(100, 30)];
    night.comparisons[0].judges = Vec::new();
    morning(&night)
}

pub(crate) fn changed_model() -> Morning {
    morning(&Night { models: vec![planted::model("sim-1", "sim-2")], ..planted::quiet_night() })
}

pub(crate) fn changed_judge() -> Morning {
    morning(&Night { judges: vec![planted::judge(100, 30)], ..planted::quiet_night() })
}

/// Too old, and with too few repeats.
pub(crate) fn unreliable_baseline() -> Morning {
    let mut night = planted::night_with_lost(60);
    night.baseline.age = 40 * planted::DAY;
    night.repeats.baseline = 3;
    morning(&night)
}

/// What it was like when the deadline came.
pub(crate) fn late() -> Morning {
    morning(&Night { run: RunEnd::DeadlinePassed, ..planted::quiet_night() })
}

pub(crate) fn expired() -> Morning {
    let told = Morning::unjudged(
        &run(RunState::Expired),
        "assistant-nightly",
        Some("Europe/Zurich"),
        due() + SignedDuration::from_mins(270),
    );
    Morning {
        sweep: Some(SweepId(101)),
        done: Progress { answered: 700, failed: 0, open: 500 },
        spent: Money(6_100_000_000_000),
        unpriced: 2,
        ..told.expect("an expired run has no verdict")
    }
}

pub(crate) fn not_started() -> Morning {
    let why = "the sweep asks for the endpoint `lab`, and no endpoint has that name".to_owned();
    unjudged(RunState::Failed { why })
}

pub(crate) fn missed() -> Morning {
    unjudged(RunState::Missed { why: Missed::Late })
}

fn unjudged(state: RunState) -> Morning {
    Morning::unjudged(&run(state), "assistant-nightly", Some("Europe/Zurich"), due())
        .expect("it has no verdict")
}

/// Every kind of morning, with its name.
pub(crate) fn all() -> Vec<(&'static str, Morning)> {
    vec![
        ("pass", quiet()),
        ("regression", regression()),
        ("inconclusive", inconclusive()),
        ("infrastructure", infrastructure()),
        ("changed-model", changed_model()),
        ("changed-judge", changed_judge()),
        ("unreliable-baseline", unreliable_baseline()),
        ("late", late()),
        ("expired", expired()),
        ("not-started", not_started()),
        ("missed", missed()),
        ("without-gates", without_gates()),
    ]
}

/// Nothing is held to anything.
pub(crate) fn without_gates() -> Morning {
    morning(&Night { comparisons: Vec::new(), judges: Vec::new(), ..planted::quiet_night() })
}

pub(crate) fn simulated(morning: Morning) -> Morning {
    Morning { simulated: true, ..morning }
}

/// The same, with names and ids that were made to do harm.
pub(crate) fn hostile() -> Morning {
    let mut morning = regression();
    let evil =
        "</failure><script>alert(1)</script>\u{202e}\u{1b}[2J\u{0}\u{ffff}]]>&@all`|**x**\r\n";
    morning.name = evil.to_owned();
    morning.run = None;
    morning.why = Some(format!("because {evil}"));
    morning.flips[0].prompt = evil.to_owned();
    for gate in morning.verdict.iter_mut().flat_map(|verdict| &mut verdict.gates) {
        gate.measure = evil.to_owned();
        gate.model = evil.to_owned();
    }
    let circumstances = morning.circumstances.as_mut().expect("it has them");
    circumstances.models.insert("assistant".to_owned(), [evil.to_owned()].into());
    simulated(morning)
}

pub(crate) fn circumstances() -> Circumstances {
    let one = |name: &str, id: &str| [(name.to_owned(), [id.to_owned()].into())].into();
    Circumstances {
        models: one("assistant", "sim-1"),
        judges: one("judge", "judge-1"),
        prompts: Digest::of("prompts"),
        analysis: Digest::of("analysis"),
        ask: Digest::of("ask"),
        program: "0.1.0".to_owned(),
    }
}

pub(crate) fn flip(prompt: &str, then: u32, now: u32) -> Flip {
    Flip {
        measure: "good on tasks".to_owned(),
        model: "assistant".to_owned(),
        condition: "only".to_owned(),
        prompt: prompt.to_owned(),
        baseline: Yes { yes: then, of: 6 },
        tonight: Yes { yes: now, of: 3 },
        worse: now == 0,
    }
}

/// Beside the gate that is there a rate where less is better, which passes, and an advisory mean.
fn with_more_gates(mut night: Night) -> Night {
    let refused = (0..200).map(|at| {
        planted::sides((u32::from(at % 25 == 0) * 6, 6), (u32::from(at % 25 == 0) * 3, 3))
    });
    let refused = Counts::Rates(refused.collect());
    let over_refusal =
        named("over-refusal", planted::comparison(Better::Lower, Margin::Absolute(0.08), refused));
    let tokens = (0..200).map(|at| {
        let count = |mean: f64, of: u32| iago_nightly::SumCount {
            total: (mean + f64::from(at % 7)) * f64::from(of),
            of,
            ..Default::default()
        };
        iago_nightly::Sides {
            baseline: count(400.0, 6),
            tonight: count(412.0 + f64::from(at % 3), 3),
        }
    });
    let tokens = Counts::Means { prompts: tokens.collect(), limits: None };
    let mut tokens =
        named("output tokens", planted::comparison(Better::Lower, Margin::Absolute(40.0), tokens));
    tokens.gate.tier = Tier::Advisory;
    night.comparisons.extend([over_refusal, tokens]);
    night
}

fn named(measure: &str, mut comparison: Comparison) -> Comparison {
    comparison.gate.measure = measure.to_owned();
    comparison.judges = Vec::new();
    comparison
}

fn against() -> Against {
    Against {
        name: "assistant-nightly/2026-09-14".to_owned(),
        sweep: SweepId(93),
        revision: 0,
        began: due() - SignedDuration::from_hours(24),
        repeats: 6,
        anchors: Some(SweepId(102)),
        gold: Some(Agreement { agree: 48, of: 50 }),
    }
}

fn values(night: &Night) -> Vec<Value> {
    night.comparisons.iter().map(value).collect()
}

fn value(comparison: &Comparison) -> Value {
    let (total, of, is_mean) = match &comparison.counts {
        Counts::Rates(prompts) => {
            let sum = |read: fn(&iago_nightly::RateCount) -> u32| {
                prompts.iter().map(|prompt| u64::from(read(&prompt.tonight))).sum::<u64>()
            };
            (sum(|count| count.yes) as f64, sum(|count| count.of), false)
        }
        Counts::Means { prompts, .. } => {
            let total = prompts.iter().map(|prompt| prompt.tonight.total).sum();
            (total, prompts.iter().map(|prompt| u64::from(prompt.tonight.of)).sum(), true)
        }
    };
    Value {
        measure: comparison.gate.measure.clone(),
        model: comparison.model.clone(),
        condition: comparison.condition.clone(),
        is_mean,
        value: (of > 0).then(|| total / of as f64),
        of,
        prompts: Default::default(),
    }
}

fn drift() -> Vec<Drift> {
    let drift = |of, before, tonight, moved| Drift { of, before, tonight, moved };
    vec![
        drift(Habit::Refused, 0.04, 0.045, Moved::NotMuch),
        drift(Habit::Latency, 1.1, 1.9, Moved::Up),
        drift(Habit::OutputTokens, 400.0, 414.0, Moved::NotMuch),
    ]
}

/// That a test of a word tells of that word.
pub(crate) fn assert_word(morning: &Morning, word: Word) {
    assert_eq!(morning.word, word);
}
