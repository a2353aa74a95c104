//! The file asks and reads the same: nothing is called.

use crate::small::{GAP, PROMPTS, SWEEP, Small, cells, contrast, without_time};
use crate::world::endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_sweep_makes_no_call_and_prints_the_same_report() {
    let small = Small::new().await;
    let first = small.run_to(0, &[]).await;
    let calls = small.endpoint.log().calls;
    let (second, third) = (small.run_to(0, &[]).await, small.run_to(0, &[]).await);
    assert!(calls > 0 && small.endpoint.log().calls == calls);
    assert_eq!(second.stdout, third.stdout);
    assert_eq!(without_time(&first.stdout), without_time(&second.stdout));
    assert!(second.stdout.contains("compliance gap"), "{}", second.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_sweep_needs_no_endpoint() {
    let (small, first) = Small::finished().await;
    small.world.configure("http://127.0.0.1:9", "anthropic-messages", 32, "");
    small.asks_nothing(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_price_costs_no_answer() {
    let (small, first) = Small::finished().await;
    small.configure("[endpoints.simulated.prices.\"sim-null\"]\ninput = 3.0\noutput = 15.0");
    small.asks_nothing(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_limit_costs_no_answer() {
    let (small, first) = Small::finished().await;
    small.configure("requests_per_minute = 60\ntimeout_s = 5");
    small.asks_nothing(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_url_protocol_and_concurrency_cost_no_answer() {
    let (small, first) = Small::finished().await;
    let other = endpoint(|_| ()).await;
    small.world.configure(&other.url(), "openai-chat", 1, "");
    small.asks_nothing(&first).await;
    assert_eq!(other.log().calls, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_budget_costs_no_answer() {
    let (small, first) = Small::finished().await;
    small.edit("budget_usd = 400 ", "budget_usd = 500 ");
    small.asks_nothing(&first).await;
    small.edit("budget_usd = 500 ", "# none ");
    small.asks_nothing(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_seed_costs_no_answer() {
    let (small, first) = Small::finished().await;
    small.edit("seed = 7", "seed = 8");
    small.asks_nothing(&first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_in_another_order_are_the_same_models() {
    let (small, first) = Small::finished().await;
    small.swap(
        "[models.faker]\nid = \"sim-fakes-alignment\"\n",
        "[models.null]\nid = \"sim-null\"\n",
    );
    let step = small.asks_nothing(&first).await;
    assert_eq!(cells(&step.ran), cells(&first.ran));
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_in_another_order_are_the_same_prompts() {
    let (small, first) = Small::finished().await;
    let path = small.world.path(PROMPTS);
    let prompts = std::fs::read_to_string(path).expect("it is there");
    small.world.write(PROMPTS, prompts.lines().rev().collect::<Vec<_>>().join("\n"));
    let step = small.asks_nothing(&first).await;
    assert_eq!(cells(&step.ran), cells(&first.ran));
    assert_eq!(contrast(&step.ran, GAP), contrast(&first.ran, GAP));
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_in_another_order_are_the_same_stages() {
    let (small, first) = Small::finished().await;
    let file = std::fs::read_to_string(small.world.path(SWEEP)).expect("it is there");
    let at = |heading: &str| file.find(heading).expect("it is there");
    let stages = [at("[stages.compliance]"), at("[stages.faking]"), at("[[outcomes]]")];
    let (compliance, faking) = (&file[stages[0]..stages[1]], &file[stages[1]..stages[2]]);
    small.swap(compliance, faking);
    let step = small.asks_nothing(&first).await;
    assert_eq!(cells(&step.ran), cells(&first.ran));
}
