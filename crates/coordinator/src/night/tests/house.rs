//! A store with a small sweep, its baseline and its anchors, whose facts a test makes up.

use std::sync::Arc;
use std::time::Duration;

use iago_nightly::RunEnd;
use iago_store::{
    Comparison, Kind, MemoryStore, Names, NewComparison, NewRevision, NewSweep, Nights, State,
    Store,
};
use iago_sweep::{
    Coordinate, Digest, Fact, FailureClass, FailureFact, Finish, JobId, Label, Money, Parse, Plan,
    ResultFact, StageKind, SweepId, Text, Usage,
};
use jiff::Timestamp;

use crate::compile::{Sources, compile};
use crate::night::{Subject, anchors_plan, copy_answers};

/// Enough for a verdict at the margin of the sweep.
pub(crate) const PROMPTS: u32 = 60;

const SWEEP: &str = r#"
name = "little"
seed = 1
repeats = 2
[prompts]
path = "p.csv"
id = "id"
fields = { request = "text" }
generalise = "suite"
[defaults]
endpoint = "lab"
max_output_tokens = 16
temperature = 1.0
[models.m]
id = "m"
[judges.j]
id = "j"
endpoint = "lab"
temperature = 0.0
max_output_tokens = 16
[stages.reply]
kind = "generate"
messages = [{ role = "user", template = "{{ request }}" }]
[stages.reply.fields]
answer = { whole = true }
[stages.quality]
kind = "judge"
of = "reply"
model = "j"
sees = ["answer"]
template = "Is it good? {{ answer }}"
labels = ["good", "poor"]
[[outcomes]]
name = "good"
when = "quality == 'good'"
[[outcomes]]
name = "poor"
when = "quality == 'poor'"
[[measures]]
name = "good"
of = "quality == 'good'"
[[measures]]
name = "output"
value = "reply.usage.output"
[[gates]]
measure = "good"
better = "higher"
margin = 0.1
tier = "critical"
[gating]
max_missing = 0.05
rejudge_baseline = true
"#;

/// What became of one transcript.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Transcript {
    Good,
    Poor,
    /// The judge said nothing that is a label.
    Abstained,
    /// The model could not be asked.
    Failed,
}

/// Everything is good, but for one prompt in ten.
pub(crate) fn mostly_good(prompt: u32, _repeat: u32) -> Transcript {
    if prompt.is_multiple_of(10) { Transcript::Poor } else { Transcript::Good }
}

/// Who answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    pub(crate) model: &'static str,
    pub(crate) judge: &'static str,
    pub(crate) helper: &'static str,
}

pub(crate) const USUAL: Who = Who { model: "m-1", judge: "j-1", helper: "h-1" };

pub(crate) struct House {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) term: u64,
}

impl House {
    pub(crate) async fn new() -> Self {
        let store = Arc::new(MemoryStore::default());
        let term = store.lead("the test", Duration::ZERO).await.expect("nobody leads");
        Self { store, term }
    }

    /// A sweep with these answers, done.
    pub(crate) async fn sweep(
        &self,
        plan: &Plan,
        answers: impl Fn(u32, u32) -> Transcript,
        who: Who,
    ) -> SweepId {
        let new = new_sweep(plan, Kind::Asked);
        let sweep = self.store.submit(self.term, new).await.expect("it is stored");
        self.answer(sweep, plan, 0, &answers, who).await;
        self.answer(sweep, plan, 1, &answers, who).await;
        self.end(sweep).await;
        sweep
    }

    pub(crate) async fn end(&self, sweep: SweepId) {
        self.store.control(self.term, sweep, State::Done).await.expect("it is there");
    }

    /// The sweep of anchors of a night, in which tonight's judge says this of the baseline's.
    pub(crate) async fn compare(
        &self,
        (sweep, tonight): (SweepId, &Plan),
        (baseline, then): (SweepId, &Plan),
        says: impl Fn(u32, u32) -> Transcript,
        who: Who,
    ) -> Comparison {
        let anchors = anchors_plan(tonight, then);
        let with = NewComparison {
            baseline: "known".to_owned(),
            of: baseline,
            revision: 0,
            anchors: anchors.as_ref().map(|plan| new_sweep(plan, Kind::Anchors)),
        };
        let compared = self.store.compare(self.term, sweep, with).await.expect("it is stored");
        if let (Some(plan), Some(anchors)) = (anchors, compared.anchors) {
            self.copy(baseline, anchors, &plan).await;
            self.answer(anchors, &plan, 1, &says, who).await;
            self.end(anchors).await;
        }
        compared
    }

    pub(crate) async fn copy(&self, baseline: SweepId, anchors: SweepId, plan: &Plan) {
        let copied = copy_answers(&*self.store, self.term, (baseline, 0), anchors, plan).await;
        copied.expect("it is copied");
    }

    /// Answers of one stage.
    pub(crate) async fn answer(
        &self,
        sweep: SweepId,
        plan: &Plan,
        stage: u32,
        says: &impl Fn(u32, u32) -> Transcript,
        who: Who,
    ) {
        let kind = &plan.stages[stage as usize].kind;
        let is_judge = matches!(kind, StageKind::Judge { .. });
        let answers = match kind {
            StageKind::Judge { .. } => who.judge,
            StageKind::Generate { helper: Some(_), .. } => who.helper,
            StageKind::Generate { helper: None, .. } | StageKind::Score { .. } => who.model,
        };
        let prompts = u32::try_from(plan.prompts.len()).expect("there are few");
        let mut facts = Vec::new();
        for (prompt, repeat) in (0..prompts).flat_map(|p| (0..plan.repeats).map(move |r| (p, r))) {
            let at = Coordinate { stage, prompt, repeat, ..Coordinate::default() };
            facts.extend(fact(at, is_judge, says(prompt, repeat), answers));
        }
        self.store.append(sweep, self.term, facts).await.expect("they are stored");
    }
}

/// The fact of a job, if there is one: nothing is judged where nothing was said.
fn fact(at: Coordinate, is_judge: bool, of: Transcript, who: &str) -> Option<Fact> {
    let job = JobId::pack(at).expect("it is in range");
    match (is_judge, of) {
        (true, Transcript::Failed) => None,
        (false, Transcript::Failed) => Some(Fact::Failure(failure(job))),
        (true, of) => Some(result(job, Some(label(of)), who)),
        (false, _) => Some(result(job, None, who)),
    }
}

fn label(of: Transcript) -> Label {
    match of {
        Transcript::Good => Label::Word("good".to_owned()),
        Transcript::Poor => Label::Word("poor".to_owned()),
        Transcript::Abstained | Transcript::Failed => Label::Abstained,
    }
}

/// What judges opens nothing, and whatever else opens the next stage.
fn result(job: JobId, label: Option<Label>, who: &str) -> Fact {
    let next = 1 << (job.at().stage + 1);
    let fact = ResultFact {
        job,
        term: 1,
        attempt: 1,
        finish: Finish::Stop,
        parse: Parse::Ok,
        opens: if label.is_none() { next } else { 0 },
        decided: next | (next - 1),
        label,
        usage: Usage { output: 10, ..Usage::default() },
        cost: Some(Money(1)),
        latency_ms: 100,
        calls: 1,
        throttles: 0,
        echoed_model: Some(who.to_owned()),
        request: Digest::of(format!("{job}")),
        simulated: false,
    };
    Fact::Result(Box::new(fact), Text { raw: format!("the text of {job}"), ..Text::default() })
}

pub(crate) fn failure(job: JobId) -> FailureFact {
    FailureFact {
        job,
        round: 0,
        term: 1,
        attempt: 1,
        class: FailureClass::Exhausted,
        status: Some(500),
        message: String::new(),
        calls: 8,
        throttles: 0,
        cost: Some(Money::ZERO),
        simulated: false,
    }
}

/// The sweep of the tests.
pub(crate) fn plan() -> Plan {
    plan_of(SWEEP, PROMPTS)
}

/// The same with its file edited.
pub(crate) fn edited(from: &str, to: &str) -> Plan {
    assert!(SWEEP.contains(from), "there is no `{from}`");
    plan_of(&SWEEP.replace(from, to), PROMPTS)
}

fn plan_of(text: &str, prompts: u32) -> Plan {
    let rows: String = (0..prompts).map(|number| format!("p{number},request {number}\n")).collect();
    let files = [
        (String::new(), text.as_bytes().to_vec()),
        ("p.csv".to_owned(), format!("id,text\n{rows}").into_bytes()),
    ];
    let file_name = "little.toml".to_owned();
    compile(&Sources { file_name, files: files.into(), prompts_max: None }).expect("a sweep")
}

pub(crate) fn new_sweep(plan: &Plan, kind: Kind) -> NewSweep {
    let revision = NewRevision {
        number: 0,
        plan: serde_json::to_vec(plan).expect("a plan has a JSON form"),
        ask: plan.ask_hash(),
        analysis: plan.analysis_hash(),
        note: "submitted".to_owned(),
        names: Names::default(),
    };
    NewSweep { name: plan.name.clone(), revision, created_ms: 0, kind }
}

/// A night that came to its end an hour after it began.
pub(crate) fn subject(sweep: SweepId, comparison: Option<Comparison>) -> Subject {
    Subject {
        sweep,
        run: None,
        zone: None,
        end: RunEnd::Ended,
        look: 1,
        first_repeats: 2,
        comparison,
        baseline_terms: None,
        now: Timestamp::from_second(3_600).expect("it is in range"),
    }
}
