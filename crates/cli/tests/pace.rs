//! A limit that is known is never exceeded, and one that is not known is learned from refusals.

use std::time::Duration;

use iago_simulated_endpoint::{Limit, LimitKind};

#[path = "support/world.rs"]
mod world;

use world::{World, endpoint, flagship, rows};

async fn run(limit: Limit, jobs_prompts: &str, configured: &str) -> (u64, u64, u64) {
    let world = World::new();
    let endpoint = endpoint(|settings| {
        settings.limit = Some(limit);
        settings.latency = Duration::from_millis(5);
    })
    .await;
    world.configure(&endpoint.url(), "openai-chat", 200, configured);
    let mut command = world.run_command(&flagship());
    command.args(["--limit", jobs_prompts]);
    let ran = tokio::task::spawn_blocking(|| world::finish(command)).await.expect("it ends");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (log, rows) = (endpoint.log(), rows(&world.store()).await);
    assert_eq!(rows.totals.calls(), log.calls, "throttled calls are accounted for as well");
    (rows.results.len() as u64, log.calls, log.throttled)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_limit_over_a_sliding_minute_is_never_exceeded() {
    let limit = Limit::requests(900);
    let (results, calls, throttled) = run(limit, "6", "requests_per_minute = 900").await;
    assert_eq!((results, calls, throttled), (6 * 195, 6 * 195, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_limit_of_a_token_bucket_is_never_exceeded() {
    let kind = LimitKind::TokenBucket { burst_seconds: 0.2 };
    let limit = Limit { kind, ..Limit::requests(6_000) };
    let (results, calls, throttled) = run(limit, "10", "requests_per_minute = 6000").await;
    assert_eq!((results, calls, throttled), (1_950, 1_950, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_limit_costs_throttled_calls_and_no_job() {
    let kind = LimitKind::TokenBucket { burst_seconds: 1.0 };
    let limit = Limit { kind, ..Limit::requests(6_000) };
    let (results, calls, throttled) = run(limit, "3", "").await;
    assert_eq!(results, 3 * 195);
    assert_eq!(calls, results + throttled);
    assert!(throttled > 0, "the limit was meant to be met");
}
