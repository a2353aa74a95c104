//! Laws: what another program writes is read back unchanged, and no bytes make a reader panic.

use std::collections::BTreeSet;

use iago_prompts::{Format, PromptRow, read};
use proptest::collection::vec;
use proptest::prelude::*;

/// Texts from the letters that formats stumble over, and from all others.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[ab\"',;\t\r\n\\\\{}\\[\\]:\u{feff}é]{0,12}", any::<String>()]
}

/// Rows of a `text` and a `note`; their ids are `id-0`, `id-1`, ...
fn any_rows() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((any_text(), any_text()), 1..8)
}

fn write_delimited(
    rows: &[(String, String)],
    separator: u8,
    terminator: csv::Terminator,
) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(terminator)
        .from_writer(Vec::new());
    writer.write_record(["id", "text", "note"]).expect("memory can be written");
    for (index, (text, note)) in rows.iter().enumerate() {
        writer.write_record([&format!("id-{index}"), text, note]).expect("memory can be written");
    }
    writer.into_inner().expect("memory can be written")
}

fn write_jsonl(rows: &[(String, String)]) -> Vec<u8> {
    let line = |(index, (text, note)): (usize, &(String, String))| {
        serde_json::json!({ "id": format!("id-{index}"), "text": text, "note": note }).to_string()
    };
    rows.iter().enumerate().map(line).collect::<Vec<_>>().join("\n").into_bytes()
}

/// Checks that `bytes` are read as `rows`, each from a line that has its id.
fn check(bytes: &[u8], format: Format, rows: &[(String, String)]) {
    let set = read("set", bytes, format, "id").expect("what was written can be read");
    let texts = |row: &PromptRow| (row.columns["text"].clone(), row.columns["note"].clone());
    assert_eq!(set.rows.iter().map(texts).collect::<Vec<_>>(), rows);
    assert_eq!(set.columns, BTreeSet::from(["id", "note", "text"].map(str::to_owned)));
    let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    for row in &set.rows {
        check_line(&lines, row);
    }
}

fn check_line(lines: &[&[u8]], row: &PromptRow) {
    let index = usize::try_from(row.line - 1).expect("a line number fits");
    let line = String::from_utf8_lossy(lines[index]);
    assert!(line.contains(&row.id), "line {} has no {}: {line:?}", row.line, row.id);
}

proptest! {
    #[test]
    fn what_the_csv_crate_writes_is_read_back_the_same(rows in any_rows()) {
        for terminator in [csv::Terminator::Any(b'\n'), csv::Terminator::CRLF] {
            check(&write_delimited(&rows, b',', terminator), Format::Csv, &rows);
            check(&write_delimited(&rows, b'\t', terminator), Format::Tsv, &rows);
        }
    }

    #[test]
    fn what_serde_json_writes_is_read_back_the_same(rows in any_rows()) {
        check(&write_jsonl(&rows), Format::Jsonl, &rows);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
        read_in_every_format(&bytes);
    }

    #[test]
    fn no_text_that_nearly_is_a_set_makes_a_reader_panic(
        text in "(\u{feff})?(id|,|\t|\"|\r|\n|\\{|\\}|:|\\[|null|1e5|\\\\u|a|é){0,40}"
    ) {
        read_in_every_format(text.as_bytes());
    }
}

/// Reads `bytes` every way; a set that is accepted keeps what its type promises.
fn read_in_every_format(bytes: &[u8]) {
    for format in [Format::Jsonl, Format::Csv, Format::Tsv] {
        let Ok(set) = read("set", bytes, format, "id") else { continue };
        let ids: BTreeSet<_> = set.rows.iter().map(|row| &row.id).collect();
        assert_eq!(ids.len(), set.rows.len());
        assert!(!set.rows.is_empty());
        assert!(set.rows.iter().all(|row| row.columns.keys().eq(&set.columns)));
        // Lines end in LF; rows that lone CRs end stand on one line.
        assert!(set.rows.is_sorted_by(|one, next| one.line <= next.line));
    }
}
