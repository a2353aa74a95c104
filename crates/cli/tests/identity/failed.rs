//! A job that failed is not asked again until somebody says so.

use crate::small::{Small, answers};
use crate::world::{endpoint, requests};

#[tokio::test(flavor = "multi_thread")]
async fn failed_jobs_are_tried_again_with_retry_and_never_without() {
    let small = Small::new().await;
    let known: Vec<_> = requests().into_iter().take(crate::small::KNOWN).collect();
    let broken = endpoint(|settings| {
        settings.prompts = known;
        settings.faults.internal_500 = 0.9;
    })
    .await;
    small.world.configure(&broken.url(), "anthropic-messages", 500, "");
    let first = small.run_to(3, &[]).await;
    assert!(first.stderr.contains(" failed for good: stage `response`"), "{}", first.stderr);
    assert!(first.stderr.contains("with --retry asks them again"), "{}", first.stderr);
    let stored = small.rows().await;
    assert!(stored.totals.failures > 0);
    assert_eq!(stored.totals.calls(), broken.log().calls, "every call is accounted for");
    small.configure("");
    let without = small.run_to(3, &[]).await;
    assert_eq!(small.endpoint.log().calls, 0, "{}", without.stderr);
    let retried = small.run(&["--retry"]).await;
    assert_eq!(retried.rows.sweeps, 1);
    let fresh = retried.rows.results.len() - stored.results.len();
    assert_eq!(retried.calls, fresh as u64, "what was answered is not asked again");
    let calls = broken.log().calls + small.endpoint.log().calls;
    assert_eq!(retried.rows.totals.calls(), calls, "every call is accounted for");
    small.equals_one_from_the_start(&retried).await;
    assert!(answers(&retried.rows).len() > answers(&stored).len());
}
