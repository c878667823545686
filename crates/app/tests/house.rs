//! The house rules that `ARCHITECTURE.md` states, held by a test: layers, sizes, documentation.

#![expect(clippy::expect_used, reason = "a failure here is a failed test")]

use std::collections::BTreeMap;
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
    let (mut files, mut folders) = (Vec::new(), vec![root().join("crates"), root().join("bench")]);
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

/// `#[cfg(test)]`
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
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
        if !is_for_tests(&module.attrs) {
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
        let path = path_in_crate(folder);
        for (at, module) in modules.iter().enumerate() {
            for file in files_of(folder, module) {
                let code = code_of(&read(&file));
                // In a file of a listed folder, `super::` means that folder.
                let is_beside = file.parent() == Some(folder);
                let prefixes = [Some(path.as_str()), is_beside.then_some("super::")];
                let uses = |other: &&&str| {
                    prefixes.iter().flatten().any(|prefix| mentions(&code, prefix, other))
                };
                upward.extend(
                    modules[at + 1..]
                        .iter()
                        .filter(uses)
                        .map(|other| format!("{} uses {other}, which stands below", shown(&file))),
                );
            }
        }
    }
    assert_none("a module uses only modules above it", upward);
}

/// How a crate's files name what is in one of its folders: `crate::render::nfo::`.
fn path_in_crate(folder: &Path) -> String {
    let folders = folder.iter().map(|part| part.to_string_lossy());
    let folders = folders.skip_while(|part| part != "src").skip(1);
    folders.fold("crate::".to_owned(), |path, folder| path + &folder + "::")
}

/// A source without comments and line ends.
fn code_of(text: &str) -> String {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    lines.collect::<Vec<_>>().join(" ")
}

/// `pub mod x;`, `mod x;`, `pub(super) mod x;`
fn declared_module(line: &str) -> Option<&str> {
    let (front, name) = line.strip_suffix(';')?.split_once("mod ")?;
    let is_declaration = front.trim().is_empty() || front.starts_with("pub");
    (is_declaration && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(name)
}

/// Whether code names a module behind a prefix: `crate::text::…`, or `crate::{…, text::…}`.
fn mentions(code: &str, prefix: &str, module: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let begins = |path: &str| {
        path.trim_start().strip_prefix(module).is_some_and(|after| !after.starts_with(is_name))
    };
    code.match_indices(prefix).any(|(at, _)| {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => grouped(group).into_iter().any(begins),
            None => begins(rest),
        }
    })
}

/// The paths of a group, up to its closing bracket; what groups inside it have is left out.
fn grouped(text: &str) -> Vec<&str> {
    let (mut paths, mut from, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                paths.push(&text[from..at]);
                from = at + 1;
                if letter == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    paths
}

#[test]
fn grouped_imports_are_seen() {
    let code = code_of("use crate::{\n    date::{civil, shown}, // text\n    naming::x,\n};");
    let found = ["date", "naming", "text", "civil"].map(|name| mentions(&code, "crate::", name));
    assert_eq!(found, [true, true, false, false]);
}

/// All files of a module, those in folders inside its folder too.
fn files_of(folder: &Path, module: &str) -> Vec<PathBuf> {
    let single = folder.join(format!("{module}.rs"));
    if single.exists() {
        return vec![single];
    }
    let below = folder.join(module);
    let files: Vec<_> = sources().into_iter().filter(|path| path.starts_with(&below)).collect();
    assert!(!files.is_empty(), "a module is a file or a folder: {}", below.display());
    files
}

/// The names of a file's own types, but for those of its test modules.
#[derive(Default)]
struct Types {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Struct(it) => Some(&it.ident),
            syn::Item::Enum(it) => Some(&it.ident),
            syn::Item::Union(it) => Some(&it.ident),
            syn::Item::Trait(it) => Some(&it.ident),
            syn::Item::Type(it) => Some(&it.ident),
            _ => None,
        };
        self.names.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }
}

/// Types of tests alone may be called as those of other tests, but what `testkit` shares may not.
#[test]
fn one_name_means_one_type() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in sources() {
        let is_test = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
        if is_test {
            continue;
        }
        let mut types = Types::default();
        types.visit_file(&syn::parse_file(&read(&path)).expect("our sources parse"));
        for name in types.names {
            places.entry(name).or_default().push(shown(&path));
        }
    }
    assert!(places.len() > 300, "these are not all types: {}", places.len());
    assert!(!places.contains_key("Copy"), "`Copy` is a trait of the language");
    let twice = places.into_iter().filter(|(_, files)| files.len() > 1);
    let twice = twice.map(|(name, files)| format!("{name}: {}", files.join(", ")));
    assert_none("a type's name is no other type's, over all crates", twice.collect());
}

/// catalog and disk do not know each other, engine knows both, app knows engine alone, and core knows nobody.
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
    assert_eq!(depends("engine"), ["catalog", "core", "disk"]);
    assert_eq!(depends("app"), ["core", "engine"]);
    let testkit = depends("testkit");
    assert!(!testkit.contains(&"app".to_owned()) && !testkit.contains(&"engine".to_owned()));
}

/// Who may name the one source that has a name of its own, and what for.
const NAMES_DISPATCHARR: [(&str, &str); 6] = [
    ("core/src/render/url.rs", "how its proxy's addresses and a provider's are put together"),
    ("core/src/model/rewrite.rs", "how its profiles change them"),
    ("core/src/adopt/strm.rs", "how they are read back"),
    ("core/src/hold.rs", "texts for people: what to do about what is held"),
    ("engine/src/adopt/manifest.rs", "the plugin that this program follows"),
    ("engine/src/adopt/mod.rs", "the same"),
];

/// A further source is a folder of `catalog` and a line of its door, and nothing else.
#[test]
fn only_its_reader_its_texts_and_its_addresses_name_dispatcharr() {
    let crates = ["core/src", "catalog/src", "engine/src"].map(|it| root().join("crates").join(it));
    let reader = root().join("crates/catalog/src/dispatcharr");
    let is_general = |path: &&PathBuf| {
        crates.iter().any(|it| path.starts_with(it)) && !path.starts_with(&reader)
    };
    let may = |path: &Path| NAMES_DISPATCHARR.iter().any(|(name, _)| path.ends_with(name));
    let names = |line: &str| {
        let is_path = line.contains("dispatcharr::") || line == "pub mod dispatcharr;";
        line.to_lowercase().contains("dispatcharr") && !is_path
    };
    let (mut found, mut used) = (Vec::new(), Vec::new());
    for path in sources().iter().filter(is_general) {
        let text = read(path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        match (code.lines().any(names), may(path)) {
            (true, false) => found.push(shown(path)),
            (true, true) => used.push(path.clone()),
            (false, _) => {}
        }
    }
    assert_none("these name Dispatcharr", found);
    assert_eq!(used.len(), NAMES_DISPATCHARR.len(), "exceptions that are needed: {used:?}");
}

/// `x.filter(|_| condition)` looks at nothing that it filters: it is an `if` that is hard to see.
#[derive(Default)]
struct BlindFilters {
    lines: Vec<usize>,
}

impl<'ast> Visit<'ast> for BlindFilters {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let is_blind = |argument: &syn::Expr| match argument {
            syn::Expr::Closure(closure) => closure.inputs.iter().all(|input| match input {
                syn::Pat::Wild(_) => true,
                syn::Pat::Ident(name) => name.ident.to_string().starts_with('_'),
                _ => false,
            }),
            _ => false,
        };
        if call.method == "filter" && call.args.first().is_some_and(is_blind) {
            self.lines.push(call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }
}

#[test]
fn conditions_are_no_filters() {
    let mut blind = Vec::new();
    for path in sources() {
        let mut filters = BlindFilters::default();
        filters.visit_file(&syn::parse_file(&read(&path)).expect("our sources parse"));
        blind.extend(filters.lines.iter().map(|line| format!("{}:{line}", shown(&path))));
    }
    assert_none("a condition is an if, and no filter that does not look at what it filters", blind);
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

/// Documents name files by their crate: `core/naming/`, `app/tests/settled.rs`, `crates/core/src/path.rs`. The promises
/// are read by a test of their own.
fn is_there(path: &str) -> bool {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let places = [path.to_owned(), format!("crates/{path}"), format!("crates/{first}/src/{rest}")];
    places.iter().any(|place| root().join(place).exists())
}

#[test]
fn documents_name_files_that_exist() {
    let docs = std::fs::read_dir(root().join("docs")).expect("a folder");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let pages = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"].map(|name| root().join(name));
    let mut missing = Vec::new();
    let is_page = |path: &PathBuf| {
        path.extension().is_some_and(|it| it == "md") && !path.ends_with("safety.md")
    };
    for page in docs.filter(is_page).chain(pages) {
        let text = read(&page);
        let named = text.split('`').skip(1).step_by(2).filter(|name| {
            name.contains('/') && (name.ends_with(".rs") || name.starts_with("core/"))
        });
        let gone = named.filter(|name| !name.contains('*') && !is_there(name));
        missing.extend(gone.map(|name| format!("{}: {name}", shown(&page))));
    }
    assert_none("every file that a document names exists", missing);
}

#[test]
fn the_architecture_is_one_page() {
    assert!(read(&root().join("ARCHITECTURE.md")).lines().count() <= 140);
}

#[test]
fn the_readme_stays_short() {
    assert!(read(&root().join("README.md")).lines().count() <= 200);
}

/// A row of `docs/safety.md`: a promise, the tests that hold it, and where they stand.
fn promises() -> Vec<(String, Vec<String>, Vec<PathBuf>)> {
    let quoted = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
    };
    let table = read(&root().join("docs/safety.md"));
    let rows: Vec<_> = table
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [promise, tests, places] = cells[..] else { panic!("no row of three: {line}") };
            (promise.to_owned(), quoted(tests), full_places(&quoted(places)))
        })
        .collect();
    assert!(rows.len() > 50, "these are not all promises: {}", rows.len());
    rows
}

/// Paths in full: a short one stands beside the one before it, or above that.
fn full_places(short: &[String]) -> Vec<PathBuf> {
    let mut before = root().join("crates");
    let place = |path: &String| {
        let found = before.ancestors().map(|folder| folder.join(path)).find(|path| path.exists());
        before = found.unwrap_or_else(|| panic!("docs/safety.md: there is no {path}"));
        before.clone()
    };
    short.iter().map(place).collect()
}

/// Whether a file belongs to a place: it is that file, or lies in that folder or that module's.
fn stands_in(file: &Path, place: &Path) -> bool {
    file == place || file.starts_with(place.with_extension(""))
}

#[test]
fn every_promise_names_tests_and_they_stand_where_it_says() {
    let sources: Vec<_> = sources().into_iter().map(|path| (read(&path), path)).collect();
    let is_module = |name: &str, path: &Path| {
        let path = if path.ends_with("mod.rs") { path.parent().expect("a folder") } else { path };
        path.file_stem().is_some_and(|stem| stem == name)
    };
    let holds = |name: &str, (text, path): &(String, PathBuf)| {
        text.contains(&format!("fn {name}(")) || is_module(name, path)
    };
    let (mut wrong, mut seen) = (Vec::new(), Vec::new());
    for (promise, tests, places) in promises() {
        let files = |place: &Path| -> Vec<_> {
            sources.iter().filter(|(_, path)| stands_in(path, place)).collect()
        };
        let is_somewhere = |name: &str| {
            places.iter().flat_map(|place| files(place)).any(|source| holds(name, source))
        };
        wrong.extend(tests.iter().filter(|name| !is_somewhere(name)).cloned());
        let is_used = |place: &Path| {
            files(place).iter().any(|source| tests.iter().any(|name| holds(name, source)))
        };
        wrong.extend(places.iter().filter(|place| !is_used(place)).map(|place| shown(place)));
        if tests.is_empty() || seen.contains(&promise) {
            wrong.push(promise.clone());
        }
        seen.push(promise);
    }
    assert_none("every promise stands once and names tests, in every place that it names", wrong);
}
