//! Scores need no endpoint: the pools of this machine, and the programs that its workers run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iago_coordinator::PoolSettings;
use iago_ledger::Limits;
use iago_sweep::{LOCAL_POOL, Plan, StageKind};
use iago_worker::ProgramSettings;

use crate::exit::{Exit, Stop};
use crate::settings::endpoints::{ProgramSection, Settings};

/// Scores that wait or run at once over all workers; each worker bounds what it runs itself.
const LOCAL_CONCURRENCY: u32 = 256;

/// The local pools: one for what needs no program, one for each program.
pub(crate) fn pools(settings: &Settings) -> Vec<PoolSettings> {
    let programs = settings.programs.iter();
    let programs =
        programs.map(|(name, program)| pool(format!("{LOCAL_POOL}.{name}"), program.concurrency));
    std::iter::once(pool(LOCAL_POOL.to_owned(), LOCAL_CONCURRENCY)).chain(programs).collect()
}

fn pool(name: String, concurrency: u32) -> PoolSettings {
    PoolSettings { name, limits: Limits { concurrency: Some(concurrency), ..Limits::default() } }
}

/// What a worker runs.
pub(crate) fn serve(settings: &Settings) -> Result<BTreeMap<String, ProgramSettings>, Stop> {
    settings
        .programs
        .iter()
        .map(|(name, program)| Ok((name.clone(), told(name, program)?)))
        .collect()
}

fn told(name: &str, program: &ProgramSection) -> Result<ProgramSettings, Stop> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let why = if name.is_empty() || !name.chars().all(is_word) {
        "its name may have letters, digits, `_` and `-`"
    } else if program.command.is_empty() {
        "command is empty: give the program and its arguments, as in [\"python3\", \"./score.py\"]"
    } else if program.timeout_s == 0 || program.memory_mib == 0 || program.concurrency == 0 {
        "timeout_s, memory_mib and concurrency must be 1 or more"
    } else {
        return Ok(ProgramSettings {
            command: program.command.clone(),
            environment: program.environment.clone(),
            timeout: Duration::from_secs(program.timeout_s),
            memory_bytes_max: program.memory_mib.saturating_mul(1024 * 1024),
            concurrency: program.concurrency,
        });
    };
    Err(Stop::new(Exit::Config, format!("program `{name}`: {why}")))
}

/// Whether every program that a plan needs is configured.
pub(crate) fn check(plan: &Plan, settings: &Settings) -> Result<(), Stop> {
    for (stage, _) in (0..).zip(&plan.stages) {
        let Some(program) = program_of(plan, stage) else { continue };
        if !settings.programs.contains_key(program) {
            let known: Vec<_> = settings.programs.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!(
                "stage `{}` scores with program `{program}`, which is not configured (known: {known}); \
                 add [programs.{program}] to config/endpoints.toml, or name the file with --config",
                plan.stages[stage as usize].name
            );
            return Err(Stop::new(Exit::Config, message));
        }
    }
    Ok(())
}

/// The program that a stage scores with.
pub(crate) fn program_of(plan: &Plan, stage: u32) -> Option<&str> {
    match &plan.stages.get(stage as usize)?.kind {
        StageKind::Score { scorer, .. } => scorer.program(),
        StageKind::Generate { .. } | StageKind::Judge { .. } => None,
    }
}

/// A command with its paths made whole: what begins with `./` or `../` starts at the folder of the file
/// that names it, because a program runs in a folder of its own.
pub(crate) fn locate(command: &mut [String], folder: &Path) {
    let is_relative = |part: &&mut String| part.starts_with("./") || part.starts_with("../");
    for part in command.iter_mut().filter(is_relative) {
        let path: PathBuf = folder.join(&*part);
        let whole = std::path::absolute(&path).unwrap_or(path);
        *part = whole.display().to_string();
    }
}
