//! How a job's own parameters reach the endpoint, and what comes back because of them.

use iago_protocol::{Delivery, Outcome};
use iago_sweep::{Again, Parameters, Plan};
use serde_json::{Value, json};

use crate::asking_on::begin_stage;
use crate::scripted::{Reply, Scripted, says, says_with_logprobs};
use crate::sweep::{ask_for, exactly, score_stage};

const SEED: u64 = 7;

fn seeded(plan: &mut Plan, logprobs: Option<u32>) {
    let parameters = |old: &Parameters| Parameters { seed: Some(SEED), logprobs, ..old.clone() };
    for model in &mut plan.models {
        model.parameters = parameters(&model.parameters);
    }
}

async fn run(change: impl FnOnce(&mut Plan), replies: Vec<Reply>) -> (Delivery, Vec<Value>) {
    let (mut stream, endpoint, _worker, _coordinator): (_, Scripted, _, _) =
        begin_stage(change, 0, &[], replies).await;
    let delivered = stream.deliveries(1).await.remove(0);
    (delivered, endpoint.asked().iter().map(|asked| asked.json()["seed"].clone()).collect())
}

#[tokio::test]
async fn each_further_try_of_a_seeded_job_has_a_seed_of_its_own() {
    let until = "good".to_owned();
    let change = |plan: &mut Plan| {
        seeded(plan, None);
        plan.stages.push(score_stage("good", exactly("yes")));
        ask_for(plan, Some(Again::Resample { tries_max: 3, until }));
    };
    let replies = ["<OUT>no</OUT>", "<OUT>no</OUT>", "<OUT>yes</OUT>"].map(says).into();
    let (_, seeds) = run(change, replies).await;
    assert_eq!(seeds, [json!(SEED), json!(SEED + 64), json!(SEED + 128)]);
}

#[tokio::test]
async fn log_probabilities_are_kept_as_they_came() {
    let given = json!({ "content": [{ "token": "ok", "logprob": -0.25, "top_logprobs": [] }] });
    let (delivered, _) =
        run(|plan| seeded(plan, Some(0)), vec![says_with_logprobs("ok", &given)]).await;
    let Outcome::Answered { text, .. } = delivered.outcome else { panic!("{delivered:?}") };
    let kept: Value = serde_json::from_str(&text.logprobs.expect("they came")).expect("JSON");
    assert!(kept.to_string().contains("-0.25"), "{kept}");
}
