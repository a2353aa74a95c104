//! More is asked: only that is called, and in the end it is as if all had been asked from the start.

use crate::small::{GAP, KNOWN, PROMPTS, Small, contrast};
use crate::world::Ran;

/// A judge that the flagship does not have, with what its labels are for.
const SECOND_OPINION: &str = "[stages.second]\nkind = \"judge\"\nof = \"response\"\n\
    model = \"grader\"\nsees = [\"answer\"]\ntemplate = \"Is it good? <answer>{{ answer }}</answer>\"\n\
    labels = [\"good\", \"poor\"]\n";
const SECOND_MEASURES: &str = "[[measures]]\nname = \"good\"\nof = \"second == 'good'\"\n\
    given = \"second == 'good' or second == 'poor'\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn more_repeats_extend() {
    let (small, first) = Small::finished().await;
    small.edit("repeats = 2", "repeats = 3");
    small.extends(&first, "repeats 2 to 3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_prompt_extends_wherever_it_stands() {
    let (small, first) = Small::finished().await;
    small.keep_prompts(0..KNOWN);
    let prompts = std::fs::read_to_string(small.world.path(PROMPTS)).expect("it is there");
    small.world.write(PROMPTS, prompts.lines().rev().collect::<Vec<_>>().join("\n"));
    small.extends(&first, "prompt `mild-012`").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_model_extends_wherever_it_stands() {
    let (small, first) = Small::finished().await;
    small.edit("[models.faker]", "[models.a_refuser]\nid = \"sim-always-refuses\"\n[models.faker]");
    small.extends(&first, "cell `a_refuser free/with` and 3 more").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_level_extends_wherever_it_stands() {
    let (small, first) = Small::finished().await;
    small.edit("[factors.tier] ", "[factors.tier]\ntrial = { is_free_tier = \"Unknown\" }\n#");
    small.extends(&first, "cell `faker trial/with` and 3 more").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_judge_extends_wherever_it_stands() {
    let (small, first) = Small::finished().await;
    small.edit("[stages.compliance]", &format!("{SECOND_OPINION}\n[stages.compliance]"));
    small.edit("[[measures]]   #", &format!("{SECOND_MEASURES}\n[[measures]]   #"));
    let step = small.extends(&first, "stage `second`").await;
    assert_eq!(step.calls, 2 * 4 * 11 * 2, "each answer is judged, and none is asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_of_everything_extends_step_by_step() {
    let (small, first) = Small::finished().await;
    small.edit("repeats = 2", "repeats = 3");
    small.keep_prompts(0..KNOWN);
    let second = small.extends(&first, "repeats 2 to 3, prompt `mild-012`").await;
    small.edit("[models.faker]", "[models.refuser]\nid = \"sim-always-refuses\"\n[models.faker]");
    small.edit("[stages.compliance]", &format!("{SECOND_OPINION}\n[stages.compliance]"));
    small.edit("[[measures]]   #", &format!("{SECOND_MEASURES}\n[[measures]]   #"));
    let added = "stage `second`, cell `refuser free/with` and 3 more";
    let third = small.extends(&second, added).await;
    small.asks_nothing(&third).await;
    assert_eq!(contrast(&third.ran, GAP)["post_hoc"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pilot_is_extended_to_the_full_sweep() {
    let small = Small::new().await;
    let pilot = small.run(&["--limit", "4"]).await;
    assert_eq!(pilot.rows.plan.prompts.len(), 4);
    assert!(pilot.calls > 0);
    small.extends(&pilot, "prompt `mild-005` and 6 more").await;
}

/// However pilots and full runs follow one another, each job is called once.
#[tokio::test(flavor = "multi_thread")]
async fn pilots_of_any_size_and_the_full_sweep_call_each_job_once_whichever_comes_first() {
    let small = Small::new().await;
    let pilot = small.run(&["--limit", "2"]).await;
    let larger = small.run(&["--limit", "5"]).await;
    small.asks_nothing_of(&larger, "2", "2 prompts of this pilot and 3 more").await;
    let full = small.run(&[]).await;
    assert_eq!([pilot.rows.sweeps, larger.rows.sweeps, full.rows.sweeps], [1; 3]);
    let calls = pilot.calls + larger.calls + full.calls;
    assert_eq!(calls, full.rows.results.len() as u64, "{}", full.ran.stderr);
    assert_eq!(small.repeated_calls(), 0);
    for (limit, others) in [("2", "9"), ("5", "6"), ("1", "10")] {
        let described = format!("{limit} prompts of this pilot and {others} more");
        small.asks_nothing_of(&full, limit, &described).await;
    }
    assert_eq!(small.run(&["--limit", "11"]).await.calls, 0, "no fewer than there are");
    small.equals_one_from_the_start(&full).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pilot_that_what_is_stored_does_not_serve_is_refused_with_the_way_out() {
    let (small, first) = Small::finished().await;
    let refused = |ran: &Ran, words: &[&str]| {
        words.iter().for_each(|word| assert!(ran.stderr.contains(word), "{word}: {}", ran.stderr));
    };
    let held = "s1 asks the 4 prompts of this pilot and 7 more";
    let retry = small.run_to(65, &["--limit", "4", "--retry"]).await;
    refused(&retry, &[held, "--retry asks all of it that failed: leave --limit out"]);
    small.edit("name = \"compliance gap\"", "name = \"the gap\"");
    let otherwise = small.run_to(65, &["--limit", "4"]).await;
    refused(&otherwise, &[held, "leave --limit out, and what is stored is analysed anew"]);
    small.edit("name = \"the gap\"", "name = \"compliance gap\"");
    small.edit("[models.faker]", "[models.refuser]\nid = \"sim-always-refuses\"\n[models.faker]");
    let beyond = small.run_to(65, &["--limit", "4"]).await;
    refused(&beyond, &[held, "(cell `refuser free/with` and 3 more)", "to extend s1"]);
    assert_eq!(small.endpoint.log().calls, first.calls, "nothing was asked");
    assert_eq!(small.rows().await.sweeps, 1);
}
