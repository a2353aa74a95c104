//! A small sweep with a judge, handed in over the wire.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use iago_coordinator::{PoolSettings, Settings, Sources, compile};
use iago_ledger::Limits;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::submit_part::Part;
use iago_protocol::wire::{FilePart, Progress, SubmitHead, SubmitPart, Submitted, SweepRequest};
use iago_sweep::{LOCAL_POOL, Plan, SweepId};
use tonic::{Code, Status};

use crate::served::{Served, with};

pub const POOL: &str = "lab";

const SWEEP: &str = r#"
name = "NAME"
seed = 1
repeats = 1
[prompts]
path = "p.csv"
id = "id"
fields = { request = "text" }
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
answer = { tag = "OUTPUT", required = true }
[stages.verdict]
kind = "judge"
of = "reply"
model = "j"
sees = ["answer"]
template = "Is it yes? {{ answer }}"
labels = ["yes", "no"]
[[outcomes]]
name = "yes"
when = "verdict == 'yes'"
[[outcomes]]
name = "no"
when = "verdict == 'no'"
[[measures]]
name = "yes"
of = "verdict == 'yes'"
"#;

/// A pool for models and one for scores, each with room for everything.
pub fn settings() -> Settings {
    settings_with(Limits::default(), Vec::new())
}

/// The same, where the models' pool has limits, and with further pools.
pub fn settings_with(limits: Limits, further: Vec<PoolSettings>) -> Settings {
    let pool = |name: &str, limits: Limits| PoolSettings {
        name: name.to_owned(),
        limits: Limits { concurrency: limits.concurrency.or(Some(1000)), ..limits },
    };
    let mut pools = vec![pool(POOL, limits), pool(LOCAL_POOL, Limits::default())];
    pools.extend(further);
    let alone = Settings::alone("the test".to_owned(), pools, Vec::new());
    Settings { resumes: true, ..alone }
}

/// The text of the small sweep, under a name.
pub fn text(name: &str) -> String {
    SWEEP.replace("NAME", name)
}

/// The files of a sweep.
pub fn sources(text: &str, prompts: u32) -> Sources {
    let rows: String = (0..prompts).map(|number| format!("p{number},request {number}\n")).collect();
    let files = [
        (String::new(), text.as_bytes().to_vec()),
        ("p.csv".to_owned(), format!("id,text\n{rows}").into_bytes()),
    ];
    Sources { file_name: "sweep.toml".to_owned(), files: files.into(), prompts_max: None }
}

/// The plan that a sweep file comes to.
pub fn plan(text: &str, prompts: u32) -> Plan {
    compile(&sources(text, prompts)).expect("a sweep")
}

/// Hands the small sweep in, once the coordinator leads.
pub async fn submit(served: &Served, token: &str, name: &str, prompts: u32) -> SweepId {
    let submitted = hand_in(served, token, &text(name), prompts).await;
    SweepId(submitted.expect("it is taken in").sweep)
}

/// Hands a sweep file in, once the coordinator leads.
pub async fn hand_in(
    served: &Served,
    token: &str,
    text: &str,
    prompts: u32,
) -> Result<Submitted, Status> {
    hand_in_part(served, token, sources(text, prompts)).await
}

/// Hands a pilot of a sweep file in, once the coordinator leads.
pub async fn hand_in_pilot(
    served: &Served,
    token: &str,
    (text, prompts): (&str, u32),
    prompts_max: u32,
) -> Result<Submitted, Status> {
    let pilot = Sources { prompts_max: Some(prompts_max), ..sources(text, prompts) };
    hand_in_part(served, token, pilot).await
}

/// Hands a sweep file in that is compared with a baseline, once the coordinator leads.
pub async fn hand_in_against(
    served: &Served,
    token: &str,
    (text, prompts): (&str, u32),
    baseline: &str,
) -> Result<Submitted, Status> {
    let head = SubmitHead { against: baseline.to_owned(), ..SubmitHead::default() };
    hand_in_with(served, token, sources(text, prompts), head).await
}

/// Hands a sweep file in that is to ask more of a sweep, once the coordinator leads.
pub async fn hand_in_extension(
    served: &Served,
    token: &str,
    (text, prompts): (&str, u32),
    of: SweepId,
) -> Result<Submitted, Status> {
    let head = SubmitHead { extend: Some(of.0), ..SubmitHead::default() };
    hand_in_with(served, token, sources(text, prompts), head).await
}

async fn hand_in_part(served: &Served, token: &str, sources: Sources) -> Result<Submitted, Status> {
    hand_in_with(served, token, sources, SubmitHead::default()).await
}

/// Hands a sweep in on these terms, which say nothing of its files.
pub async fn hand_in_with(
    served: &Served,
    token: &str,
    sources: Sources,
    terms: SubmitHead,
) -> Result<Submitted, Status> {
    let plan = compile(&sources).expect("a sweep");
    let json = serde_json::to_vec(&plan).expect("a plan has a JSON form");
    let plan_digest = iago_sweep::Digest::of(&json).as_bytes().to_vec();
    let Sources { file_name, prompts_max, .. } = sources;
    let head = SubmitHead { file_name, prompts_max, plan_digest, ..terms };
    let files = sources.files.into_iter().map(|(path, data)| Part::File(FilePart { path, data }));
    let parts: Vec<_> = [Part::Head(head)]
        .into_iter()
        .chain(files)
        .map(|part| SubmitPart { part: Some(part) })
        .collect();
    let mut client = JobsClient::new(served.channel.clone());
    loop {
        match client.submit(with(token, tokio_stream::iter(parts.clone()))).await {
            Err(status) if status.code() == Code::Unavailable => tokio::task::yield_now().await,
            other => return other.map(tonic::Response::into_inner),
        }
    }
}

/// Watches a sweep until it has ended.
pub async fn watch(served: &Served, token: &str, sweep: SweepId) -> Progress {
    let mut client = JobsClient::new(served.channel.clone());
    let request = with(token, SweepRequest { sweep: sweep.0 });
    let mut told = client.watch(request).await.expect("admitted").into_inner();
    loop {
        let progress = told.message().await.expect("no error").expect("it has not ended");
        if progress.end != 0 {
            return progress;
        }
    }
}
