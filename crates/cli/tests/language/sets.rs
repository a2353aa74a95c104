//! Prompt sets as people have them: in several files, without ids, with columns that are only kept.

use crate::shipped::{run, run_to};
use crate::world::{World, rows};

fn sweep(world: &World, prompts: &str) {
    world.write(
        "sweep.toml",
        format!(
            "name = \"sets\"\nseed = 1\n[prompts]\n{prompts}\nfields = {{ request = \"text\" }}\n\
             [models.echo]\nendpoint = \"simulated\"\nid = \"sim-echo\"\nmax_output_tokens = 50\n\
             [stages.reply]\nkind = \"generate\"\n\
             messages = [{{ role = \"user\", template = \"{{{{ request }}}}\" }}]\n\
             [[outcomes]]\nname = \"answered\"\nwhen = \"reply.parse == 'ok'\"\n\
             [[outcomes]]\nname = \"nothing\"\nwhen = \"reply.parse != 'ok'\"\n\
             [[measures]]\nname = \"of the first kind\"\nof = \"reply.parse == 'ok'\"\n\
             where = \"kind == 'a'\"\n"
        ),
    );
}

/// Three files by one pattern and one by its name, in three formats, with a line break in a value.
fn files(world: &World) {
    world.write("set/part-1.csv", "id,text,kind\n1,one,a\n2,\"two\nlines\",b\n");
    world.write("set/part-2.tsv", "id\ttext\tkind\n3\tthree\ta\n");
    world.write("set/part-3.jsonl", "{\"id\": \"4\", \"text\": \"four\", \"kind\": \"b\"}\n");
    world.write("set/other.csv", "id,text,kind\n9,nine,a\n");
    world.write("more.csv", "id,text,kind\n5,five,a\n6,one,b\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_gathered_chosen_from_and_counted_by_what_it_keeps() {
    let world = World::new();
    files(&world);
    sweep(
        &world,
        "path = [\"set/part-*\", \"more.csv\"]\nid = \"id\"\nkeep = [\"kind\"]\nwhere = \"id != '4'\"",
    );
    let report = run(&world, "sweep.toml");
    assert_eq!(report.fraction(&["echo"], "answered"), (5, 5));
    assert_eq!(report.fraction(&["echo"], "of the first kind"), (3, 3));
    let plan = rows(&world.store()).await.plan;
    let ids: Vec<&str> = plan.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "5", "6"]);
    assert_eq!(plan.prompts[1].fields["request"], "two\nlines");
    assert_eq!(plan.prompts[1].notes["kind"], "b");
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts_that_send_the_same_are_told_of() {
    let world = World::new();
    files(&world);
    sweep(&world, "path = [\"set/part-1.csv\", \"more.csv\"]\nid = \"id\"\nkeep = [\"kind\"]");
    let ran = run_to(&world, "sweep.toml", 0);
    assert!(ran.stderr.contains("iago: warning:") && ran.stderr.contains("`6`"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_ids_are_known_again_by_their_content_wherever_they_stand() {
    let world = World::new();
    world.write("set.csv", "text,kind\none,a\ntwo,b\n");
    sweep(&world, "path = \"set.csv\"\nkeep = [\"kind\"]");
    run(&world, "sweep.toml");
    world.write("set.csv", "text,kind\nthree,a\ntwo,b\none,a\n");
    let ran = run_to(&world, "sweep.toml", 0);
    assert!(ran.stderr.contains("extended: prompt"), "{}", ran.stderr);
    assert!(ran.stderr.contains("\n1 call in "), "{}", ran.stderr);
}

#[test]
fn a_pattern_that_names_no_file_is_told_before_anything_is_asked() {
    let world = World::new();
    files(&world);
    sweep(&world, "path = \"set/none-*.csv\"\nid = \"id\"\nkeep = [\"kind\"]");
    let ran = run_to(&world, "sweep.toml", 66);
    assert!(ran.stderr.contains("no file is named by `set/none-*.csv`"), "{}", ran.stderr);
    assert!(!world.store().exists());
}
