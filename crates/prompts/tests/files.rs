//! Several files, and rows without ids, as one prompt set.

use iago_prompts::{Duplicates, Ids, PromptSet, PromptsError, read_files};

fn read(
    files: &[(&str, &str)],
    ids: Ids<'_>,
    duplicates: Duplicates,
) -> Result<PromptSet, PromptsError> {
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    read_files(&files, ids, duplicates)
}

fn ids_of(set: &PromptSet) -> Vec<&str> {
    set.rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn files_of_any_format_make_one_set_in_their_order() {
    let files =
        [("a.jsonl", "{\"id\": \"1\", \"text\": \"x\"}\n"), ("b.csv", "id,text\n2,\"y\nz\"\n")];
    let set = read(&files, Ids::Column("id"), Duplicates::Report).unwrap();
    assert_eq!(ids_of(&set), ["1", "2"]);
    assert_eq!(set.rows[1].columns["text"], "y\nz");
}

#[test]
fn an_id_of_another_file_is_refused_with_both_places() {
    let files = [("a.csv", "id,text\n1,x\n"), ("b.csv", "id,text\n2,y\n1,z\n")];
    let error = read(&files, Ids::Column("id"), Duplicates::KeepFirst).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b.csv:3: id \"1\" in column `id` is already used in a.csv; rename or remove one"
    );
}

#[test]
fn files_with_other_columns_are_refused() {
    let files = [("a.csv", "id,text\n1,x\n"), ("b.csv", "id,words\n2,y\n")];
    let error = read(&files, Ids::Column("id"), Duplicates::Report).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b.csv: its columns are id, words, and those of a.csv are id, text; files of one set have \
         the same columns"
    );
}

#[test]
fn rows_without_ids_are_named_by_their_content_wherever_they_stand() {
    let here = read(&[("a.csv", "text\nx\ny\n")], Ids::Content, Duplicates::Report).unwrap();
    let there = read(&[("b.tsv", "text\ny\nx\n")], Ids::Content, Duplicates::Report).unwrap();
    assert_eq!(ids_of(&here).len(), 2);
    assert_eq!(here.rows[0].id.len(), 16);
    assert_eq!(ids_of(&here), [there.rows[1].id.as_str(), there.rows[0].id.as_str()]);
}

#[test]
fn equal_rows_without_ids_are_a_fault_unless_the_first_is_to_stay() {
    let files = [("a.csv", "text\nx\ny\n"), ("b.csv", "text\nx\n")];
    let error = read(&files, Ids::Content, Duplicates::Report).unwrap_err();
    assert!(
        error.to_string().starts_with("b.csv:2: the row is equal to the one of a.csv:2"),
        "{error}"
    );
    let set = read(&files, Ids::Content, Duplicates::KeepFirst).unwrap();
    assert_eq!(set.rows.len(), 2);
}

#[test]
fn equal_rows_with_ids_are_told_of_or_go() {
    let files = [("a.csv", "id,text\n1,x\n2,x\n3,y\n")];
    let told = read(&files, Ids::Column("id"), Duplicates::Report).unwrap();
    assert_eq!(told.duplicates, [("1".to_owned(), "2".to_owned())]);
    let kept = read(&files, Ids::Column("id"), Duplicates::KeepFirst).unwrap();
    assert_eq!((ids_of(&kept), kept.duplicates.len()), (vec!["1", "3"], 0));
}

#[test]
fn a_name_without_a_known_ending_is_refused() {
    let error = read(&[("a.txt", "x")], Ids::Content, Duplicates::Report).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.txt: prompts must end in .jsonl, .csv or .tsv; rename the file"
    );
}
