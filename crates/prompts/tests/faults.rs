//! One row for each fault: the bytes, and the whole message that their author reads.

use iago_prompts::{Fault, Format, ID_BYTES_MAX, PROMPT_BYTES_MAX, read};

fn message(format: Format, bytes: impl AsRef<[u8]>) -> String {
    read("set", bytes.as_ref(), format, "id").expect_err("the set is at fault").to_string()
}

const JSONL: [(&str, &str); 19] = [
    ("", "set: there is no prompt in the file; add at least one row"),
    ("\n \r\n", "set: there is no prompt in the file; add at least one row"),
    (
        "{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\",\"text\":",
        "set:2: not valid JSON at position 17: EOF while parsing a value; write one complete object on each line",
    ),
    (
        "{\"id\":\"a\"} {\"id\":\"b\"}",
        "set:1: not valid JSON at position 12: trailing characters; write one complete object on each line",
    ),
    (
        "[1]",
        "set:1: not valid JSON at position 1: invalid type: sequence, expected one JSON object on the line; write one complete object on each line",
    ),
    (
        "{\"id\":\"a\",\"text\":\"\\ud800\"}",
        "set:1: column `text` is not valid text: unexpected end of hex escape; correct its escapes",
    ),
    (
        "{\"name\":\"a\",\"text\":\"x\"}",
        "set:1: there is no column `id` to take ids from (columns: name, text); add it, or name another one as `id` under [prompts]",
    ),
    (
        "{\"id\":\"a\",\"text\":{\"en\":\"x\"}}",
        "set:1: column `text` is an object; write a string, a number or a bool (nested data as one string)",
    ),
    (
        "{\"id\":\"a\",\"text\":[\"x\"]}",
        "set:1: column `text` is an array; write a string, a number or a bool (nested data as one string)",
    ),
    (
        "{\"id\":\"a\",\"text\":null}",
        "set:1: column `text` is null; write a string, a number or a bool (nested data as one string)",
    ),
    (
        "{\"id\":\"a\",\"text\":\"x\"}\n\n{\"id\":\"b\"}",
        "set:3: there is no value for column `text`; every row must have the same columns, so write an empty one",
    ),
    (
        "{\"id\":\"a\"}\n{\"id\":\"b\",\"text\":\"x\"}",
        "set:2: column `text` is not in the first row; every row must have the same columns",
    ),
    (
        "{\"id\":\"a\",\"text\":\"x\",\"text\":\"y\"}",
        "set:1: column `text` occurs twice; rename or remove one",
    ),
    ("{\"id\":\"a\",\"\":\"x\"}", "set:1: column 2 has no name; give it one"),
    (
        "{\"id\":\"\",\"text\":\"x\"}",
        "set:1: column `id` is empty; every prompt needs an id of its own",
    ),
    (
        "{\"id\":\" \",\"text\":\"x\"}",
        "set:1: column `id` is empty; every prompt needs an id of its own",
    ),
    (
        "{\"id\":\"a\\nb\",\"text\":\"x\"}",
        "set:1: the id \"a\\nb\" in column `id` has a control character; remove it",
    ),
    (
        "{\"id\":\"a\",\"text\":\"x\"}\r\n\r\n{\"id\":\"a\",\"text\":\"y\"}",
        "set:3: id \"a\" in column `id` is already used on line 1; rename or remove one",
    ),
    (
        "{\"id\":\"7\"}\n{\"id\":7}",
        "set:2: id \"7\" in column `id` is already used on line 1; rename or remove one",
    ),
];

const CSV: [(&str, &str); 12] = [
    ("", "set: there is no prompt in the file; add at least one row"),
    ("id,text\n", "set: there is no prompt in the file; add at least one row"),
    (
        "\nname,text\na,x\n",
        "set:2: there is no column `id` to take ids from (columns: name, text); add it, or name another one as `id` under [prompts]",
    ),
    ("id,,text\na,b,x\n", "set:1: column 2 has no name; give it one"),
    ("id,text,text\na,x,y\n", "set:1: column `text` occurs twice; rename or remove one"),
    (
        "id,text,more\na,x,y\nb,x\n",
        "set:3: there is no value for column `more`; every row must have the same columns, so write an empty one",
    ),
    (
        "id,text\na,x,y\n",
        "set:2: 3 values for 2 columns, the last of which is `text`; put quotes around a value that contains the separator",
    ),
    (
        "id,text\na,\"x\nb,y\n",
        "set:2: a quote opens here and is never closed; close it, or double it if it belongs to the value",
    ),
    (
        "id,text\na,\"x\ny\" z\nb,y\n",
        "set:2: the quoted value that starts here goes on after its closing quote; double the quotes that belong to the value",
    ),
    ("id,text\na,x\n,y\n", "set:3: column `id` is empty; every prompt needs an id of its own"),
    (
        "id,text\r\na,\"x\r\nx\"\r\n\r\na,y\r\n",
        "set:5: id \"a\" in column `id` is already used on line 2; rename or remove one",
    ),
    (
        "id,text\n\"a\tb\",x\n",
        "set:2: the id \"a\\tb\" in column `id` has a control character; remove it",
    ),
];

#[test]
fn each_fault_of_a_jsonl_set_is_named_with_its_line_and_the_way_out() {
    for (bytes, expected) in JSONL {
        assert_eq!(message(Format::Jsonl, bytes), expected, "for {bytes:?}");
    }
}

#[test]
fn each_fault_of_a_csv_set_is_named_with_its_line_and_the_way_out() {
    for (bytes, expected) in CSV {
        assert_eq!(message(Format::Csv, bytes), expected, "for {bytes:?}");
    }
}

#[test]
fn each_fault_of_a_tsv_set_is_that_of_a_csv_set_with_tabs_for_commas() {
    for (bytes, expected) in CSV.iter().filter(|(bytes, _)| !bytes.contains('\t')) {
        assert_eq!(message(Format::Tsv, bytes.replace(',', "\t")), *expected, "for {bytes:?}");
    }
}

#[test]
fn a_byte_that_is_not_utf8_is_found_in_its_line() {
    for format in [Format::Jsonl, Format::Csv, Format::Tsv] {
        assert_eq!(
            message(format, b"\xEF\xBB\xBFid\nab\xFFc\n"),
            "set:2: byte 3 of the line is not UTF-8; save the file as UTF-8"
        );
    }
}

#[test]
fn an_id_may_be_as_long_as_the_limit_and_no_longer() {
    let set = |bytes| format!("id,text\n{},x\n", "i".repeat(bytes));
    assert!(read("set", set(ID_BYTES_MAX).as_bytes(), Format::Csv, "id").is_ok());
    assert_eq!(
        message(Format::Csv, set(ID_BYTES_MAX + 1)),
        "set:2: the id in column `id` has 257 bytes; shorten it to at most 256"
    );
}

#[test]
fn a_prompt_may_be_as_long_as_the_limit_and_no_longer() {
    let set = |bytes| format!("id,text,note\na,{},ok\n", "x".repeat(bytes));
    let rest = "a".len() + "ok".len();
    assert!(read("set", set(PROMPT_BYTES_MAX - rest).as_bytes(), Format::Csv, "id").is_ok());
    assert_eq!(
        message(Format::Csv, set(PROMPT_BYTES_MAX - rest + 1)),
        "set:2: the prompt has 4194305 bytes, most of them in column `text`; shorten it to at most 4194304"
    );
}

#[test]
fn an_error_can_be_matched_without_reading_its_words() {
    let error = read("set", b"id\na\na\n", Format::Csv, "id").expect_err("the id repeats");
    assert_eq!((error.file.as_str(), error.line), ("set", Some(3)));
    assert!(matches!(error.fault, Fault::DuplicateId { first_line: 2, .. }));
}
