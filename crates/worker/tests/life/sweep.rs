//! A sweep with as many jobs as a test asks for, and the plan of it as a coordinator sends it.

use std::collections::BTreeMap;

use iago_protocol::{Assignment, Lease};
use iago_sweep::{
    Again, Coordinate, Digest, Expected, Field, JobId, Money, Need, Normalise, Plan, Required,
    Scorer, Source, Stage, StageKind, SweepId, Take, Text,
};
use iago_sweep_file::{PromptColumns, SweepFile};

/// The endpoint, and so the pool, that every job of it needs.
pub(crate) const POOL: &str = "simulated";

/// What every call of it is expected to take.
pub(crate) const NEED: Need = Need { input: 100, output: 50 };

/// What each job of it can cost at most.
pub(crate) const COST_MOST: Money = Money(7);

const SWEEP: &str = r#"
name = "echoes"
repeats = 500
prompts = { path = "words.jsonl", id = "id", fields = { request = "text" } }

[models.echo]
endpoint = "simulated"
id = "sim-echo"
max_output_tokens = 100

[stages.reply]
kind = "generate"
messages = [{ role = "user", template = "{{ request }}" }]

[[outcomes]]
name = "answered"
when = "reply.parse == 'ok'"
[[outcomes]]
name = "no answer"
when = "reply.parse != 'ok'"
"#;

/// The plan as the file says it; tests change it before it is sent.
pub(crate) fn plan() -> Plan {
    let columns = BTreeMap::from([("text".to_owned(), "Hello!".to_owned())]);
    let prompts = [PromptColumns { id: "hello".to_owned(), columns }];
    let file = SweepFile::parse("echoes.toml", SWEEP).expect("it is right");
    file.compile(&BTreeMap::new(), &prompts).expect("it is right")
}

/// The blob that assignments need.
pub(crate) fn plan_json() -> Vec<u8> {
    serde_json::to_vec(&plan()).expect("plans are JSON")
}

/// The assignment of the nth job, from 0.
pub(crate) fn assignment(nth: u32) -> Assignment {
    let at = Coordinate { stage: 0, cell: 0, repeat: nth, prompt: 0, vote: 0 };
    Assignment {
        lease: Lease { term: 1, sequence: u64::from(nth) + 1 },
        sweep: SweepId(1),
        job: JobId::pack(at).expect("it is in range"),
        attempt: 1,
        plan: Digest::of(plan_json()),
        said: Vec::new(),
        key: format!("key-{nth}"),
        pools: vec![POOL.to_owned()],
        need: NEED,
        cost_most: Some(COST_MOST),
    }
}

/// A plan that a test has changed.
pub(crate) struct Changed {
    pub(crate) json: Vec<u8>,
}

impl Changed {
    pub(crate) fn new(change: impl FnOnce(&mut Plan)) -> Self {
        let mut plan = plan();
        change(&mut plan);
        Self { json: serde_json::to_vec(&plan).expect("plans are JSON") }
    }

    /// The assignment of the nth job of a stage, which hangs on these answers.
    pub(crate) fn assignment(&self, stage: u32, nth: u32, said: &[&str]) -> Assignment {
        let at = Coordinate { stage, cell: 0, repeat: nth, prompt: 0, vote: 0 };
        let job = JobId::pack(at).expect("it is in range");
        let text = |raw: &&str| Text { raw: (*raw).to_owned(), ..Text::default() };
        let said = said.iter().map(text).collect();
        let pools = Vec::new();
        Assignment { job, plan: Digest::of(&self.json), said, pools, ..assignment(nth) }
    }
}

/// `<OUT>` of the reply, which every one must have.
pub(crate) fn answer_field() -> Field {
    Field {
        name: "answer".to_owned(),
        source: Source::Tag("OUT".to_owned()),
        repeated: false,
        required: Required::Always,
        outside: None,
        take: Take::First,
    }
}

/// A score stage over the reply.
pub(crate) fn score_stage(name: &str, scorer: Scorer) -> Stage {
    let (of, when, after) = ("reply".to_owned(), None, None);
    Stage { name: name.to_owned(), kind: StageKind::Score { of, when, after, scorer } }
}

/// Whether `<OUT>` holds exactly this.
pub(crate) fn exactly(text: &str) -> Scorer {
    let (field, text) = ("answer".to_owned(), text.to_owned());
    Scorer::Exact(Expected { field, text, normalise: vec![Normalise::Trim] })
}

/// Changes the one stage that asks: what is read from its answer, and what is done about one that
/// cannot be used.
pub(crate) fn ask_for(plan: &mut Plan, wanted: Option<Again>) {
    let StageKind::Generate { fields, again, .. } = &mut plan.stages[0].kind else {
        panic!("the first stage asks")
    };
    fields.push(answer_field());
    *again = wanted;
}
