//! A sweep with as many jobs as a test asks for, and the plan of it as a coordinator sends it.

use std::collections::BTreeMap;

use iago_protocol::{Assignment, Lease};
use iago_sweep::{Coordinate, Digest, JobId, Plan, SweepId};
use iago_sweep_file::{PromptColumns, SweepFile};

/// The endpoint, and so the pool, that every job of it needs.
pub(crate) const POOL: &str = "simulated";

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

fn plan() -> Plan {
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
        input: None,
        key: format!("key-{nth}"),
    }
}
