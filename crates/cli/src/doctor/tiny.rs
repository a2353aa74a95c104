//! The sweep with which a coordinator and its workers are tried: one prompt, one model, 16 tokens.

use std::collections::BTreeMap;

use iago_coordinator::Sources;

/// What it is called.
pub(super) const NAME: &str = "doctor";
const PROMPTS: &str = "prompt.jsonl";

/// Its files. `number` makes it another sweep than any before: what was answered once would not be asked
/// again.
pub(super) fn sources(endpoint: &str, id: &str, number: i64) -> Sources {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let sweep = SWEEP.replace("ENDPOINT", &quoted(endpoint)).replace("MODEL", &quoted(id));
    let prompt = format!("{{\"id\": \"p{number}\", \"text\": \"Say ok ({number}).\"}}\n");
    let files = BTreeMap::from([
        (String::new(), sweep.into_bytes()),
        (PROMPTS.to_owned(), prompt.into_bytes()),
    ]);
    Sources { file_name: format!("{NAME}.toml"), files, prompts_max: None }
}

/// 16 output tokens are the fewest that every protocol takes.
const SWEEP: &str = r#"
name = "doctor"
seed = 1
repeats = 1
[prompts]
path = "prompt.jsonl"
id = "id"
fields = { request = "text" }
[models.patient]
endpoint = ENDPOINT
id = MODEL
max_output_tokens = 16
[stages.reply]
kind = "generate"
messages = [{ role = "user", template = "{{ request }}" }]
[[outcomes]]
name = "answered"
when = "reply.finish != 'empty'"
[[outcomes]]
name = "silent"
when = "reply.finish == 'empty'"
[[measures]]
name = "answered"
of = "reply.finish != 'empty'"
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_job_and_never_the_same_sweep_twice() {
        let plan = |number| iago_coordinator::compile(&sources("a \"b\"", "m\\n", number)).unwrap();
        let first = plan(1);
        assert_eq!((first.name.as_str(), first.transcripts()), (NAME, 1));
        let model = &first.models[0];
        assert_eq!((model.endpoint.as_str(), model.id.as_str()), ("a \"b\"", "m\\n"));
        assert_ne!(first.ask_hash(), plan(2).ask_hash());
    }
}
