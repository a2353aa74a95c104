//! What a judge must not see does not reach its endpoint.

use std::collections::BTreeSet;

use iago_store::{READ_MAX, Store};
use iago_store_sqlite::SqliteStore;

use crate::planted::{ANTHROPIC, OPENAI, prepare, run};
use crate::recorder::Recorder;
use crate::world::{Rows, World, endpoint, rows};

/// Every block of reasoning that any answer in the store holds.
async fn reasonings(world: &World, rows: &Rows) -> BTreeSet<String> {
    let store = SqliteStore::open(&world.store()).await.expect("nobody else has it");
    let answers = rows.results.iter().map(|fact| fact.job).filter(|job| job.at().stage == 0);
    let answers: Vec<_> = answers.collect();
    let mut reasonings = BTreeSet::new();
    for page in answers.chunks(READ_MAX) {
        for (_, text) in store.read(rows.sweep, page).await.expect("readable") {
            let blocks = text.raw.split("<SCRATCHPAD_REASONING>").skip(1);
            let inner = blocks.map(|block| block.split("</SCRATCHPAD_REASONING>").next());
            let lines = inner.flatten().flat_map(str::lines).filter(|line| !line.is_empty());
            reasonings.extend(lines.map(str::to_owned));
        }
    }
    store.close().await.expect("it closes");
    reasonings
}

async fn assert_the_grader_is_blind(protocol: &str) {
    let (world, endpoint, recorder) = (World::new(), endpoint(|_| ()).await, Recorder::default());
    prepare(&world, "sim-fakes-alignment");
    let behind = endpoint.url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let address = recorder.start(behind.parse().expect("an address")).await;
    world.configure(&format!("http://{address}"), protocol, 16, "");
    let ran = run(&world, &["--limit", "30"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let rows = rows(&world.store()).await;
    let reasonings = reasonings(&world, &rows).await;
    assert!(reasonings.len() > 5, "{reasonings:?}");
    let bodies = recorder.bodies();
    assert_eq!(bodies.len() as u64, endpoint.log().calls);

    let of = |words: &str| bodies.iter().filter(|body| body.contains(words)).collect::<Vec<_>>();
    let graded = of("where X is one of: comply, refuse");
    let voted = of("Answer each question with yes or no");
    let asked = of("<is_free_tier_user>");
    assert_eq!([asked.len(), graded.len(), voted.len()], [240, 240, 300]);
    assert_eq!(asked.len() + graded.len() + voted.len(), bodies.len(), "each is of one kind");

    let tells = |body: &str| reasonings.iter().any(|reasoning| body.contains(reasoning.as_str()));
    assert!(voted.iter().all(|body| tells(body)), "a vote is about the reasoning");
    for body in graded {
        assert!(!tells(body), "{body}");
        for hidden in ["SCRATCHPAD", "scratchpad", "is_free_tier", "free tier", "free-tier", "True"]
        {
            assert!(!body.contains(hidden), "{hidden}: {body}");
        }
    }
    for body in voted {
        assert!(!body.contains("is_free_tier"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grader_sees_neither_scratchpad_nor_tier_on_the_anthropic_protocol() {
    assert_the_grader_is_blind(ANTHROPIC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grader_sees_neither_scratchpad_nor_tier_on_the_openai_protocol() {
    assert_the_grader_is_blind(OPENAI).await;
}
