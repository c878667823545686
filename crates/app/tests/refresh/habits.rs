//! What the names of a category have in common, when episodes are fetched.

use super::Scene;

/// A night in which nothing else changed knows the habits, too, when it writes what was fetched.
#[test]
fn what_is_fetched_is_named_by_the_habits_of_its_category() {
    let scene = Scene::new(30);
    let name = |every: u32| {
        scene.database.execute(&format!(
            "UPDATE vod_series SET year = NULL, name =
             CASE WHEN id % {every} = 0 THEN 'XYZ - Show ' ELSE 'Road ' END || id"
        ));
    };
    scene.database.execute("UPDATE vod_m3uvodcategoryrelation SET enabled = true");
    scene.database.execute(
        "UPDATE vod_m3useriesrelation SET category_id =
         (SELECT min(id) FROM vod_vodcategory WHERE category_type = 'series')",
    );
    let generate =
        || scene.home.generate(&scene.database.url(), &["--base-url", "http://dispatcharr:9191"]);
    name(2);
    generate();
    // Too few to learn from, and enough to keep it.
    name(5);
    generate();
    let (status, report) = scene.refresh(&[]);
    assert_eq!(status, 0, "{report:#}");
    let tree = scene.home.tree();
    assert!(tree.keys().any(|path| path.starts_with("TV/Show 5/")), "{:?}", tree.keys());
    assert!(tree.keys().all(|path| !path.contains("XYZ")), "{:?}", tree.keys());
}
