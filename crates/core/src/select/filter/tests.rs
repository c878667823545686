//! Expressions, and what they say of one stream of a film.

use proptest::prelude::*;

use super::*;

fn facts() -> Facts<'static> {
    Facts {
        names: ["EN - Heat (1995) 4K", "Heat"],
        genres: vec!["Crime", "Drama"],
        year: Some(1995),
        rating: Some(8.3),
        id: 17,
        tmdb: Some("949"),
        category: Some("4K | Évasion"),
        account: "Main",
        languages: vec!["en"],
        quality: Some(2160),
        url: Some("http://h.example/movie/joe/s3cret/7.mkv?token=s3cret"),
        stated_type: Some("movie"),
        ..Facts::of(["", ""])
    }
}

fn holds(filter: &str) -> bool {
    filter.parse::<Filter>().unwrap().evaluate(&facts()).is_wanted
}

#[test]
fn comparisons_mean_what_they_say() {
    for wanted in [
        "kind == movie",
        "kind != series",
        r#"category =~ "4K" and year >= 1995 and not adult"#,
        r"category =~ '^4k \| É'",
        "CATEGORY =~ évasion",
        "account == MAIN",
        "genre == drama",
        r"url =~ 'h\.example/movie/7'",
        "url !~ s3cret",
        "type == Movie",
        "genre != Comedy",
        "genre in (Comedy, Crime)",
        "genre not in (Comedy, Horror)",
        "name == heat",
        "name =~ '^EN - '",
        "name !~ '^DE - '",
        "year in (1994, 1995)",
        "year < 1996 and year > 1994 and year <= 1995",
        "rating >= 8.3",
        "rating <= '8,3'",
        "quality == uhd && quality >= 1080p && quality > 720",
        "language == english",
        "language == EN",
        "id = 17",
        "tmdb == 949",
        "imdb != tt0113277",
        "not imdb == tt0113277",
        "adult or kind == movie",
        "!adult",
        "adult == false",
        "not (adult or year < 1990)",
        "not not year == 1995",
        r#"name =~ "a\"b|heat""#,
        "adult != true",
        "adult != yes",
        "adult == no",
        "kind == movie && year == 1995",
        "!adult || year == 1",
        "not adult && kind == movie",
    ] {
        assert!(holds(wanted), "{wanted}");
    }
    for unwanted in [
        "genre != drama",
        "genre not in (drama)",
        "name !~ heat",
        "imdb =~ tt",
        "imdb in (tt1)",
        "adult",
        "year not in (1995)",
        "quality < 4K",
        "category =~ 'é$'",
        "year <= 1994",
        "year < 1995",
        "year > 1995",
        "year >= 1996",
        "adult == true",
        "adult != 0",
        "adult && kind == movie",
        "name == in",
        "name == not",
    ] {
        assert!(!holds(unwanted), "{unwanted}");
    }
}

#[test]
fn in_quotation_marks_two_backslashes_are_one_and_patterns_read_their_own() {
    let names = |name| Facts { names: [name, name], ..facts() };
    let holds =
        |filter: &str, name| filter.parse::<Filter>().unwrap().evaluate(&names(name)).is_wanted;
    for filter in [
        r#"name == "A\\B""#,
        r#"name == "A\B""#,
        r"name == A\B",
        r#"name in ('x', "a\\b")"#,
        r#"name =~ "^A\\B$""#,
    ] {
        assert!(holds(filter, r"A\B"), "{filter}");
        assert!(!holds(filter, r"A\\B"), "{filter}");
    }
    assert!(holds(r"name == A\\B", r"A\\B"), "without quotation marks both stay");
}

#[test]
fn every_id_can_be_asked_for() {
    let with_ids = Facts { imdb: Some("tt0113277"), ..facts() };
    let holds = |filter: &str| filter.parse::<Filter>().unwrap().evaluate(&with_ids).is_wanted;
    for wanted in ["imdb == TT0113277", "imdb =~ ^tt", "tmdb in (1, 949)", "id == 17"] {
        assert!(holds(wanted), "{wanted}");
    }
    assert!(!holds("imdb == tt1") && !holds("imdb != tt0113277"));
}

#[test]
fn what_is_not_known_equals_nothing() {
    let unknown = Facts { year: None, quality: None, rating: None, category: None, ..facts() };
    let is_wanted = |filter: &str| filter.parse::<Filter>().unwrap().evaluate(&unknown).is_wanted;
    for filter in ["year >= 0", "year < 3000", "quality >= SD", "rating > 0", "category =~ ''"] {
        assert!(!is_wanted(filter), "{filter}");
    }
    assert!(is_wanted("year != 1995 and category !~ x and not year >= 2000"));
}

#[test]
fn not_binds_more_than_and_and_and_more_than_or() {
    assert!(holds("kind == movie or kind == movie and adult"));
    assert!(!holds("(kind == movie or kind == movie) and adult"));
    assert!(holds("not adult and kind == movie"));
    assert!(!holds("not (not adult and kind == movie)"));
}

#[test]
fn every_part_is_evaluated_by_itself() {
    let filter: Filter = r#"kind == series or not (adult or category =~ "4K")"#.parse().unwrap();
    let parts: Vec<&str> = filter.parts().iter().map(Part::as_str).collect();
    assert_eq!(parts, ["kind == series", "adult", "category =~ \"4K\""]);
    let evaluation = filter.evaluate(&facts());
    assert_eq!((evaluation.is_wanted, evaluation.parts), (false, vec![false, false, true]));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (filter, problem) in [
        ("catgory == x", "column 1: there is no such field; there are kind, category"),
        ("year >= x", "column 6: wanted is a number"),
        ("é", "column 1"),
        ("year", "an operator is missing"),
        ("year ==", "column 8: a value is missing"),
        ("name > a", "> is for numbers"),
        ("year =~ 19", "=~ is for texts"),
        ("name =~ '('", "wanted is a regular expression"),
        ("kind == film", "wanted is movie or series"),
        ("quality == best", "wanted is a quality such as SD"),
        ("adult == maybe", "wanted is true or false"),
        ("name == 'x", "column 9: the closing ' is missing"),
        ("(adult", "a ) is missing"),
        ("adult)", "column 6: here it should have ended"),
        ("adult and", "a field is missing"),
        ("", "a field is missing"),
        ("year in 1995", "a ( is missing"),
        ("year in (1995", "a ) is missing"),
        ("adult year == 1", "here it should have ended"),
        ("year == nan", "wanted is a number"),
        ("& adult", "& means nothing here"),
        ("adult not kind == movie", "column 7: here it should have ended"),
        ("year && adult", "column 6: an operator is missing"),
        ("year not 1995", "column 6: an operator is missing"),
    ] {
        let error = filter.parse::<Filter>().unwrap_err().to_string();
        assert!(error.contains(problem), "{filter}: {error}");
    }
    assert!("(".repeat(5_000).parse::<Filter>().is_err());
    assert!("not ".repeat(2_000).parse::<Filter>().is_err());
    assert!("adult or ".repeat(2_000).parse::<Filter>().is_err());
}

#[test]
fn brackets_and_negations_stand_in_each_other_up_to_a_depth() {
    let is_understood = |front: &str, depth: usize, back: &str| {
        let text = format!("{}adult{}", front.repeat(depth), back.repeat(depth));
        text.parse::<Filter>().is_ok()
    };
    for (front, back) in [("(", ")"), ("not ", "")] {
        assert!(is_understood(front, 64, back), "{front}");
        assert!(!is_understood(front, 65, back), "{front}");
    }
    assert!(is_understood("not (", 32, ")") && !is_understood("not (", 33, ")"), "both count");
}

#[test]
fn an_expression_is_told_as_the_user_wrote_it() {
    let text = " Category=='EN' and  not adult";
    assert_eq!(text.parse::<Filter>().unwrap().as_str(), text);
    let list = "language == DE,  adult";
    assert_eq!(list.parse::<Preference>().unwrap().as_str(), list);
}

#[test]
fn a_pattern_that_takes_too_long_is_no_match_and_is_told() {
    let filter: Filter = r#"name =~ "(a|aa)+(?!a)\1b""#.parse().unwrap();
    let name = "a".repeat(60);
    let evaluation = filter.evaluate(&Facts { names: [&name, &name], ..facts() });
    assert!(evaluation.is_slow && !evaluation.is_wanted);
    for other in [r#"name !~ "(a|aa)+(?!a)\1b""#, r#"not name =~ "(a|aa)+(?!a)\1b""#] {
        let filter: Filter = other.parse().unwrap();
        let evaluation = filter.evaluate(&Facts { names: [&name, &name], ..facts() });
        assert!(evaluation.is_slow && evaluation.is_wanted, "{other}");
    }
}

#[test]
fn preferences_rank_streams() {
    let preference: Preference = "language in (de, en), quality == 1080p, adult".parse().unwrap();
    let rank = |languages: Vec<&'static str>, quality| {
        preference.rank(&Facts { languages, quality, ..facts() })
    };
    let best = rank(vec!["de"], Some(1080));
    assert!(best < rank(vec!["en"], Some(2160)));
    assert!(rank(vec!["en"], None) < rank(vec!["fr"], Some(1080)));
    assert!("adult, ".parse::<Preference>().is_err());
    let slow = r#"name =~ "(a|aa)+(?!a)\1b""#;
    let name = "a".repeat(60);
    for list in [format!("{slow}, adult"), format!("adult, {slow}")] {
        let rank = |names| list.parse::<Preference>().unwrap().rank(&Facts { names, ..facts() });
        assert_eq!(rank([&name, &name]), (vec![true, true], true), "{list}");
        assert!(!rank(["Heat", "Heat"]).1, "{list}");
    }
}

proptest! {
    #[test]
    fn any_text_is_understood_or_refused(
        text in "(kind|year|name|adult|in|not|and|or|\\(|\\)|,|==|=~|'a'|[0-9]|\"|\\\\| ){0,30}|.{0,80}"
    ) {
        if let Ok(filter) = text.parse::<Filter>() {
            filter.evaluate(&facts());
        }
        let _ = text.parse::<Preference>();
    }
}

#[test]
fn spellings_of_one_filter_are_equal_and_other_filters_are_not() {
    let filter = |text: &str| text.parse::<Filter>().unwrap();
    for (one, other) in [
        ("category == \"EN Films\"", "category  ==  'EN Films'"),
        ("category == EN", " Category=='en' "),
        ("year >= 2015 and not adult", "(YEAR>=2015) AND NOT (adult)"),
        ("kind == movie or (adult or year > 1)", "kind == movie or adult or year > 1"),
        ("genre in (Drama, 'War')", "genre IN ( \"drama\" , war )"),
        ("kind == movie && !adult", "kind = movie and not adult"),
        (r#"name == "A\\B""#, r#"name == "a\b""#),
        (r#"name == 'a"b\\'"#, r#"name == "a\"b\\""#),
        (r"name =~ '\s\\'", r#"name =~ "\s\\""#),
        (r#"name =~ 'a"\d'"#, r#"name =~ "a\"\d""#),
        (r#"name =~ 'a\"b'"#, r#"name =~ "a\"b""#),
    ] {
        assert_eq!(filter(one), filter(other), "{one} {other}");
        assert_eq!(
            filter(filter(one).normal()),
            filter(one),
            "{one}: the normal text means the same"
        );
    }
    for (one, other) in [
        ("category == EN", "category == DE"),
        ("kind == movie or adult and year > 1", "(kind == movie or adult) and year > 1"),
        ("name =~ '\\s'", "name =~ '\\S'"),
        ("not adult", "adult"),
        ("genre in (a, b)", "genre in (a)"),
        ("genre in (a, b)", "genre in ('a,b')"),
        ("name == 'a and adult'", "name == a and adult"),
    ] {
        assert_ne!(filter(one), filter(other), "{one} {other}");
    }
}

#[test]
fn entries_are_asked_by_fields_of_their_own() {
    let entry = Facts {
        category: Some("Dramat;Serial"),
        list_id: Some("TVP.pl"),
        duration: Some(5400),
        ..Facts::of(["Heat 1080p", "Heat"])
    };
    let holds = |text: &str| text.parse::<EntryFilter>().unwrap().evaluate(&entry).is_wanted;
    for text in [
        "category == serial",
        "category =~ 'Dramat;'",
        "id == tvp.pl",
        "duration > 600 and name == heat",
        "type != live and not adult",
    ] {
        assert!(holds(text), "{text}");
    }
    assert!(!holds("category == Komedia or type == movie or url =~ h"));
    for text in ["year > 2000", "kind == movie", "tmdb == 1"] {
        let error = text.parse::<EntryFilter>().unwrap_err().to_string();
        assert!(error.contains("category, name, url, type, id, duration, adult"), "{error}");
    }
}

#[test]
fn what_is_measured_is_asked_in_one_vocabulary_and_never_guessed() {
    let measured = "2160 hdr10 video=hevc/3840x2160 audio=eac3/6/de audio=aac/2/cs subtitle=en";
    let measured: Measured = measured.parse().unwrap();
    let holds = |filter: &str, measured| {
        let facts = Facts { measured, ..facts() };
        filter.parse::<Filter>().unwrap().evaluate(&facts).is_wanted
    };
    for wanted in [
        "audio == ger",
        "audio == deu",
        "audio in (fr, German)",
        "audio == ces and audio == cz",
        "subtitles == eng",
        "hdr == HDR10",
        "hdr in (hdr10, dolby_vision)",
        "hdr != sdr",
        "codec == x265",
        "codec =~ hev",
    ] {
        assert!(holds(wanted, Some(&measured)), "{wanted}");
        assert_eq!(holds(wanted, None), wanted.contains("!="), "{wanted}");
    }
    for unwanted in ["audio == en", "subtitles == de", "codec == h264", "audio != de", "hdr == hlg"]
    {
        assert!(!holds(unwanted, Some(&measured)), "{unwanted}");
    }
    let error = "hdr == hdr".parse::<Filter>().unwrap_err().to_string();
    assert!(error.ends_with("wanted is one of sdr, hdr10, hlg, dolby_vision"), "{error}");
    let fields = |filter: &str| -> Vec<&str> {
        let filter = filter.parse::<Filter>().unwrap();
        filter.parts().iter().filter_map(Part::measured_field).collect()
    };
    assert_eq!(fields("quality >= 720p and hdr == sdr or codec =~ a"), ["hdr", "codec"]);
}
