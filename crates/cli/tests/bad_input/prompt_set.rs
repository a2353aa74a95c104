//! Faults of the prompt set.

use crate::row::Change::{Replace, Write};
use crate::row::refused;
use crate::small_sweep::FILE;

refused! {
    an_id_that_comes_twice: [Replace("prompts.jsonl", "\"p3\"", "\"p1\"")] => 65,
        "iago: prompts.jsonl:3: id \"p1\" in column `id` is already used on line 1; rename or \
         remove one";

    a_prompt_without_an_id: [Replace("prompts.jsonl", "\"id\": \"p3\", ", "")] => 65,
        "iago: prompts.jsonl:3: there is no column `id` to take ids from (columns: text); add \
         it, or name another one as `id` under [prompts]";

    an_id_that_is_empty: [Replace("prompts.jsonl", "\"p3\"", "\"\"")] => 65,
        "iago: prompts.jsonl:3: column `id` is empty; every prompt needs an id of its own";

    a_column_that_no_prompt_has: [
        Replace(FILE, "request = \"text\"", "request = \"txt\"")
    ] => 65,
        "iago: small.toml:8: prompts.fields.request: 4 prompts lack the column `txt`, such as \
         `p1`; name a column that every prompt has";

    a_line_that_is_no_json: [Replace("prompts.jsonl", "{\"id\": \"p3\", ", "")] => 65,
        "iago: prompts.jsonl:3: not valid JSON at position 6: invalid type: string \"text\", \
         expected one JSON object on the line; write one complete object on each line";

    no_prompts_at_all: [Write("prompts.jsonl", "")] => 65,
        "iago: prompts.jsonl: there is no prompt in the file; add at least one row";

    a_quote_that_is_never_closed: [
        Write("prompts.csv", "id,text\np1,\"Say it\nand say it again\n"),
        Replace(FILE, "prompts.jsonl", "prompts.csv")
    ] => 65,
        "iago: prompts.csv:2: a quote opens here and is never closed; close it, or double it if \
         it belongs to the value";
}
