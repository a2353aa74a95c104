//! Keys that nobody knows, in each of the three files of settings. A key that was misspelt must not be
//! taken for its default.

use crate::row::{Ending, assert_ends, folder};
use crate::world::{World, iago};

const SERVE: &[&str] = &["coordinator", "--config", "coordinator.toml"];
const LIST: &[&str] = &["token", "list", "--config", "coordinator.toml"];
const WORK: &[&str] = &["worker", "--config", "worker.toml"];
const LOOK: &[&str] = &["status", "--config", "client.toml"];

const ROWS: [(&[&str], &str, &str, Ending); 9] = [
    (
        SERVE,
        "coordinator.toml",
        "listen = \"127.0.0.1:1\"",
        (
            78,
            "iago: coordinator.toml, line 1: there is no key `listen` here; the keys here are: `name`, \
             `store`, `endpoints`, `schedules`, `jobs`, `workers`, `doors`, `leadership`, `webhooks`",
        ),
    ),
    (
        LIST,
        "coordinator.toml",
        "[doors]\ntoken = false",
        (
            78,
            "iago: coordinator.toml, line 2: there is no key `token` in [doors]; did you mean `tokens`?",
        ),
    ),
    (
        SERVE,
        "coordinator.toml",
        "[workers]\nsilence_max = 5",
        (
            78,
            "iago: coordinator.toml, line 2: there is no key `silence_max` in [workers]; did you mean \
             `silence_max_s`?",
        ),
    ),
    (
        SERVE,
        "coordinator.toml",
        "[leadership]\nhold = 5",
        (
            78,
            "iago: coordinator.toml, line 2: there is no key `hold` in [leadership]; the keys here are: \
             `hold_s`, `adoption_grace_s`",
        ),
    ),
    (
        SERVE,
        "coordinator.toml",
        "[jobs]\nlisten = \"localhost:8910\"",
        (78, "iago: coordinator.toml, line 2: `listen` in [jobs]: invalid socket address syntax"),
    ),
    (
        WORK,
        "worker.toml",
        "coordinator = \"http://127.0.0.1:1\"",
        (
            78,
            "iago: worker.toml, line 1: there is no key `coordinator` here; did you mean `coordinators`?",
        ),
    ),
    (
        WORK,
        "worker.toml",
        "token = \"iago_worker_x\"",
        (
            78,
            "iago: worker.toml, line 1: there is no key `token` here; the keys here are: `name`, \
             `coordinators`, `token_env`, `ca`, `endpoints`, `assignments_max`, `spool_mib`, \
             `drain_max_s`",
        ),
    ),
    (
        LOOK,
        "client.toml",
        "token = \"iago_reader_x\"",
        (
            78,
            "iago: client.toml, line 1: there is no key `token` here; the keys here are: `coordinators`, \
             `token_env`, `ca`, `endpoints`",
        ),
    ),
    (
        LOOK,
        "client.toml",
        "coordinators = []",
        (78, "iago: `coordinators` in the settings is empty: name at least one"),
    ),
];

#[test]
fn a_key_that_nobody_knows_is_an_error() {
    for (arguments, file, content, ending) in ROWS {
        let world = World::new();
        world.write(file, content);
        let mut command = iago();
        command.args(arguments).current_dir(world.path(""));
        assert_ends(content, command, &vec![folder(&world)], ending);
    }
}
