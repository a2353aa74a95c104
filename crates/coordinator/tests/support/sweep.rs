//! A small sweep with a judge, handed in over the wire.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::collections::BTreeMap;

use iago_coordinator::{PoolSettings, Settings, Sources, compile};
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::submit_part::Part;
use iago_protocol::wire::{FilePart, Progress, SubmitHead, SubmitPart, SweepRequest};
use iago_sweep::SweepId;
use tonic::Code;

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

/// One pool, with room for everything.
pub fn settings() -> Settings {
    let pool = PoolSettings {
        name: POOL.to_owned(),
        requests_per_minute: None,
        concurrency: 1000,
        prices: BTreeMap::new(),
        free: false,
    };
    Settings { resumes: true, ..Settings::alone("the test".to_owned(), vec![pool]) }
}

fn sources(name: &str, prompts: u32) -> Sources {
    let rows: String = (0..prompts).map(|number| format!("p{number},request {number}\n")).collect();
    let files = [
        (String::new(), SWEEP.replace("NAME", name).into_bytes()),
        ("p.csv".to_owned(), format!("id,text\n{rows}").into_bytes()),
    ];
    Sources { file_name: "sweep.toml".to_owned(), files: files.into(), prompts_max: None }
}

/// Hands a sweep in, once the coordinator leads.
pub async fn submit(served: &Served, token: &str, name: &str, prompts: u32) -> SweepId {
    let sources = sources(name, prompts);
    let plan = compile(&sources).expect("a sweep");
    let json = serde_json::to_vec(&plan).expect("a plan has a JSON form");
    let plan_digest = iago_sweep::Digest::of(&json).as_bytes().to_vec();
    let head = SubmitHead { file_name: sources.file_name, plan_digest, ..SubmitHead::default() };
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
            other => return SweepId(other.expect("it is taken in").into_inner().sweep),
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
