//! The house rules that `ARCHITECTURE.md` states, held by a test: layers, sizes, documentation.

#![expect(clippy::expect_used, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const MAX_FILE: usize = 600;
const MAX_FUNCTION: usize = 70;

fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).expect("the workspace is two levels up").to_owned()
}

fn sources() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root().join("crates")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                files.push(entry);
            }
        }
    }
    assert!(files.len() > 50, "these are not all sources: {}", files.len());
    files
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a readable source")
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).expect("a path below the root").display().to_string()
}

fn assert_none(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = sources()
        .iter()
        .filter(|path| !read(path).starts_with("//!"))
        .map(|path| shown(path))
        .collect();
    assert_none("every file begins with //!", silent);
}

#[test]
fn files_and_functions_are_small() {
    let mut large = Vec::new();
    for path in sources() {
        let text = read(&path);
        let lines = text.lines().count();
        if lines > MAX_FILE {
            large.push(format!("{}: {lines} lines", shown(&path)));
        }
        let file = syn::parse_file(&text).expect("our sources parse");
        let mut functions = Functions { large: Vec::new() };
        functions.visit_file(&file);
        large.extend(functions.large.iter().map(|name| format!("{}: fn {name}", shown(&path))));
    }
    assert_none(&format!("files have {MAX_FILE} lines at most, functions {MAX_FUNCTION}"), large);
}

struct Functions {
    large: Vec<String>,
}

impl Functions {
    fn check(&mut self, name: &syn::Ident, span: proc_macro2::Span) {
        let lines = span.end().line + 1 - span.start().line;
        if lines > MAX_FUNCTION {
            self.large.push(format!("{name} has {lines} lines"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    /// Test modules are exempt: tables of cases are long.
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
        });
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        let is_test = function.attrs.iter().any(|attribute| attribute.path().is_ident("test"));
        if !is_test {
            self.check(&function.sig.ident, function.block.span());
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.check(&function.sig.ident, function.block.span());
        visit::visit_impl_item_fn(self, function);
    }
}

/// `lib.rs` and `mod.rs` list modules in reading order; a module uses only those above it.
#[test]
fn modules_use_only_what_stands_above_them() {
    let mut upward = Vec::new();
    for list in sources().iter().filter(|path| path.ends_with("lib.rs") || path.ends_with("mod.rs"))
    {
        let folder = list.parent().expect("a file has a folder");
        let text = read(list);
        let modules: Vec<&str> = text.lines().filter_map(declared_module).collect();
        let prefix = if list.ends_with("lib.rs") { "crate::" } else { "super::" };
        for (at, module) in modules.iter().enumerate() {
            for file in files_of(folder, module) {
                let text = read(&file);
                let is_child = file.parent() != Some(folder);
                for (n, line) in text.lines().enumerate() {
                    let uses = |other: &&&str| mentions(line, prefix, other);
                    // In a child of a listed folder, `super::` means the folder.
                    let below = modules[at + 1..]
                        .iter()
                        .find(|other| !(is_child && prefix == "super::") && uses(other));
                    if let Some(other) = below {
                        upward.push(format!(
                            "{}:{} uses {other}, which stands below",
                            shown(&file),
                            n + 1
                        ));
                    }
                }
            }
        }
    }
    assert_none("a module uses only modules above it", upward);
}

/// `pub mod x;`, `mod x;`, `pub(super) mod x;`
fn declared_module(line: &str) -> Option<&str> {
    let (front, name) = line.strip_suffix(';')?.split_once("mod ")?;
    let is_declaration = front.trim().is_empty() || front.starts_with("pub");
    (is_declaration && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(name)
}

fn mentions(line: &str, prefix: &str, module: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(prefix).any(|(at, _)| {
        let rest = &code[at + prefix.len()..];
        rest.strip_prefix(module)
            .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

fn files_of(folder: &Path, module: &str) -> Vec<PathBuf> {
    let single = folder.join(format!("{module}.rs"));
    if single.exists() {
        return vec![single];
    }
    let entries = std::fs::read_dir(folder.join(module)).expect("a module is a file or a folder");
    entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()).collect()
}

/// catalog and disk do not know each other, core knows nobody, nobody knows app.
#[test]
fn crates_depend_downwards_only() {
    let depends = |name: &str| {
        let manifest: toml::Table =
            read(&root().join("crates").join(name).join("Cargo.toml")).parse().expect("a manifest");
        let names = manifest["dependencies"].as_table().expect("dependencies").keys().cloned();
        names
            .filter_map(|name| name.strip_prefix("vod2strm-").map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(depends("core"), [""; 0]);
    assert_eq!(depends("catalog"), ["core"]);
    assert_eq!(depends("disk"), ["core"]);
    assert_eq!(depends("app"), ["catalog", "core", "disk"]);
    assert!(!depends("testkit").contains(&"app".to_owned()));
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let needle = concat!("#[", "allow(");
    let inner = concat!("#![", "allow(");
    let found = sources()
        .iter()
        .filter(|path| read(path).lines().any(|line| line.contains(needle) || line.contains(inner)))
        .map(|path| shown(path))
        .collect();
    assert_none("use expect(…, reason = …)", found);
}

#[test]
fn the_map_names_every_file() {
    let map = read(&root().join("ARCHITECTURE.md"));
    let missing = sources()
        .iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src"))
        .filter(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            !["lib.rs", "mod.rs"].contains(&name.as_str()) && !map.contains(&name)
        })
        .map(|path| shown(path))
        .collect();
    assert_none("ARCHITECTURE.md has a line for every file", missing);
}

#[test]
fn the_readme_stays_short() {
    assert!(read(&root().join("README.md")).lines().count() <= 200);
}

#[test]
fn the_promises_name_tests_that_exist() {
    let sources: String = sources().iter().map(|path| read(path)).collect();
    let promises = read(&root().join("docs/safety.md"));
    let named: Vec<&str> = promises
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
        .flat_map(|line| {
            line.split('|').nth(2).into_iter().flat_map(|tests| tests.split('`').skip(1).step_by(2))
        })
        .collect();
    assert!(named.len() > 15, "these are not all promises: {named:?}");
    let exists = |name: &str| {
        sources.contains(&format!("fn {name}(")) || sources.contains(&format!("mod {name};"))
    };
    let missing = named
        .iter()
        .filter(|name| **name != "errors" && !exists(name))
        .map(|name| (*name).to_owned());
    assert_none("every promise names a test", missing.collect());
}
