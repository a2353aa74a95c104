//! A sweep that is kept in step with another: what is judged again, among what is judged tonight.

use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{
    Action, Assigned, End, Event, Known, Scheduler, Shape, StageShape, Start, WorkerId,
};
use iago_sweep::{Coordinate, Fact, JobId, Money, ResultFact, SweepId};
use proptest::prelude::*;

use crate::world::{
    A, B, answer, apply, connect, dispatch, lead, pools, rejection, settled, shape,
};

/// Tonight's own, and what is judged again.
const NIGHT: SweepId = SweepId(1);
const ANCHORS: SweepId = SweepId(2);

/// As many jobs as the crate allows one to be ahead.
const AHEAD_MAX: f64 = 8.0;

/// Replies, and so many judges' votes on each; judges have a route of their own.
fn night(prompts: u32, repeats: u32, votes: u32) -> Shape {
    let mut shape = shape(prompts, repeats, None, Money::ZERO);
    let [replies, judges] = &shape.stages[..] else { panic!("it has two stages") };
    let replies = StageShape { routes: vec![A; 4], ..replies.clone() };
    let judges = StageShape { routes: vec![B; 4], votes, ..judges.clone() };
    shape.stages = vec![replies, judges];
    shape
}

fn roots(shape: &Shape) -> Vec<JobId> {
    let blocks =
        (0..shape.repeats).flat_map(|repeat| (0..shape.prompts).map(move |of| (repeat, of)));
    let jobs = blocks.flat_map(|(repeat, prompt)| {
        (0..4).map(move |cell| Coordinate { stage: 0, cell, repeat, prompt, vote: 0 })
    });
    jobs.map(|at| JobId::pack(at).expect("it is in range")).collect()
}

/// Both sweeps at one machine, and what is stored of them.
struct Pair {
    machine: Scheduler,
    term: u64,
    shapes: BTreeMap<SweepId, Shape>,
    stored: BTreeMap<SweepId, Vec<ResultFact>>,
    out: Vec<(WorkerId, Assigned)>,
    rested: BTreeSet<SweepId>,
    /// Jobs of the anchors that were handed out in this machine's life, or had ended before.
    begun: BTreeSet<JobId>,
    /// Machines that there have been.
    lives: u32,
    concurrency: u32,
}

impl Pair {
    fn new(own: Shape, anchors: Shape, concurrency: u32) -> Self {
        let shapes = BTreeMap::from([(NIGHT, own), (ANCHORS, anchors)]);
        let mut pair = Self {
            machine: lead(1, pools(concurrency)),
            term: 0,
            stored: BTreeMap::from([(NIGHT, vec![]), (ANCHORS, copied(&shapes[&ANCHORS]))]),
            shapes,
            out: Vec::new(),
            rested: BTreeSet::new(),
            begun: BTreeSet::new(),
            lives: 0,
            concurrency,
        };
        pair.lead();
        pair
    }

    /// A machine leads, the first or one after a crash, which took all that was out with it.
    fn lead(&mut self) {
        (self.term, self.lives) = (self.term + 1, self.lives + 1);
        self.machine = lead(self.term, pools(self.concurrency));
        self.out.clear();
        self.begun = self.ended(ANCHORS).into_iter().filter(|job| job.at().stage == 1).collect();
        self.load(NIGHT, None);
        self.load(ANCHORS, Some(NIGHT));
        apply(&mut self.machine, Event::GraceOver);
        connect(&mut self.machine, 0);
    }

    fn load(&mut self, sweep: SweepId, in_step_with: Option<SweepId>) {
        let mut known = Known::new(self.shapes[&sweep].clone()).expect("it is small");
        for fact in &self.stored[&sweep] {
            known.answered(fact.job, fact.opens, fact.cost);
        }
        in_step_with.into_iter().for_each(|other| known.in_step_with(other));
        self.rested.remove(&sweep);
        apply(&mut self.machine, Event::Loaded(sweep, Box::new(known), Start::AfterGrace));
    }

    fn ended(&self, sweep: SweepId) -> BTreeSet<JobId> {
        self.stored[&sweep].iter().map(|fact| fact.job).collect()
    }

    /// Counts tonight's transcripts of which every job that is known to be wanted has ended.
    fn ended_transcripts(&self) -> usize {
        let (shape, ended) = (&self.shapes[&NIGHT], self.ended(NIGHT));
        let opened = self.stored[&NIGHT].iter().filter(|fact| fact.opens == 2).map(|fact| fact.job);
        let opened: BTreeSet<_> = opened.collect();
        let has_ended = |root: &JobId| {
            let votes = (0..shape.stages[1].votes)
                .map(|vote| JobId::pack(Coordinate { stage: 1, vote, ..root.at() }));
            let mut votes = votes.map(|job| job.expect("it is in range"));
            ended.contains(root)
                && (!opened.contains(root) || votes.all(|job| ended.contains(&job)))
        };
        roots(shape).iter().filter(|root| has_ended(root)).count()
    }

    fn hand_out(&mut self) {
        let (handed_out, rest) = dispatch(&mut self.machine);
        for action in &rest {
            if let Action::Finished(sweep) | Action::Paused(sweep, _) | Action::Cancelled(sweep) =
                action
            {
                self.rested.insert(*sweep);
            }
        }
        let of_anchors = handed_out.iter().filter(|(_, assigned)| assigned.sweep == ANCHORS);
        self.begun.extend(of_anchors.map(|(_, assigned)| assigned.job));
        self.out.extend(handed_out);
    }

    fn hand_out_in_step(&mut self) {
        let before = self.begun.len();
        self.hand_out();
        if self.begun.len() > before && !self.rested.contains(&NIGHT) {
            self.check_step();
        }
    }

    /// What of the anchors has begun is no larger a part than what of tonight has ended, but for a few
    /// jobs for each machine that there has been.
    fn check_step(&self) {
        let shape = &self.shapes[&ANCHORS];
        let all = roots(shape).len() * shape.stages[1].votes as usize;
        let (ended, of) = (self.ended_transcripts(), roots(&self.shapes[&NIGHT]).len());
        let share = |part: usize, of: usize| part as f64 / of as f64;
        let most = share(ended, of) * all as f64 + AHEAD_MAX * f64::from(self.lives);
        let begun = self.begun.len();
        assert!(begun as f64 <= most + 1e-9, "{begun} of {all}, at {ended} of {of}");
    }

    /// One of those under way ends.
    fn end(&mut self, pick: usize, opens: bool) {
        if self.out.is_empty() {
            return;
        }
        let (worker, assigned) = self.out.swap_remove(pick % self.out.len());
        let opens = u64::from(opens && assigned.job.at().stage == 0) * 2;
        self.settle(worker, &assigned, answer(assigned.job, opens));
    }

    fn settle(&mut self, worker: WorkerId, assigned: &Assigned, end: End) {
        let mut settled = settled(assigned, end, Some(Money::ZERO));
        settled.leased.term = self.term;
        let actions = apply(&mut self.machine, Event::Settled(worker, settled));
        for action in actions {
            if let Action::Record(sweep, Fact::Result(fact, _)) = action {
                self.stored.entry(sweep).or_default().push(*fact);
            }
        }
    }

    /// Which of those under way is of a sweep and a stage.
    fn find(&self, sweep: SweepId, stage: u32) -> Option<usize> {
        let is_it = |of: &Assigned| of.sweep == sweep && of.job.at().stage == stage;
        self.out.iter().position(|(_, assigned)| is_it(assigned))
    }

    fn count_out(&self, sweep: SweepId) -> usize {
        self.out.iter().filter(|(_, assigned)| assigned.sweep == sweep).count()
    }
}

/// The baseline's replies, as they are copied into the sweep that judges them again.
fn copied(shape: &Shape) -> Vec<ResultFact> {
    let facts = roots(shape).into_iter().map(|job| match answer(job, 2) {
        End::Answered(fact, _) => *fact,
        End::Failed(_) | End::Released => unreachable!("it is an answer"),
    });
    facts.collect()
}

#[test]
fn judging_again_begins_with_a_few_and_goes_on_as_tonights_transcripts_end() {
    let mut pair = Pair::new(night(25, 1, 1), night(25, 1, 1), 4);
    pair.hand_out_in_step();
    assert_eq!(pair.count_out(ANCHORS), 8);
    for _ in 0..8 {
        let pick = pair.find(ANCHORS, 1).expect("there are some");
        pair.end(pick, false);
        pair.hand_out_in_step();
    }
    assert_eq!(pair.count_out(ANCHORS), 0, "nothing of tonight has ended");
    // Half of tonight's transcripts end with their replies, the others when they are judged.
    for ended in 1..=20_usize {
        let pick = pair.find(NIGHT, 0).expect("there are some");
        pair.end(pick, ended % 2 == 0);
        pair.hand_out_in_step();
        assert_eq!(pair.begun.len(), 8 + ended.div_ceil(2), "after {ended}");
    }
    for judged in 1..=10_usize {
        let pick = pair.find(NIGHT, 1).expect("they were opened");
        pair.end(pick, false);
        pair.hand_out_in_step();
        assert_eq!(pair.begun.len(), 18 + judged);
    }
}

#[test]
fn who_is_in_step_with_nobody_at_work_is_held_up_by_nobody() {
    let whole = 4 + 16;
    let mut pair = Pair::new(night(25, 1, 1), night(25, 1, 1), 4);
    pair.load(ANCHORS, Some(SweepId(77)));
    pair.hand_out();
    assert_eq!(pair.count_out(ANCHORS), whole, "it was never loaded");

    for cancels in [true, false] {
        let mut pair = Pair::new(night(25, 1, 1), night(25, 1, 1), 4);
        pair.hand_out();
        let ask = |cancels| match cancels {
            true => Event::Cancel(NIGHT),
            false => Event::Pause(NIGHT, "ann".into()),
        };
        apply(&mut pair.machine, ask(cancels));
        while let Some(pick) = pair.find(ANCHORS, 1).or_else(|| pair.find(NIGHT, 0)) {
            assert!(!pair.rested.contains(&NIGHT));
            assert!(pair.count_out(ANCHORS) <= 8 && pair.begun.len() < 100);
            pair.end(pick, false);
            pair.hand_out();
            if pair.rested.contains(&NIGHT) {
                break;
            }
        }
        assert_eq!(pair.count_out(ANCHORS), whole, "in the batch in which the other came to rest");
    }
}

#[test]
fn who_is_in_step_with_itself_or_in_a_circle_is_held_up_by_nobody() {
    let mut pair = Pair::new(night(25, 1, 1), night(25, 1, 1), 4);
    pair.load(NIGHT, Some(ANCHORS));
    pair.hand_out();
    assert_eq!((pair.count_out(NIGHT), pair.count_out(ANCHORS)), (20, 20));
    pair.load(NIGHT, Some(NIGHT));
    (0..20).for_each(|_| {
        let pick = pair.find(NIGHT, 0).expect("there are some");
        pair.end(pick, false);
        pair.hand_out();
    });
    assert_eq!(pair.count_out(NIGHT), 20);
}

#[test]
fn a_failed_job_is_no_reason_to_wait() {
    let mut pair = Pair::new(night(25, 1, 1), night(25, 1, 1), 4);
    pair.hand_out();
    for ended in 1..=12 {
        let pick = pair.find(NIGHT, 0).expect("there are some");
        let (worker, assigned) = pair.out.swap_remove(pick);
        pair.settle(worker, &assigned, rejection(assigned.job));
        pair.hand_out();
        assert_eq!(pair.count_out(ANCHORS), 8 + ended);
    }
}

#[test]
fn what_the_night_gets_more_of_is_kept_in_step_with_as_well() {
    let mut pair = Pair::new(night(25, 1, 1), night(25, 1, 1), 4);
    // Half of the night is over.
    while pair.ended_transcripts() < 50 {
        pair.hand_out();
        pair.end(0, true);
    }
    pair.hand_out();
    let begun = pair.begun.len();
    assert!((50..=58).contains(&begun), "{begun}");
    // Two repeats more: 250 transcripts are left, over which the rest of the anchors is spread.
    pair.shapes.insert(NIGHT, night(25, 3, 1));
    pair.load(NIGHT, None);
    let waiting = 100 - begun;
    let before = pair.ended_transcripts();
    while pair.ended_transcripts() < before + 125 {
        pair.hand_out();
        pair.end(0, true);
    }
    let more = pair.begun.len() - begun;
    assert!(more <= waiting / 2 + 8 && more + 8 >= waiting / 2, "{more} of {waiting}");
}

#[test]
fn who_begins_in_the_middle_of_a_night_is_measured_by_transcripts_and_not_by_votes() {
    let mut pair = Pair::new(night(25, 1, 3), night(25, 1, 1), 200);
    pair.hand_out();
    // All have a reply, and 80 of 100 all three votes.
    while let Some(pick) = pair.find(NIGHT, 0) {
        pair.end(pick, true);
        pair.hand_out();
    }
    while pair.ended_transcripts() < 80 {
        let votes = pair.out.iter().position(|(_, of)| {
            of.sweep == NIGHT && of.job.at().stage == 1 && of.job.at().prompt < 20
        });
        pair.end(votes.expect("some are out"), false);
    }
    pair.lead();
    pair.hand_out();
    assert_eq!((pair.begun.len(), pair.ended_transcripts()), (8, 80));
    // One vote of each, which ends no transcript.
    for _ in 0..20 {
        let first = |of: &Assigned| of.sweep == NIGHT && of.job.at().vote == 0;
        let pick = pair.out.iter().position(|(_, of)| first(of)).expect("there are twenty");
        pair.end(pick, false);
        pair.hand_out();
    }
    assert_eq!((pair.begun.len(), pair.ended_transcripts()), (8, 80));
}

fn sizes() -> impl Strategy<Value = (u32, u32, u32)> {
    (1u32..40, 1u32..3, 1u32..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever ends first, whichever replies are judged, and whenever the machine dies.
    #[test]
    fn both_keep_step_throughout_and_both_end(
        own in sizes(), anchors in sizes(), concurrency in 1u32..30,
        picks in prop::collection::vec((0usize..1000, any::<bool>()), 50),
        crashes in prop::collection::vec(1usize..400, 0..3),
        share_a_route: bool,
    ) {
        let shape = |(prompts, repeats, votes)| {
            let mut shape = night(prompts, repeats, votes);
            if share_a_route {
                shape.stages[1].routes = vec![A; 4];
            }
            shape
        };
        let mut pair = Pair::new(shape(own), shape(anchors), concurrency);
        let mut picks = picks.into_iter().cycle();
        for step in 1usize.. {
            pair.hand_out_in_step();
            if crashes.contains(&step) {
                pair.lead();
                pair.hand_out_in_step();
            }
            if pair.out.is_empty() {
                break;
            }
            let (pick, opens) = picks.next().unwrap_or_default();
            pair.end(pick, opens);
        }
        prop_assert_eq!(&pair.rested, &BTreeSet::from([NIGHT, ANCHORS]));
        let judged = pair.ended(ANCHORS).len() - roots(&pair.shapes[&ANCHORS]).len();
        prop_assert_eq!(judged, roots(&pair.shapes[&ANCHORS]).len() * anchors.2 as usize);
    }

    /// Where nothing else takes the room, who is in step does not lag behind either.
    #[test]
    fn who_is_in_step_is_not_left_behind(
        prompts in 10u32..40, picks in prop::collection::vec(0usize..1000, 50),
    ) {
        let mut pair = Pair::new(night(prompts, 1, 1), night(prompts, 1, 1), 200);
        let mut picks = picks.into_iter().cycle();
        while !pair.rested.contains(&NIGHT) {
            pair.hand_out_in_step();
            let least = (pair.ended_transcripts() + 8).min(4 * prompts as usize);
            // What is open of a transcript may be counted as one more that has not ended.
            let open = pair.out.iter().filter(|(_, of)| of.sweep == NIGHT).count();
            prop_assert!(pair.begun.len() + open >= least, "{} of {least}", pair.begun.len());
            if pair.out.is_empty() {
                break;
            }
            pair.end(picks.next().unwrap_or_default(), true);
        }
    }
}
