//! What comes out of sets that are as they should be.

use iago_prompts::{Format, PromptSet, read};

fn parse(format: Format, bytes: impl AsRef<[u8]>) -> PromptSet {
    read("set", bytes.as_ref(), format, "id").expect("the set is as it should be")
}

fn column<'a>(set: &'a PromptSet, name: &str) -> Vec<&'a str> {
    set.rows.iter().map(|row| row.columns[name].as_str()).collect()
}

fn lines(set: &PromptSet) -> Vec<u64> {
    set.rows.iter().map(|row| row.line).collect()
}

#[test]
fn line_breaks_inside_quotes_belong_to_the_value_and_count_as_lines() {
    let set = parse(Format::Csv, "id,text\na,\"one\n\ntwo\"\nb,\"say \"\"hi\"\", then\"\nc,\n");
    assert_eq!(column(&set, "text"), ["one\n\ntwo", "say \"hi\", then", ""]);
    assert_eq!(lines(&set), [2, 5, 6]);
}

#[test]
fn crlf_blank_lines_and_a_byte_order_mark_do_not_shift_lines_or_values() {
    let csv = parse(Format::Csv, "\u{feff}id,text\r\na,x\r\n\r\n\r\nb,\"y\r\nz\"\r\nc,w");
    assert_eq!(column(&csv, "text"), ["x", "y\r\nz", "w"]);
    assert_eq!(lines(&csv), [2, 5, 7]);

    let jsonl = parse(
        Format::Jsonl,
        "\u{feff}{\"id\":\"a\",\"text\":\"x\"}\r\n\r\n{\"id\":\"b\",\"text\":\"y\\r\\nz\"}\r\n",
    );
    assert_eq!(column(&jsonl, "text"), ["x", "y\r\nz"]);
    assert_eq!(lines(&jsonl), [1, 3]);
}

#[test]
fn tabs_separate_the_values_of_a_tsv_and_commas_do_not() {
    let set = parse(Format::Tsv, "id\ttext\na\tone, two\nb\t\"one\ttwo\"\n");
    assert_eq!(column(&set, "text"), ["one, two", "one\ttwo"]);
}

#[test]
fn a_quote_in_the_middle_of_an_unquoted_value_is_itself() {
    let set = parse(Format::Csv, "id,text\na,5\" nails\n");
    assert_eq!(column(&set, "text"), ["5\" nails"]);
}

#[test]
fn numbers_and_bools_keep_the_spelling_of_the_file() {
    let set = parse(
        Format::Jsonl,
        "{\"id\":1,\"v\":1.50}\n{\"id\":2,\"v\":true}\n{\"id\":3,\"v\":12345678901234567890123}\n{\"id\":4,\"v\":1e400}",
    );
    assert_eq!(column(&set, "v"), ["1.50", "true", "12345678901234567890123", "1e400"]);
    assert_eq!(column(&set, "id"), ["1", "2", "3", "4"]);
}

#[test]
fn columns_may_stand_in_another_order_on_each_line_of_jsonl() {
    let set = parse(Format::Jsonl, "{\"id\":\"a\",\"text\":\"x\"}\n{\"text\":\"y\",\"id\":\"b\"}");
    assert_eq!(set.columns.iter().collect::<Vec<_>>(), ["id", "text"]);
    assert_eq!(column(&set, "text"), ["x", "y"]);
}

#[test]
fn the_id_column_has_the_name_that_the_sweep_gives() {
    let set = read("set", b"text,BehaviorID\nx,a\n", Format::Csv, "BehaviorID");
    assert_eq!(set.expect("the column is there").rows[0].id, "a");
}

#[test]
fn a_prompt_of_a_megabyte_is_read_whole() {
    let long = "0123456789abcde\n".repeat(65_536);
    let csv = parse(Format::Csv, format!("id,text\na,\"{long}\"\nb,x\n"));
    assert_eq!(csv.rows[0].columns["text"], long);
    assert_eq!(lines(&csv), [2, 65_539]);
    let jsonl = parse(
        Format::Jsonl,
        format!("{{\"id\":\"a\",\"text\":\"{}\"}}", long.replace('\n', "\\n")),
    );
    assert_eq!(jsonl.rows[0].columns["text"], long);
}

#[test]
fn prompts_that_differ_only_in_their_id_are_reported_with_the_first_of_their_kind() {
    let set = parse(Format::Csv, "id,text,kind\na,x,k\nb,y,k\nc,x,k\nd,x,other\ne,x,k\n");
    let pair = |first: &str, later: &str| (first.to_owned(), later.to_owned());
    assert_eq!(set.duplicates, [pair("a", "c"), pair("a", "e")]);
}

#[test]
fn a_list_of_ids_has_no_duplicates() {
    assert_eq!(parse(Format::Csv, "id\na\nb\n").duplicates, []);
}
