//! What the libraries' sources may not contain.

#![expect(clippy::panic, reason = "a broken rule is a failed test")]

use std::path::{Path, PathBuf};

use support_architecture::{Source, Workspace, root, rust_files};

const LONGEST_FILE: usize = 600;

/// Statics that hold no state: pure constants that the language cannot compute at compile time.
/// `(file, name, reason)`; a line that matches nothing any more fails the test.
const CONSTANT_TABLES: [(&str, &str, &str); 0] = [];

/// Types that make a static something that changes, or that is made at run time.
const CELLS: [&str; 11] = [
    "OnceLock",
    "LazyLock",
    "OnceCell",
    "LazyCell",
    "Lazy",
    "Mutex",
    "RwLock",
    "Cell",
    "RefCell",
    "UnsafeCell",
    "DashMap",
];

fn library_files(below: &str) -> Vec<PathBuf> {
    let workspace = Workspace::load();
    let folders = workspace
        .libraries()
        .map(|(_, member)| root().join(&member.folder).join(below));
    folders.flat_map(|folder| rust_files(&folder)).collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The names of process-wide values that hold state.
fn stateful_statics(source: &Source) -> Vec<String> {
    let places = 0..source.tokens.len();
    places.filter_map(|place| stateful_static_at(source, place)).collect()
}

fn stateful_static_at(source: &Source, place: usize) -> Option<String> {
    let (word, next) = (source.at(place), source.at(place + 1));
    if matches!(word, "lazy_static" | "thread_local") && next == "!" {
        return Some(format!("{word}!"));
    }
    if word == "global_allocator" {
        return Some(word.to_owned());
    }
    if word != "static" {
        return None;
    }
    if next == "mut" {
        return Some(source.at(place + 2).to_owned());
    }
    let declared = source
        .tokens
        .iter()
        .skip(place + 2)
        .take_while(|token| *token != "=" && *token != ";");
    let changes = declared
        .into_iter()
        .any(|token| CELLS.contains(&token.as_str()) || token.starts_with("Atomic"));
    changes.then(|| next.to_owned())
}

#[test]
fn two_desks_in_one_process_share_nothing() {
    let mut broken = Vec::new();
    let mut permitted = Vec::new();
    for file in library_files("src") {
        let file_name = shown(&file);
        for name in stateful_statics(&Source::read(&file)) {
            let known = CONSTANT_TABLES
                .iter()
                .find(|table| table.0 == file_name && table.1 == name);
            match known {
                Some(table) => permitted.push(*table),
                None => broken.push(format!("{file_name}: {name}")),
            }
        }
    }
    assert!(broken.is_empty(), "process-wide state in a library: {broken:#?}");
    let idle: Vec<_> = CONSTANT_TABLES
        .iter()
        .filter(|table| !permitted.contains(table))
        .collect();
    assert!(idle.is_empty(), "no longer there, so no longer permitted: {idle:#?}");
}

#[test]
fn files_stay_readable() {
    let mut broken = Vec::new();
    for file in library_files("") {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{}: {lines} lines", shown(&file)));
        }
    }
    assert!(
        broken.is_empty(),
        "longer than {LONGEST_FILE} lines, so due to be split: {broken:#?}"
    );
}

#[test]
fn the_search_for_state_finds_every_kind_and_leaves_constants_alone() {
    let source = Source::parse(
        "static mut A: u8 = 1; static B: LazyLock<u8> = LazyLock::new(f); static C: AtomicU64 = AtomicU64::new(0);
         thread_local! { static D: u8 = 1; } fn f() { static E: Mutex<u8> = Mutex::new(1); }
         static TABLE: &[&'static str] = &[]; fn g(x: &'static Mutex<u8>) {}",
    );
    assert_eq!(stateful_statics(&source), ["A", "B", "C", "thread_local!", "E"]);
}
