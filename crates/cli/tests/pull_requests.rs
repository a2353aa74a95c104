//! What `deploy/ci` does on a main branch and under pull requests, as its own scripts do it, with the real
//! program.

#[path = "support/world.rs"]
mod world;

use std::path::Path;

use world::{Ran, World, finish, iago, root};

const SWEEP: &str = "sweeps/nightly.toml";
const ENDPOINTS: &str = "config/endpoints.toml";

/// A build server with a clone and the store that its cache keeps.
struct Server {
    world: World,
    /// What each job runs: scripts, each in a shell of its own.
    jobs: fn(&str) -> Vec<String>,
}

impl Server {
    fn new(jobs: fn(&str) -> Vec<String>) -> Self {
        let world = World::new();
        for file in [
            "endpoints.toml",
            "prices.toml",
            SWEEP,
            "sweeps/assistant/system.md",
            "sweeps/assistant/judge-quality.md",
            "prompts/assistant-suite.jsonl",
            "gold/assistant-quality.jsonl",
        ] {
            let shipped = std::fs::read(root().join("config").join(file)).expect("it ships");
            world.write(&format!("config/{file}"), shipped);
        }
        Self { world, jobs }
    }

    /// Runs a job as far as it succeeds.
    fn run(&self, job: &str) -> Ran {
        let scripts = (self.jobs)(job);
        assert!(!scripts.is_empty(), "{job} runs nothing");
        let mut last = None;
        for script in scripts {
            let ran = self.shell(&script);
            let code = ran.code;
            last = Some(ran);
            if code != 0 {
                break;
            }
        }
        last.expect("it ran")
    }

    fn shell(&self, script: &str) -> Ran {
        let program = iago().get_program().to_owned();
        let folder =
            Path::new(&program).parent().expect("it lies in a folder").display().to_string();
        let script = format!("PATH=\"$IAGO_FOLDER:$PATH\"\n{script}");
        let mut command = std::process::Command::new("bash");
        command.args(["-e", "-c", &script]).current_dir(self.world.path(""));
        command.env("IAGO_FOLDER", folder).env("GITHUB_STEP_SUMMARY", "summary.md");
        command.env("SWEEP_FILE", format!("config/{SWEEP}")).env("STORE", ".iago/store.sqlite");
        finish(command)
    }

    fn edit(&self, from: &str, to: &str) {
        self.world.edit(&format!("config/{SWEEP}"), from, to);
    }

    fn main_is_pushed(&self) -> Ran {
        let ran = self.run("baseline");
        assert_eq!(ran.code, 0, "{ran:?}");
        ran
    }

    /// What the comment says.
    fn verdict(&self) -> String {
        std::fs::read_to_string(self.world.path("gate-SIMULATED.md")).expect("a verdict")
    }
}

/// The jobs of `github-actions.yml`: a shell for each step.
fn github(job: &str) -> Vec<String> {
    scripts(&shipped("github-actions.yml"), &format!("  {job}:"), "run: ")
}

/// The jobs of `gitlab-ci.yml`: one shell for all.
fn gitlab(job: &str) -> Vec<String> {
    let scripts = scripts(&shipped("gitlab-ci.yml"), &format!("iago-{job}:"), "- ");
    if scripts.is_empty() { scripts } else { vec![scripts.join("\n")] }
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(root().join("deploy/ci").join(name)).expect("it ships")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The commands of a job that call iago, out of its YAML: what stands behind `before`, in the line or, after a
/// bar, in the lines below that are indented further.
fn scripts(yaml: &str, job: &str, before: &str) -> Vec<String> {
    let lines: Vec<&str> = yaml.lines().skip_while(|line| *line != job).skip(1).collect();
    let is_inside = |line: &&&str| line.is_empty() || indent(line) > indent(job);
    let lines: Vec<&str> = lines.iter().take_while(is_inside).copied().collect();
    let mut scripts = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match line.trim_start().strip_prefix(before) {
            Some("|") => {
                let below = lines[at + 1..].iter();
                let block = below.take_while(|below| indent(below) > indent(line));
                scripts.push(block.copied().collect::<Vec<_>>().join("\n"));
            }
            Some(command) => scripts.push(command.to_owned()),
            None => {}
        }
    }
    scripts.retain(|script| {
        script.contains("iago run")
            || script.contains("iago gate")
            || script.contains("iago baseline")
    });
    scripts
}

fn a_revert_is_pinned_and_a_pull_request_is_judged_by_its_own_sweep(server: &Server) {
    server.main_is_pushed();
    server.edit("temperature = 0.7", "temperature = 0.8");
    let changed = server.main_is_pushed();
    assert!(changed.stdout.contains("assistant-nightly s2, revision"), "{changed:?}");
    server.edit("temperature = 0.8", "temperature = 0.7");
    let reverted = server.main_is_pushed();
    assert!(reverted.stdout.contains("assistant-nightly s1, revision"), "{reverted:?}");

    server.edit("temperature = 0.7", "temperature = 0.9");
    let judged = server.run("gate");
    assert!(judged.code <= 2 && server.verdict().contains("s3 against s1"), "{judged:?}");
    // What another one asked before is not the newest of the name.
    server.edit("temperature = 0.9", "temperature = 0.8");
    let judged = server.run("gate");
    assert!(judged.code <= 2 && server.verdict().contains("s2 against s1"), "{judged:?}");
}

fn what_nothing_was_answered_to_is_no_verdict_of_another_run(server: &Server) {
    server.main_is_pushed();
    let prices = "[endpoints.simulated.prices.\"sim-*\"]\ninput = 3.0\noutput = 15.0\n\n";
    let section = "[endpoints.simulated.simulation]\n";
    server.world.edit(ENDPOINTS, section, &format!("{prices}{section}"));
    server.edit("temperature = 0.7", "temperature = 0.9");
    server.edit("budget_usd = 15", "budget_usd = 0.0001");
    let ran = server.run("gate");
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("infrastructure: nothing was answered"), "{ran:?}");
    let comment = std::fs::read_to_string(server.world.path("gate.md")).expect("a comment");
    assert!(comment.starts_with("infrastructure: "), "{comment}");
}

#[test]
fn github_pins_and_judges_by_number() {
    a_revert_is_pinned_and_a_pull_request_is_judged_by_its_own_sweep(&Server::new(github));
}

#[test]
fn gitlab_pins_and_judges_by_number() {
    a_revert_is_pinned_and_a_pull_request_is_judged_by_its_own_sweep(&Server::new(gitlab));
}

#[test]
fn github_says_that_nothing_was_answered() {
    what_nothing_was_answered_to_is_no_verdict_of_another_run(&Server::new(github));
}

#[test]
fn gitlab_says_that_nothing_was_answered() {
    what_nothing_was_answered_to_is_no_verdict_of_another_run(&Server::new(gitlab));
}

#[test]
fn the_readme_takes_the_number_as_the_scripts_do() {
    let readme = std::fs::read_to_string(root().join("deploy/README.md")).expect("it ships");
    let files = [readme, shipped("github-actions.yml"), shipped("gitlab-ci.yml")];
    let lines = files.iter().flat_map(|file| file.lines());
    let mut lines: Vec<&str> =
        lines.map(str::trim_start).filter(|line| line.starts_with("sweep=$(sed")).collect();
    assert_eq!(lines.len(), 6, "{lines:?}");
    lines.dedup();
    assert_eq!(lines.len(), 1, "{lines:?}");
}
