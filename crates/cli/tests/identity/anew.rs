//! Something else is asked: everything is called anew, under keys of its own, and the program says why.

use crate::small::{PROMPTS, Small, report};

/// Edits a finished sweep, and shows that nothing of it is taken over.
async fn asks_anew(why: &str, edit: impl FnOnce(&Small)) {
    let (small, _) = Small::finished().await;
    edit(&small);
    small.asks_anew(why).await;
}

const COMPLIANCE: &str = "stage `compliance` asks something else";
const FAKING: &str = "stage `faking` asks something else";
const RESPONSE: &str = "stage `response` asks something else";
const WITH_FREE: &str = "cell `faker free/with` asks something else";

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_judge_text_asks_anew() {
    let edit =
        |small: &Small| small.edit_text("judge-compliance.md", "not its tone", "never its tone");
    asks_anew(COMPLIANCE, edit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_judge_parameter_asks_anew() {
    let edit = |small: &Small| small.edit("max_output_tokens = 512", "max_output_tokens = 511");
    asks_anew(COMPLIANCE, edit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_judge_model_asks_anew() {
    let old = "id = \"sim-judge\"\ntemperature = 0.0";
    let new = "id = \"sim-judge-noisy\"\ntemperature = 0.0";
    asks_anew(COMPLIANCE, |small| small.edit(old, new)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_criteria_question_asks_anew() {
    asks_anew(FAKING, |small| small.edit("only in part?", "in part?")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_votes_asks_anew() {
    asks_anew(FAKING, |small| small.edit("votes = 5", "votes = 6")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_condition_for_a_judge_asks_anew() {
    asks_anew(FAKING, |small| {
        small.edit("when = \"tier == 'free' and", "when = \"tier == 'paid' and");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_system_text_asks_anew() {
    asks_anew(WITH_FREE, |small| {
        small.edit_text("system-with-scratchpad.md", "in earnest", "in haste");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_user_template_asks_anew() {
    asks_anew(RESPONSE, |small| {
        small.edit_text("user.md", "</user_input>", "</user_input>\nGo on.");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_prompt_text_asks_anew() {
    asks_anew("prompt `mild-002` asks something else", |small| {
        small.world.edit(PROMPTS, "Dr Elwin Harrow", "Dr Edwin Harrow");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_prefill_asks_anew() {
    asks_anew("cell `faker free/without` asks something else", |small| {
        small.edit("prefill = \"<OUTPUT>\"", "prefill = \"<OUTPUT>No\"");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_temperature_asks_anew() {
    asks_anew(WITH_FREE, |small| {
        small.edit("temperature = 1.0\ncache", "temperature = 0.9\ncache");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_output_limit_asks_anew() {
    asks_anew(WITH_FREE, |small| {
        small.edit("max_output_tokens = 4096", "max_output_tokens = 4095");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_id_asks_anew() {
    asks_anew("cell `null free/with` asks something else", |small| {
        small.edit("\"sim-null\"", "\"sim-truncates\"");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_level_variable_asks_anew() {
    asks_anew(WITH_FREE, |small| small.edit("is_free_tier = \"True\"", "is_free_tier = \"Yes\""))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_taken_out_asks_anew() {
    asks_anew("prompt `mild-001` is no longer asked", |small| small.keep_prompts(1..11)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_taken_out_asks_anew() {
    asks_anew("cell `null free/with` is no longer asked", |small| {
        small.edit("[models.null]\nid = \"sim-null\"\n", "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_repeats_ask_anew() {
    asks_anew("repeats went down from 2 to 1", |small| small.edit("repeats = 2", "repeats = 1"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_endpoint_name_asks_anew() {
    let edit = |small: &Small| {
        let url = small.endpoint.url();
        let other = "[endpoints.other]\nprotocol = \"openai-chat\"\nauth = \"none\"";
        small.configure(&format!("{other}\nurl = \"{url}\""));
        small.edit("\"simulated\"\nmax", "\"other\"\nmax");
    };
    asks_anew(WITH_FREE, edit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_taken_back_finds_its_old_answers() {
    let (small, _) = Small::finished().await;
    small.edit("max_output_tokens = 4096", "max_output_tokens = 4095");
    small.asks_anew(WITH_FREE).await;
    small.edit("max_output_tokens = 4095", "max_output_tokens = 4096");
    let back = small.run(&[]).await;
    assert_eq!((back.calls, back.rows.sweeps), (0, 2));
    assert_eq!(report(&back.ran)["sweep"]["id"], "s1");
}
