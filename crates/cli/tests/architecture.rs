//! The architecture, held by tests: who may use whom, what pure means, and that the map in
//! `crates/README.md` tells the truth.
//!
//! They ask cargo what was resolved for this machine, so that nothing has to be installed or
//! downloaded for them. On a machine that has never built all crates: `cargo fetch --locked` first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// What a pure crate must not reach, by the start of the name: runtimes, databases, the network,
/// the clock, the system's dice.
const IMPURE: [&str; 9] =
    ["tokio", "sqlx", "libsqlite3", "reqwest", "hyper", "tonic", "mio", "chrono", "getrandom"];

/// What the source of a pure crate must not say.
const OUTSIDE: [&str; 6] =
    ["std::fs", "std::net", "std::env::", "std::process", "Instant::now", "SystemTime::now"];

/// Dependencies that only some crates may use. `cli` is the composition root: it serves the
/// coordinator's gRPC, hands keys to the worker, chooses the store, and turns errors into words.
const RESERVED: [(&[&str], &[&str]); 9] = [
    (&["store-sqlite", "store-postgres"], &["sqlx"]),
    (&["protocol"], &["prost", "tonic-prost"]),
    (&["protocol", "coordinator", "worker", "cli"], &["tonic"]),
    (&["worker"], &["governor"]),
    (&["worker", "notify"], &["reqwest", "backoff"]),
    (&["worker", "notify", "cli"], &["secrecy"]),
    (&["simulated-endpoint"], &["axum"]),
    (&["cli"], &["iago-store-sqlite", "iago-store-postgres"]),
    (&["cli"], &["anyhow", "clap", "config", "tracing-subscriber"]),
];

/// What lies at the top of the repository beside dotfiles.
const TOP_LEVEL: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "config", "crates", "deploy", "proto"];

/// A longer file hides a noun that nobody has named yet.
const LINES_MAX: usize = 400;

/// Names that refuse nothing, and so collect everything.
const NAMES_THAT_REFUSE_NOTHING: [&str; 8] =
    ["mod", "util", "utils", "helper", "helpers", "common", "misc", "imp"];

static WORKSPACE: LazyLock<Workspace> = LazyLock::new(Workspace::read);
static MAP: LazyLock<Map> = LazyLock::new(Map::read);

#[test]
fn the_map_has_every_crate_and_no_other() {
    let members: BTreeSet<_> = WORKSPACE.crates().collect();
    let floors: BTreeSet<_> = MAP.places.keys().map(String::as_str).collect();
    let table: BTreeSet<_> = MAP.lines.keys().map(String::as_str).collect();
    for (part, named) in [("floors", floors), ("table", table)] {
        let only_in_one = members.symmetric_difference(&named);
        none(only_in_one.map(|name| format!("`{name}`: not in both crates/ and the map's {part}")));
    }
}

#[test]
fn every_crate_is_described_in_the_map_and_in_its_manifest() {
    let bare = WORKSPACE.crates().filter(|name| {
        let in_map = MAP.lines.get(*name).is_some_and(|line| line.len() > 20);
        !in_map || text(WORKSPACE.package(name), "description").is_empty()
    });
    none(bare.map(|name| format!("`{name}` has no line that says what it is")));
}

#[test]
fn every_crate_uses_only_crates_on_lower_floors() {
    none(WORKSPACE.crates().flat_map(|name| {
        let used = WORKSPACE.uses_directly(name).filter_map(|used| used.strip_prefix("iago-"));
        let floor = MAP.places[name].floor;
        let upward = used.filter(move |used| MAP.places[*used].floor >= floor);
        upward.map(move |used| {
            format!("`{name}` on floor {floor} uses `{used}` on floor {}", MAP.places[used].floor)
        })
    }));
}

#[test]
fn a_pure_crate_reaches_no_runtime_no_database_no_network_and_no_dice() {
    let pure: Vec<_> = WORKSPACE.crates().filter(|name| MAP.places[*name].pure).collect();
    assert!(pure.contains(&"scheduler") && pure.contains(&"attempt"), "the machines must be pure");
    none(pure.into_iter().flat_map(|name| {
        let reached = WORKSPACE.reach(name).into_iter();
        let impure = reached.filter(|other| IMPURE.iter().any(|start| other.starts_with(start)));
        impure.map(move |other| format!("`{name}` is pure and reaches `{other}`"))
    }));
}

#[test]
fn a_pure_crate_names_no_file_no_socket_and_no_clock() {
    let sources = rust_files().into_iter().filter(|file| {
        let mut parts = file.iter().skip(1).map(|part| part.to_str().unwrap());
        MAP.places[parts.next().unwrap()].pure && parts.next() == Some("src")
    });
    none(sources.flat_map(|file| {
        let source = read(&file);
        let said = OUTSIDE.into_iter().filter(move |word| source.contains(word));
        said.map(move |word| format!("{}: pure, and says `{word}`", file.display()))
    }));
}

#[test]
fn a_reserved_dependency_is_used_only_by_those_it_is_reserved_for() {
    let pairs =
        RESERVED.iter().flat_map(|(allowed, names)| names.iter().map(move |n| (allowed, *n)));
    for (allowed, reserved) in pairs {
        let uses = |name: &&str| WORKSPACE.uses_directly(name).any(|used| used == reserved);
        let users: Vec<_> = WORKSPACE.crates().filter(uses).collect();
        assert!(!users.is_empty(), "nobody uses `{reserved}`, so nothing needs to reserve it");
        let trespassers = users.into_iter().filter(|name| !allowed.contains(name));
        none(trespassers.map(|name| format!("`{name}` uses `{reserved}`; only {allowed:?} may")));
    }
}

#[test]
fn a_worker_never_sees_a_store() {
    none(WORKSPACE.reach("worker").into_iter().filter(|name| name.starts_with("iago-store")));
}

#[test]
fn a_coordinator_calls_no_model_and_holds_no_key() {
    let forbidden = ["reqwest", "secrecy", "iago-providers", "iago-worker", "sqlx"];
    none(WORKSPACE.reach("coordinator").into_iter().filter(|name| forbidden.contains(name)));
}

#[test]
fn what_stands_in_for_the_world_shares_no_code_with_what_it_tests() {
    for name in ["simulated-endpoint", "private-postgres"] {
        let declared = list(&WORKSPACE.package(name)["dependencies"]);
        let ours = declared.iter().map(|used| text(used, "name"));
        none(ours.filter(|name| name.starts_with("iago-")));
    }
}

#[test]
fn one_file_of_each_shell_that_calls_out_names_the_unmaintained_backoff_crate() {
    let uses = concat!("use back", "off::"); // in two parts, or this file would be another one
    let naming = rust_files().into_iter().filter(|file| read(file).contains(uses));
    let expected = ["crates/notify/src/backoff.rs", "crates/worker/src/backoff.rs"];
    assert_eq!(naming.collect::<Vec<_>>(), expected.map(Path::new));
}

#[test]
fn no_file_is_longer_than_its_idea() {
    none(rust_files().into_iter().filter_map(|file| {
        let lines = read(&file).lines().count();
        (lines > LINES_MAX).then(|| format!("{}: {lines} lines of {LINES_MAX}", file.display()))
    }));
}

#[test]
fn no_file_and_no_crate_has_a_name_that_refuses_nothing() {
    let refuses_nothing = |name: &str| NAMES_THAT_REFUSE_NOTHING.contains(&name);
    let stem = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let files = rust_files().into_iter().filter(|file| refuses_nothing(&stem(file)));
    none(files.map(|file| file.display().to_string()));
    let vague = |name: &&str| refuses_nothing(name) || ["core", "types", "models"].contains(name);
    none(WORKSPACE.crates().filter(vague));
}

#[test]
fn the_top_of_the_repository_is_what_it_is_meant_to_be() {
    // Whoever checked the repository out need not be who tests it.
    let listed = output(Command::new("git").args(["-c", "safe.directory=*", "ls-files"]));
    let tops: BTreeSet<_> = listed.lines().filter_map(|path| path.split('/').next()).collect();
    assert!(tops.contains("Cargo.toml"), "git lists no files here: {tops:?}");
    let strays = tops.into_iter().filter(|top| !top.starts_with('.') && !TOP_LEVEL.contains(top));
    none(strays.map(|top| format!("`{top}` does not belong at the top of the repository")));
}

#[test]
fn every_dependency_has_a_licence_that_is_allowed() {
    let rules = read(".deny.toml");
    let allowed = rules.split_once("\nallow = [").and_then(|(_, rest)| rest.split_once("\n]"));
    let allowed: Vec<_> = allowed.unwrap().0.split('"').skip(1).step_by(2).collect();
    let used = WORKSPACE.reach_all(WORKSPACE.members.values().map(String::as_str));
    let barred = used.into_iter().filter(|package| !permits(text(package, "license"), &allowed));
    none(barred.map(|package| {
        let (name, licence) = (text(package, "name"), text(package, "license"));
        format!("`{name}` is under `{licence}`, which .deny.toml does not allow")
    }));
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    let allowed = ["MIT", "ISC"];
    for met in ["MIT", "X OR MIT", "X/MIT", "(X OR MIT) AND ISC", "X AND (X OR Y) OR ISC"] {
        assert!(permits(met, &allowed), "{met}");
    }
    for unmet in ["X", "MIT AND X", "MIT WITH X", "MIT AND (X OR Y)", "(MIT OR X) AND Y", ""] {
        assert!(!permits(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn every_dependency_comes_from_the_public_registry_or_from_here() {
    let public = "registry+https://github.com/rust-lang/crates.io-index";
    let here = root().join("crates");
    let strange = WORKSPACE.packages.values().filter(|package| match text(package, "source") {
        "" => !Path::new(text(package, "manifest_path")).starts_with(&here),
        source => source != public,
    });
    none(strange.map(|package| format!("`{}` comes from elsewhere", text(package, "name"))));
}

#[test]
fn every_file_and_test_that_the_map_names_is_there() {
    let sources: String = rust_files().iter().map(read).collect();
    let quoted = MAP.text.split('`').skip(1).step_by(2).filter(|word| !word.contains([' ', '\n']));
    none(quoted.filter(|word| {
        let file = word.ends_with(".rs") && !root().join("crates").join(word).is_file();
        let there = ["(", "<"].iter().any(|end| sources.contains(&format!("fn {word}{end}")));
        file || (word.matches('_').count() >= 3 && !word.contains('/') && !there)
    }));
}

/// Fails with every offender by name.
fn none<T: std::fmt::Display>(offenders: impl IntoIterator<Item = T>) {
    let offenders: Vec<_> = offenders.into_iter().map(|offender| offender.to_string()).collect();
    assert!(offenders.is_empty(), "\n{}", offenders.join("\n"));
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the root is there")
}

fn read(file: impl AsRef<Path>) -> String {
    let path = root().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a command prints at the root of the repository.
fn output(command: &mut Command) -> String {
    let done = command.current_dir(root()).output();
    let done = done.unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("what cargo and git print is UTF-8")
}

/// The crates of this repository by folder, and everything that they use, as cargo tells it.
struct Workspace {
    members: BTreeMap<String, String>,
    packages: BTreeMap<String, Value>,
    uses: BTreeMap<String, Vec<String>>,
}

impl Workspace {
    fn read() -> Self {
        let version = output(Command::new(env!("CARGO")).arg("-vV"));
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        // For this machine only: what others need has perhaps never been downloaded.
        let arguments = ["metadata", "--format-version=1", "--offline", "--locked"];
        let here = ["--filter-platform", host.expect("cargo names its host")];
        let json = output(Command::new(env!("CARGO")).args(arguments).args(here));
        let metadata: Value = serde_json::from_str(&json).expect("metadata is JSON");
        let ids = list(&metadata["workspace_members"]).iter().filter_map(Value::as_str);
        let packages = list(&metadata["packages"]).iter();
        let packages: BTreeMap<_, _> =
            packages.map(|package| (text(package, "id").to_owned(), package.clone())).collect();
        let folder = |id: &str| {
            let manifest = Path::new(text(&packages[id], "manifest_path"));
            let folder = manifest.parent().and_then(|folder| folder.file_name()?.to_str());
            folder.expect("a manifest lies in a folder").to_owned()
        };
        let members = ids.map(|id| (folder(id), id.to_owned())).collect();
        let uses = list(&metadata["resolve"]["nodes"]).iter().map(|node| {
            let normal = |edge: &&Value| list(&edge["dep_kinds"]).iter().any(is_normal);
            let used = list(&node["deps"]).iter().filter(normal);
            (text(node, "id").to_owned(), used.map(|edge| text(edge, "pkg").to_owned()).collect())
        });
        Self { members, uses: uses.collect(), packages }
    }

    fn crates(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    fn package(&self, folder: &str) -> &Value {
        &self.packages[&self.members[folder]]
    }

    /// The names of the packages that a crate's manifest asks for, but for tests and building.
    fn uses_directly(&self, folder: &str) -> impl Iterator<Item = &str> {
        let declared = list(&self.package(folder)["dependencies"]).iter();
        declared.filter(|used| is_normal(used)).map(|used| text(used, "name"))
    }

    /// The names of all packages that a crate uses, directly or not.
    fn reach(&self, folder: &str) -> BTreeSet<&str> {
        let reached = self.reach_all([self.members[folder].as_str()]);
        reached.into_iter().map(|package| text(package, "name")).collect()
    }

    fn reach_all<'a>(&'a self, from: impl IntoIterator<Item = &'a str>) -> Vec<&'a Value> {
        let mut reached = BTreeSet::new();
        let mut ahead: Vec<_> = from.into_iter().collect();
        while let Some(id) = ahead.pop() {
            if reached.insert(id) {
                ahead.extend(self.uses[id].iter().map(String::as_str));
            }
        }
        reached.into_iter().map(|id| &self.packages[id]).collect()
    }
}

/// Neither for tests nor for building.
fn is_normal(dependency: &Value) -> bool {
    dependency["kind"].is_null()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("cargo gives a list here")
}

/// A text of a package; empty where it says nothing.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// What `crates/README.md` says about the crates.
struct Map {
    text: String,
    places: BTreeMap<String, Place>,
    lines: BTreeMap<String, String>,
}

struct Place {
    floor: u32,
    pure: bool,
}

impl Map {
    fn read() -> Self {
        let text = read("crates/README.md");
        let drawn = text.lines().filter_map(|line| line.strip_prefix("floor "));
        let places = drawn.flat_map(read_floor).collect();
        let rows = text.lines().filter_map(|line| line.strip_prefix("| [`"));
        let lines = rows.filter_map(read_row).collect();
        Self { text, places, lines }
    }
}

/// From the drawing, after `floor `: the number, pure crates, a bar, the others.
fn read_floor(drawn: &str) -> Vec<(String, Place)> {
    let (number, crates) = drawn.split_once(' ').expect("a floor has crates");
    let (pure, others) = crates.split_once('|').expect("a floor has two sides");
    let floor = number.parse().expect("a floor has a number");
    let pure = pure.split_whitespace().map(|name| (name.to_owned(), Place { floor, pure: true }));
    let others = others.split_whitespace();
    pure.chain(others.map(|name| (name.to_owned(), Place { floor, pure: false }))).collect()
}

/// From the table: a crate's name, linked to its folder, and its line.
fn read_row(row: &str) -> Option<(String, String)> {
    let (name, rest) = row.split_once("`](")?;
    let line = rest.split_once(") | ")?.1.trim_end_matches([' ', '|']);
    Some((name.to_owned(), line.to_owned()))
}

/// Whether a licence expression can be met with the licences that are allowed.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.trim();
    // The innermost parentheses become a licence that is allowed or one that is not.
    if let Some(close) = expression.find(')') {
        let open = expression[..close].rfind('(').expect("parentheses match");
        let met = permits(&expression[open + 1..close], allowed);
        let inside = if met { allowed[0] } else { "none" };
        let flat = [&expression[..open], inside, &expression[close + 1..]].concat();
        return permits(&flat, allowed);
    }
    // OR binds loosest; the slash is its old spelling.
    expression
        .replace('/', " OR ")
        .split(" OR ")
        .any(|choice| choice.split(" AND ").all(|licence| allowed.contains(&licence.trim())))
}

/// Every Rust file of the crates, from the root of the repository.
fn rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut ahead = vec![root().join("crates")];
    while let Some(path) = ahead.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder can be listed");
            ahead.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.extend(path.strip_prefix(root()).map(Path::to_owned));
        }
    }
    files.sort();
    files
}
