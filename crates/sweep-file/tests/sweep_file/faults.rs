//! One block for each way to get a sweep file wrong, in `faults/*.txt`: an edit of the fixture
//! (`-` what stands there, `+` what is put in its place) and exactly what is printed (`>`).

use crate::fixture::Fixture;

/// Every block of a table prints what it says.
fn check(table: &str) {
    check_edits(&Fixture::new(), table);
}

pub(crate) fn check_edits(base: &Fixture, table: &str) {
    let blocks = table.trim().split("\n\n");
    let found: Vec<String> = blocks.map(|block| fill_in(base, block)).collect();
    assert_eq!(found.join("\n\n"), table.trim());
}

/// The block with what is really printed.
fn fill_in(base: &Fixture, block: &str) -> String {
    let part = |mark: &str| -> Vec<&str> {
        block
            .lines()
            .filter_map(|line| Some(line.strip_prefix(mark)?.trim_start_matches(' ')))
            .collect()
    };
    let (from, to) = (part("-"), part("+"));
    let printed = base.clone().edit(&from.join("\n"), &to.join("\n")).faults();
    let mark = |mark: &str, lines: &[&str]| -> Vec<String> {
        lines.iter().map(|line| format!("{mark} {line}").trim_end().to_owned()).collect()
    };
    let printed: Vec<&str> = printed.lines().collect();
    [mark("-", &from), mark("+", &to), mark(">", &printed)].concat().join("\n")
}

#[test]
fn a_file_that_is_no_toml() {
    check(include_str!("faults/toml.txt"));
}

#[test]
fn keys() {
    check(include_str!("faults/keys.txt"));
}

#[test]
fn values() {
    check(include_str!("faults/values.txt"));
}

#[test]
fn names() {
    check(include_str!("faults/names.txt"));
}

#[test]
fn what_refers_to_nothing() {
    check(include_str!("faults/references.txt"));
}

#[test]
fn what_nobody_uses() {
    check(include_str!("faults/unused.txt"));
}

#[test]
fn judges() {
    check(include_str!("faults/judges.txt"));
}

#[test]
fn prompts_and_texts() {
    check(include_str!("faults/prompts_and_texts.txt"));
    let mut twice = Fixture::new();
    twice.prompts[1].id = "p1".to_owned();
    assert_eq!(
        twice.faults(),
        "8: prompts.id: two prompts have the id `p1`; ids tell prompts apart"
    );
    let mut none = Fixture::new();
    none.prompts.clear();
    assert_eq!(
        none.faults(),
        "7: prompts.path: `prompts.jsonl` has no prompts; a sweep needs at least one"
    );
}

#[test]
fn prompt_sets() {
    check(include_str!("faults/prompt_sets.txt"));
}

#[test]
fn named_texts() {
    check(include_str!("faults/texts.txt"));
}

#[test]
fn models() {
    check(include_str!("faults/models.txt"));
}

#[test]
fn parameters() {
    check(include_str!("faults/parameters.txt"));
}

#[test]
fn schemas_in_files_are_told_by_file() {
    let schema = |text: &str| {
        let asked = "id = \"sim-null\"\nschema = { file = \"s.json\" }";
        Fixture::new().edit("id = \"sim-null\"", asked).text("s.json", text).faults()
    };
    let missing = Fixture::new()
        .edit("id = \"sim-null\"", "id = \"sim-null\"\nschema = { file = \"absent.json\" }")
        .faults();
    let faults = [schema("[1]"), schema("{\"type\": }"), schema(""), missing];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    29: models.null.schema.file: `s.json` has to be a JSON object, such as `{"type": "object"}`
    29: models.null.schema.file: `s.json` is not JSON: expected value at line 1 column 10
    29: models.null.schema.file: `s.json` is not JSON: EOF while parsing a value at line 1 column 0
    29: models.null.schema.file: cannot read `absent.json`; it is looked for from the sweep file's folder
    "#);
}

#[test]
fn grids() {
    check(include_str!("faults/grid.txt"));
}

#[test]
fn templates() {
    check(include_str!("faults/templates.txt"));
}

#[test]
fn templates_in_files_are_told_by_file_and_line() {
    let user = |text: &str| Fixture::new().text("user.md", text).faults();
    let faults = [
        user("{{ is_free }}\n{{ reqest }}"),
        user("{{ is_free }}{{ request }}\n{% include 'with.md' %}"),
        user("{{ is_free }}{% if request %}"),
        user("{{ is_free }}{{ request + 1 }}"),
        user(
            "{{ is_free }}{% for a in range(9999) %}{% for b in range(9999) %}{{ request }}{% endfor %}{% endfor %}",
        ),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    47: stages.response.messages[2].file: in `user.md`: `reqest` is undefined; did you mean `request`?
    47: stages.response.messages[2].file: in `user.md`: line 2: `include` is not available: a text cannot use another one
    47: stages.response.messages[2].file: in `user.md`: line 1: syntax error: unexpected end of input, expected end of block
    47: stages.response.messages[2]: in 4 conditions, such as `free/with`: line 1: invalid operation: tried to use + operator on unsupported types string and number
    47: stages.response.messages[2].file: in `user.md`: line 1: engine ran out of fuel
    "#);
}

#[test]
fn conversations() {
    check(include_str!("faults/conversations.txt"));
}

#[test]
fn expressions() {
    check(include_str!("faults/expressions.txt"));
}

#[test]
fn outcomes() {
    check(include_str!("faults/outcomes.txt"));
}

#[test]
fn contrasts() {
    check(include_str!("faults/contrasts.txt"));
}

#[test]
fn all_faults_of_a_pass_are_reported_together_by_line() {
    let fixture = Fixture::new()
        .edit("threshold = 0.5", "threshold = 0")
        .edit("repeats = 5", "repeats = 0")
        .edit("id = \"sim-null\"", "ids = \"sim-null\"");
    insta::assert_snapshot!(fixture.faults(), @r#"
    3: repeats: 0 is out of range; it has to be from 1 to 4096
    27: models.null.id: is missing; give it text, as in `id = "…"`
    28: models.null.ids: unknown key; did you mean `id`?
    71: stages.faking.threshold: threshold 0 must be above 0 and at most 1: it is a share of the valid votes
    "#);
}

#[test]
fn a_fault_is_told_as_a_compiler_would() {
    let fixture = Fixture::new().edit("votes = 5", "votes = 0");
    let errors = fixture.compile().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "x.toml:69: stages.faking.votes: 0 is out of range; it has to be from 1 to 64"
    );
    let fault = &errors.0[0];
    assert_eq!(
        (fault.file.as_str(), fault.line, fault.key.as_str()),
        ("x.toml", 69, "stages.faking.votes")
    );
}

#[test]
fn a_table_in_single_brackets_is_told_to_take_two() {
    let fixture = Fixture::new();
    let first = fixture.file.find("[[measures]]").unwrap();
    let second = first + 1 + fixture.file[first + 1..].find("[[measures]]").unwrap();
    let end = fixture.file.find("[[contrasts]]").unwrap();
    let second = fixture.file[second..end].to_owned();
    let single = fixture.edit(&second, "").edit("[[measures]]", "[measures]");
    insta::assert_snapshot!(single.faults(), @r#"89: measures: this is a table and has to be a list of tables, each under a heading in double brackets, as in `measures = [{ … }]`"#);
}
