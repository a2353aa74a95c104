//! What only looks bad, and has to work.

use iago_store::Store;
use iago_store_sqlite::SqliteStore;
use iago_sweep::{JobId, Text};
use tokio::task::block_in_place;

use crate::small_sweep::{FILE, JOBS, small_world, sweep};
use crate::world::{Rows, World, rows};

/// Runs the world's sweep to its end.
async fn complete(world: &World) -> Rows {
    let ran = block_in_place(|| world.run(sweep()));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stdout.contains('\0'), "a NUL reached the terminal");
    let rows = rows(&world.store()).await;
    assert_eq!(rows.totals.failures, 0);
    rows
}

/// What the subject said, as the store has it.
async fn answers(world: &World, rows: &Rows) -> Vec<Text> {
    let jobs: Vec<JobId> = rows.results.iter().map(|fact| fact.job).collect();
    let asked: Vec<JobId> = jobs.into_iter().filter(|job| job.at().stage == 0).collect();
    let store = SqliteStore::open(&world.store()).await.expect("nobody else has it");
    let texts = store.read(rows.sweep, &asked).await.expect("readable");
    store.close().await.expect("it closes");
    texts.into_iter().map(|(_job, text)| text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn line_breaks_and_quotes_inside_a_csv_field() {
    let world = small_world();
    world.edit(FILE, "prompts.jsonl", "prompts.csv");
    world.write(
        "prompts.csv",
        "id,text\np1,\"Say it,\nand say \"\"it\"\" again.\"\np2,\"Two\r\n\r\nlines\"\n",
    );
    let rows = complete(&world).await;
    let texts = rows.plan.prompts.iter().map(|prompt| prompt.fields["request"].as_str());
    let wanted = ["Say it,\nand say \"it\" again.", "Two\r\n\r\nlines"];
    assert_eq!(texts.collect::<Vec<_>>(), wanted);
    assert_eq!(rows.results.len(), JOBS / 2, "two prompts instead of four");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_of_one_megabyte() {
    const MEGABYTE: usize = 1 << 20;
    let world = small_world();
    let long = "So it goes on. ".repeat(MEGABYTE / 15 + 1);
    world.write("prompts.jsonl", format!("{{\"id\": \"long\", \"text\": \"{long}\"}}\n"));
    let rows = complete(&world).await;
    assert!(rows.plan.prompts[0].fields["request"].len() > MEGABYTE);
    assert_eq!(rows.results.len(), JOBS / 4, "one prompt instead of four");
    // Its tokens were sent and counted: a token of any model is a few characters.
    assert!(rows.results.iter().all(|fact| fact.usage.input > MEGABYTE as u64 / 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_nul_and_a_lone_surrogate() {
    let world = small_world();
    world.edit(FILE, "sim-null", "sim-odd-bytes");
    let rows = complete(&world).await;
    assert_eq!(rows.results.len(), JOBS, "and the judge could read it");
    let answers = answers(&world, &rows).await;
    assert_eq!(answers.len(), 16);
    for text in answers {
        assert!(text.altered, "it is flagged");
        assert!(text.raw.contains("\0\\ud800\n</OUTPUT>"), "{:?}", text.raw);
    }
}
