//! Which stored sweep a plan goes on with.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_coordinator::{Change, Standing, standing};
use iago_store::{Kind, MemoryStore, Names, NewRevision, NewSweep, Store};
use iago_sweep::{Cell, Condition, Model, Parameters, Plan, Prompt, SweepId};

fn plan(prompts: &[&str]) -> Plan {
    let parameters = Parameters {
        max_output_tokens: 9,
        temperature: None,
        cache_prefix: false,
        ..Parameters::default()
    };
    let [model, endpoint, id] = ["m", "e", "i"].map(str::to_owned);
    let only = || "only".to_owned();
    Plan {
        name: "sweep".to_owned(),
        seed: 1,
        repeats: 1,
        prompts: prompts
            .iter()
            .map(|id| Prompt { id: (*id).to_owned(), ..Prompt::default() })
            .collect(),
        conditions: vec![Condition { name: only(), levels: BTreeMap::new() }],
        models: vec![Model { name: model.clone(), endpoint, id, parameters, ..Model::default() }],
        cells: vec![Cell { model, condition: only(), ..Cell::default() }],
        ..Plan::default()
    }
}

async fn store(store: &MemoryStore, plan: &Plan) -> SweepId {
    let term = store.lead("the test", Duration::ZERO).await.expect("nobody leads");
    let revision = NewRevision {
        number: 0,
        plan: serde_json::to_vec(plan).expect("it has a JSON form"),
        ask: plan.ask_hash(),
        analysis: plan.analysis_hash(),
        note: String::new(),
        names: Names::default(),
    };
    let new = NewSweep { name: plan.name.clone(), revision, created_ms: 0, kind: Kind::Asked };
    store.submit(term, new).await.expect("it is taken")
}

/// The sweep that a plan goes on with, and whether it must be extended.
async fn found(at: &MemoryStore, prompts: &[&str]) -> Option<(SweepId, bool)> {
    match standing(at, plan(prompts), None, None).await.expect("the store can tell") {
        Standing::New { .. } | Standing::Part(_) => None,
        Standing::Known { head, change, .. } => {
            Some((head.id, matches!(change, Some(Change::Extension(_)))))
        }
    }
}

#[tokio::test]
async fn after_a_pilot_the_full_sweep_finds_itself_and_not_the_pilot() {
    let at = MemoryStore::default();
    let full = store(&at, &plan(&["a", "b", "c"])).await;
    assert_eq!(found(&at, &["a"]).await, None, "less is another sweep");
    let pilot = store(&at, &plan(&["a"])).await;
    assert_eq!(found(&at, &["a", "b", "c"]).await, Some((full, false)));
    assert_eq!(found(&at, &["a"]).await, Some((pilot, false)));
    assert_eq!(found(&at, &["a", "b"]).await, Some((pilot, true)));
}
