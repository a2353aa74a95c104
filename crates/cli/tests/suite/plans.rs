//! What is said before anything is asked.

use serde_json::Value;

use crate::shipped::copy;
use crate::sweep;
use crate::world::{finish, iago};

const SWEEPS: [&str; 7] =
    ["default", "baselines", "wordings", "tiers", "fine-tuned", "checkpoints", "models"];

#[test]
fn each_sweep_is_planned_without_a_warning_and_costs_nothing_as_it_ships() {
    let world = copy();
    for name in SWEEPS {
        let mut command = iago();
        command.current_dir(world.path("")).arg("plan").arg(world.path(&sweep(name))).arg("--json");
        let ran = finish(command);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let plan: Value = serde_json::from_str(&ran.stdout).expect("the plan is JSON");
        assert_eq!(plan["warnings"], Value::Array(Vec::new()), "{name}");
    }
}
