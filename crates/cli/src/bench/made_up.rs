//! A made-up sweep of one stage: prompts times repeats makes any number of jobs.

use std::path::{Path, PathBuf};

use anyhow::Result;

/// The endpoint that it names.
pub(super) const ENDPOINT: &str = "bench";

/// Writes a sweep with its prompts; gives the path of its file.
pub(super) fn write_sweep(
    folder: &Path,
    name: &str,
    prompts: u32,
    repeats: u32,
) -> Result<PathBuf> {
    let rows: String = (0..prompts).map(|n| format!("p{n},Say ok ({n}).\n")).collect();
    std::fs::write(folder.join(format!("{name}.csv")), format!("id,text\n{rows}"))?;
    let sweep = folder.join(format!("{name}.toml"));
    std::fs::write(&sweep, SWEEP.replace("NAME", name).replace("REPEATS", &repeats.to_string()))?;
    Ok(sweep)
}

/// Writes the endpoint's section; gives the path of the file.
pub(super) fn write_endpoint(
    folder: &Path,
    url: &str,
    concurrency: u32,
    more: &str,
) -> Result<PathBuf> {
    let path = folder.join("endpoints.toml");
    std::fs::write(
        &path,
        format!(
            "[endpoints.{ENDPOINT}]\nprotocol = \"anthropic-messages\"\nurl = \"{url}\"\n\
             concurrency = {concurrency}\nauth = \"none\"\n{more}\n"
        ),
    )?;
    Ok(path)
}

const SWEEP: &str = r#"
name = "NAME"
seed = 1
repeats = REPEATS
[prompts]
path = "NAME.csv"
id = "id"
fields = { request = "text" }
[models.echo]
endpoint = "bench"
id = "sim-echo"
max_output_tokens = 16
temperature = 1.0
[stages.reply]
kind = "generate"
messages = [{ role = "user", template = "{{ request }}" }]
[stages.reply.fields]
answer = { tag = "OUTPUT", required = true }
[[outcomes]]
name = "answered"
when = "reply.parse == 'ok'"
[[measures]]
name = "answered"
of = "reply.parse == 'ok'"
"#;
