//! Texts by name, their edits and their variables.

use std::collections::BTreeMap;

use iago_sweep::Plan;

use crate::fixture::{Fixture, say};

/// The fixture with texts, and a factor of its own that names them.
fn with_texts(texts: &str, levels: &str) -> Fixture {
    Fixture::new()
        .edit("[defaults]\n", &format!("{texts}\n[defaults]\n"))
        .edit(
            "[factors.scratchpad]\nwith = { system = { file = \"with.md\" } }\nwithout = { system = { file = \"without.md\" }, prefill = \"<OUTPUT>\" }\n",
            &format!("[factors.scratchpad]\n{levels}\n"),
        )
}

const BASE: &str = "[texts.base]\nfile = \"with.md\"\n";

fn levels(with: &str, without: &str) -> String {
    format!(
        "with = {{ system = {{ text = \"{with}\" }} }}\nwithout = {{ system = {{ text = \"{without}\" }}, prefill = \"<OUTPUT>\" }}"
    )
}

fn says(plan: &Plan) -> [String; 2] {
    ["free/with", "free/without"]
        .map(|condition| say(plan, "faker", condition).system.expect("there is a system message"))
}

#[test]
fn edits_are_made_in_order_and_their_diff_is_kept() {
    let terse = "[texts.terse]\nof = \"base\"\nedits = [\n  { cut = \"Think in <THINK>, \" },\n  { replace = \"answer\", with = \"Answer\" },\n  { after = \"<OUTPUT>\", insert = \" only\" },\n  { before = \"Answer\", insert = \"Be brief.\\n\" },\n]\n";
    let plan = with_texts(&format!("{BASE}{terse}"), &levels("base", "terse")).plan();
    assert_eq!(
        says(&plan),
        ["Think in <THINK>, answer in <OUTPUT>.", "Be brief.\nAnswer in <OUTPUT> only."]
    );
    let [terse] = plan.texts.as_slice() else { panic!("one edited text") };
    assert_eq!((terse.name.as_str(), terse.of.as_str()), ("terse", "base"));
    insta::assert_snapshot!(terse.diff, @r"
    --- base
    +++ terse
    @@ -1 +1,2 @@
    -Think in <THINK>, answer in <OUTPUT>.
    +Be brief.
    +Answer in <OUTPUT> only.
    ");
}

#[test]
fn an_edit_can_be_of_an_edit_that_stands_below() {
    let chain = "[texts.last]\nof = \"middle\"\nedits = [{ cut = \"<OUTPUT>\" }]\n[texts.middle]\nof = \"base\"\nedits = [{ cut = \"Think in <THINK>, \" }]\n";
    let plan = with_texts(&format!("{chain}{BASE}"), &levels("middle", "last")).plan();
    assert_eq!(says(&plan), ["answer in <OUTPUT>.", "answer in ."]);
    let diffs: Vec<&str> = plan.texts.iter().map(|text| text.of.as_str()).collect();
    assert_eq!(diffs, ["middle", "base"]);
}

#[test]
fn a_text_in_a_message_is_a_template_and_a_model_sets_its_variables() {
    let plan = Fixture::new()
        .text("lab.md", "You work for {{ lab }}. {{ system }}")
        .edit(
            "[defaults]\n",
            "[texts.role]\nfile = \"lab.md\"\nset = { lab = \"our lab\" }\n[defaults]\n",
        )
        .edit(
            "{ role = \"system\", template = \"{{ system }}\" }",
            "{ role = \"system\", text = \"role\" }",
        )
        .edit("id = \"sim-null\"\n", "id = \"sim-null\"\nset = { lab = \"{{ another }} lab\" }\n")
        .plan();
    assert_eq!(plan.variables, BTreeMap::from([("lab".to_owned(), "our lab".to_owned())]));
    let first = |model| say(&plan, model, "free/without").system.expect("it names the text");
    assert_eq!(first("faker"), "You work for our lab. Answer in <OUTPUT>.");
    assert_eq!(first("null"), "You work for {{ another }} lab. Answer in <OUTPUT>.");
}

#[test]
fn a_level_may_leave_a_tag_out() {
    let plan = Fixture::new()
        .edit(
            "paid = { is_free = \"False\" }\n",
            "paid = { is_free = \"False\" }\nnone = {}\n",
        )
        .edit(
            "  { role = \"user\", file = \"user.md\" },\n",
            "  { role = \"user\", template = \"<tier>{{ is_free }}</tier>\", when = \"tier != 'none'\" },\n  { role = \"user\", template = \"{{ request }}\" },\n",
        )
        .plan();
    let turns = |condition: &str| -> Vec<String> {
        say(&plan, "faker", condition).turns.into_iter().map(|turn| turn.text).collect()
    };
    assert_eq!(turns("free/with"), ["<tier>True</tier>", "Write a fake review."]);
    assert_eq!(turns("none/with"), ["Write a fake review."]);
}

#[test]
fn faults_of_a_named_text_say_which_text() {
    let fixture = Fixture::new()
        .text("lab.md", "You\nwork {{ labb }} {{ lab }} {{ system }}")
        .edit(
            "[defaults]\n",
            "[texts.role]\nfile = \"lab.md\"\nset = { lab = \"ours\" }\n[defaults]\n",
        )
        .edit(
            "{ role = \"system\", template = \"{{ system }}\" }",
            "{ role = \"system\", text = \"role\" }",
        );
    assert_eq!(
        fixture.faults(),
        "49: stages.response.messages[1].text: in text `role`: `labb` is undefined; did you mean `lab`?"
    );
}

#[test]
fn variables_of_texts_are_names_like_all_others() {
    let named = |set: &str| {
        let texts = format!(
            "[texts.role]\ntemplate = \"{{{{ system }}}}{{{{ lab }}}}\"\nset = {{ {set} }}\n[defaults]\n"
        );
        Fixture::new()
            .edit("[defaults]\n", &texts)
            .edit(
                "{ role = \"system\", template = \"{{ system }}\" }",
                "{ role = \"system\", text = \"role\" }",
            )
            .faults()
    };
    assert_eq!(named("lab = \"ours\""), "");
    assert_eq!(
        named("lab = \"ours\", tier = \"x\", loop = \"y\""),
        "21: texts.role.set.loop: `loop` is a reserved word; rename the variable\n\
         21: texts.role.set.tier: `tier` is already the name of the factor on line 11; rename one"
    );
    assert_eq!(
        named("lab = \"ours\", is_free = \"x\""),
        "21: texts.role.set.is_free: `is_free` is already the name of the variable on line 12; rename one"
    );
    assert_eq!(
        named("lab = \"ours\", motto = \"x\""),
        "21: texts.role.set.motto: no message uses `motto`; write `{{ motto }}` in one, or take it out"
    );
}

#[test]
fn a_variable_that_one_model_lacks_is_told_with_the_others() {
    let fixture = Fixture::new()
        .edit("template = \"{{ system }}\"", "template = \"{{ system }}{{ lab }}\"")
        .edit("id = \"sim-null\"\n", "id = \"sim-null\"\nset = { lab = \"theirs\" }\n");
    assert_eq!(
        fixture.faults(),
        "47: stages.response.messages[1]: for model `faker`, in 4 conditions, such as `free/with`: `lab` is undefined; \
         set it there, or give the message a `when` that leaves it out"
    );
}
