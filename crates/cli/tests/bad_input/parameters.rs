//! Parameters that a model is known to refuse: told where the sweep file asks for them.

use crate::row::Change::{Replace, Write};
use crate::row::{assert_said, refused};
use crate::small_sweep::{FILE, small_world};
use crate::world::{finish, iago};

/// Nobody listens there, and nobody is called.
const ENDPOINT: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
url = "http://127.0.0.1:1"
auth = "none"
"#;

const REFUSED: &str = "\
iago: small.toml:18: models.subject.temperature: model `subject`: claude-opus-5 refuses it: its \
generation takes no sampling parameters; leave it out
what only the table of models objects to is sent after all with `check_parameters = false` under \
[endpoints.simulated]";

refused! {
    a_temperature_that_a_model_refuses: [
        Write("endpoints.toml", ENDPOINT), Replace(FILE, "sim-null", "claude-opus-5")
    ] => 65, REFUSED;

    a_seed_that_a_protocol_has_not: [
        Write("endpoints.toml", ENDPOINT),
        Replace(FILE, "max_output_tokens = 65\n", "max_output_tokens = 65\nseed = 1\n")
    ] => 65,
        "iago: small.toml:24: judges.grader.seed: judge `grader`: Anthropic's protocol has none; \
         leave it out";

    a_parameter_of_a_cell: [
        Write("endpoints.toml", ENDPOINT),
        Replace(
            FILE,
            "[judges.grader]",
            "[[cells]]\nwhere = \"tier == 'paid'\"\nlogprobs = 1\n\n[judges.grader]"
        )
    ] => 65,
        "iago: small.toml:22: cells[1].logprobs: model `subject` in condition `paid`: Anthropic's \
         protocol does not tell them; leave it out";
}

#[test]
fn every_command_that_looks_at_a_file_says_the_same() {
    let world = small_world();
    world.write("endpoints.toml", ENDPOINT);
    world.edit(FILE, "sim-null", "claude-opus-5");
    for command in [&["plan"][..], &["sweep", "check"]] {
        let mut looking = iago();
        looking.args(command).args([FILE, "--config", "endpoints.toml"]);
        looking.current_dir(world.path(""));
        assert_said(&world, &finish(looking), 65, REFUSED);
    }
}
