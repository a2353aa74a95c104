//! Faults of the sweep file and of what it names.

use crate::row::Change::{Remove, Replace};
use crate::row::refused;
use crate::small_sweep::FILE;

/// The outcomes before it take all of it.
const LATE_OUTCOME: &str = r#"[[outcomes]]
name = "late"
when = "complies == 'yes' and tier == 'free'"

[[measures]]"#;

refused! {
    an_unknown_key: [Replace(FILE, "repeats = 2", "repeat = 2")] => 65,
        "iago: small.toml:3: repeat: unknown key; did you mean `repeats`?";

    an_unused_key: [Replace(FILE, "\"False\" }", "\"False\", mood = \"calm\" }")] => 65,
        "iago: small.toml:12: factors.tier.paid.mood: no message uses `mood`; write `{{ mood }}` \
         in one, or take it out";

    an_unused_prompt_field: [Replace(FILE, "\"text\" }", "\"text\", kind = \"id\" }")] => 65,
        "iago: small.toml:8: prompts.fields.kind: no text and no expression uses `kind`; use it, \
         or take it out";

    a_number_that_is_text: [Replace(FILE, "repeats = 2", "repeats = \"two\"")] => 65,
        "iago: small.toml:3: repeats: this is text and has to be a whole number, as in \
         `repeats = 5`";

    a_text_that_is_a_boolean: [Replace(FILE, "\"False\"", "false")] => 65,
        "iago: small.toml:12: factors.tier.paid.is_free_tier: this is a Boolean and has to be \
         text or a file, as in `is_free_tier = \"…\"`, `{ file = \"…\" }` or `{ text = \"…\" }`";

    no_toml: [Replace(FILE, "seed = 3", "seed = = 3")] => 65,
        "iago: small.toml:2: this is not TOML: extra `=`, expected nothing at `=`";

    one_name_for_two_things: [
        Replace(FILE, "request = \"text\"", "request = \"text\", complies = \"id\"")
    ] => 65,
        "iago: small.toml:32: stages.complies: `complies` is already the name of the prompt \
         field on line 8; rename one";

    a_text_that_is_missing: [Remove("judge.md")] => 66,
        "iago: small.toml: it names `judge.md`, but judge.md cannot be read: there is no such \
         file; correct the path, which starts at the sweep file's folder";

    a_prompt_set_that_is_missing: [Remove("prompts.jsonl")] => 66,
        "iago: small.toml: it names `prompts.jsonl`, but prompts.jsonl cannot be read: there is \
         no such file; correct the path, which starts at the sweep file's folder";

    a_sweep_file_that_is_missing: [Remove(FILE)] => 66,
        "iago: cannot read the sweep file small.toml: there is no such file; correct its path";

    a_variable_that_one_level_does_not_define: [
        Replace(FILE, "{ is_free_tier = \"False\" }", "{}")
    ] => 65,
        "iago: small.toml:28: stages.response.messages[1]: in condition `paid`: `is_free_tier` \
         is undefined; set it there, or give the message a `when` that leaves it out";

    a_variable_that_nothing_defines: [
        Replace("user.md", "{{ request }}", "{{ request }} {{ tone }}")
    ] => 65,
        "iago: small.toml:28: stages.response.messages[1].file: in `user.md`: `tone` is \
         undefined; the variables here are: `is_free_tier`, `request`";

    an_outcome_that_cannot_be_reached: [
        Replace(FILE, "[[measures]]", LATE_OUTCOME)
    ] => 65,
        "iago: small.toml:52: outcomes[3].when: `late` can never happen: its condition \
         contradicts itself, or an earlier outcome takes all of it; change the condition, or move \
         it up";

    a_gap_in_the_outcomes: [
        Replace(FILE, "complies == 'no' or response", "complies == 'no' and response")
    ] => 65,
        "iago: small.toml:43: outcomes: leave out a transcript where complies is `no`, \
         response.finish is `stop`; add an outcome that takes it";

    a_label_that_nothing_mentions: [
        Replace(FILE, "\"no\"]\nvotes = 3\nquorum = 2\nthreshold = 0.5", "\"no\", \"half\"]"),
        Replace(FILE, "complies == 'no' or response.finish == 'refusal'", "not (complies == 'yes')")
    ] => 65,
        "iago: small.toml:38: stages.complies.labels: no outcome and no measure mentions `half`; \
         use it in one, or do not ask for it";

    votes_at_temperature_0: [Replace(FILE, "temperature = 0.7", "temperature = 0.0")] => 65,
        "iago: small.toml:39: stages.complies.votes: judge `grader` is asked at temperature 0, \
         so all votes would be one; give it a temperature above 0, or take the votes out";
}
