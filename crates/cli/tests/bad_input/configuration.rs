//! Faults of the configuration of endpoints.

use crate::row::Change::{Argument, Replace, Write};
use crate::row::refused;
use crate::small_sweep::FILE;

/// Nobody listens on port 1 of the loopback address: it takes a privileged program to.
const NOBODY: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
url = "http://127.0.0.1:1"
auth = "none"
"#;

const KEYED: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
url = "http://127.0.0.1:1"
key_env = "A_KEY_THAT_NOBODY_HAS_SET"
"#;

const PASTED: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
url = "http://127.0.0.1:1"
key_env = "sk-pasted-by-mistake"
"#;

const UNKNOWN_KEY: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
simulation = {}
requests_per_second = 5
"#;

const WRONG_TYPE: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
simulation = {}
concurrency = "many"
"#;

const FRACTION: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
simulation = {}
concurrency = 8.7
"#;

const IDLE_POOL: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
simulation = {}
[pools.organisation]
requests_per_minute = 5
"#;

const UNKNOWN_PROTOCOL: &str = r#"
[endpoints.simulated]
protocol = "anthropic"
simulation = {}
"#;

const NO_POOL: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
simulation = {}
pools = ["organisation"]
"#;

const NOWHERE: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
"#;

const WITH_PROXY: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
url = "http://model.invalid"
auth = "none"
proxy = "http://127.0.0.1:1"
"#;

const WITH_NO_PROXY: &str = r#"
[endpoints.simulated]
protocol = "anthropic-messages"
url = "http://model.invalid"
auth = "none"
proxy = "proxy of the house"
"#;

refused! {
    a_proxy_out_of_reach: [Write("endpoints.toml", WITH_PROXY)] => 69,
        "iago: endpoint `simulated` has a proxy that makes no connection to http://model.invalid \
         (cannot connect through the proxy (Connection refused (os error 111))): start the \
         proxy, or correct `proxy`, or else `url` \
         in the configuration; nothing was sent and nothing was stored";

    a_proxy_that_is_none: [Write("endpoints.toml", WITH_NO_PROXY)] => 78,
        "iago: endpoint `simulated`: its proxy is no address like http://HOST:PORT, \
         https://HOST:PORT or socks5://HOST:PORT";

    an_unknown_endpoint: [
        Replace(FILE, "simulated\"\nid = \"sim-null\"", "elsewhere\"\nid = \"sim-null\"")
    ] => 78,
        "iago: model `subject` uses endpoint `elsewhere`, which is not configured (known: \
         simulated); add [endpoints.elsewhere] to config/endpoints.toml, or name the file with \
         --config";

    a_key_in_place_of_its_variable_is_not_repeated: [Write("endpoints.toml", PASTED)] => 78,
        "iago: endpoint `simulated`: its `key_env` is no name of a variable; write the variable \
         that holds the key, like VENDOR_API_KEY, and never the key itself";

    a_key_that_is_not_set: [Write("endpoints.toml", KEYED)] => 77,
        "iago: endpoint `simulated` needs its key in the environment variable \
         A_KEY_THAT_NOBODY_HAS_SET, which is not set: export it, then run the same command again";

    an_endpoint_out_of_reach: [Write("endpoints.toml", NOBODY)] => 69,
        "iago: endpoint `simulated` is out of reach at http://127.0.0.1:1 (cannot connect): \
         start it, or correct its url in the configuration; nothing was sent and nothing was \
         stored";

    an_unknown_configuration_key: [Write("endpoints.toml", UNKNOWN_KEY)] => 78,
        "iago: …/endpoints.toml, line 5: there is no key `requests_per_second` in \
         [endpoints.simulated]; did you mean `requests_per_minute`?";

    a_configured_number_that_is_text: [Write("endpoints.toml", WRONG_TYPE)] => 78,
        "iago: …/endpoints.toml, line 5: `concurrency` in [endpoints.simulated] is a text, and has to \
         be a whole number, 0 or more";

    a_configured_number_that_is_no_whole_one: [Write("endpoints.toml", FRACTION)] => 78,
        "iago: …/endpoints.toml, line 5: `concurrency` in [endpoints.simulated] is 8.7, and has to \
         be a whole number, 0 or more";

    a_pool_that_nobody_draws_from: [Write("endpoints.toml", IDLE_POOL)] => 78,
        "iago: pool `organisation`: no endpoint draws from it, so its limits hold for nobody; write \
         pools = [\"organisation\"] under an endpoint, or take [pools.organisation] out";

    an_unknown_protocol: [Write("endpoints.toml", UNKNOWN_PROTOCOL)] => 78,
        "iago: endpoint `simulated`: `anthropic` is not a known protocol; known: \
         anthropic-messages, openai-chat, openai-responses";

    a_pool_that_is_nowhere: [Write("endpoints.toml", NO_POOL)] => 78,
        "iago: endpoint `simulated`: there is no pool `organisation`; add [pools.organisation] with \
         its limits";

    an_endpoint_that_is_nowhere: [Write("endpoints.toml", NOWHERE)] => 78,
        "iago: endpoint `simulated` needs either a url or a [simulation]";

    a_configuration_that_is_missing: [Argument("--config"), Argument("nowhere.toml")] => 66,
        "iago: cannot read the configuration nowhere.toml: there is no such file; correct the \
         path after --config";
}
