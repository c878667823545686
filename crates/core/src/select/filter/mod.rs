//! Which titles are wanted, as one expression: `category =~ "4K" and year >= 2015 and not adult`.
//!
//! It is asked for each stream of a title. A title is wanted as long as one of its streams is, and has those
//! streams alone. A field with several values (genres; the source's name and the one that is shown) equals what
//! one of them equals. `!=` and `!~` hold if no value does. What is not known equals nothing.

mod lexer;
mod test;
mod parser;

use std::str::FromStr;

use self::test::{FilterField, Test};
use crate::model::measured::Measured;
use crate::model::media::Kind;

/// What is known of a title and one of its streams.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Movie or series.
    pub kind: Kind,
    /// The name that the source has, and the one that is shown.
    pub names: [&'a str; 2],
    /// Its genres.
    pub genres: Vec<&'a str>,
    /// Its year.
    pub year: Option<i32>,
    /// From 0 to 10.
    pub rating: Option<f64>,
    /// The source's id of the title.
    pub id: i64,
    /// TMDB id.
    pub tmdb: Option<&'a str>,
    /// IMDb id.
    pub imdb: Option<&'a str>,
    /// The name of the stream's category.
    pub category: Option<&'a str>,
    /// The name of the stream's account.
    pub account: &'a str,
    /// ISO 639-1 codes of the languages that are spoken in the stream.
    pub languages: Vec<&'a str>,
    /// The stream's lines.
    pub quality: Option<u16>,
    /// What was measured of the stream.
    pub measured: Option<&'a Measured>,
    /// Whether it is marked as for adults.
    pub is_adult: bool,
    /// The stream's own address, where the source has one; asked without its login and query.
    pub url: Option<&'a str>,
    /// What a playlist says that the entry is: `tvg-type`.
    pub stated_type: Option<&'a str>,
    /// The entry's id in a playlist: `tvg-id`.
    pub list_id: Option<&'a str>,
    /// The entry's duration in a playlist, in seconds.
    pub duration: Option<i32>,
}

impl<'a> Facts<'a> {
    /// Of something that has these names, and nothing else that is known.
    pub fn of(names: [&'a str; 2]) -> Facts<'a> {
        Facts {
            kind: Kind::Movie,
            names,
            genres: Vec::new(),
            year: None,
            rating: None,
            id: 0,
            tmdb: None,
            imdb: None,
            category: None,
            account: "",
            languages: Vec::new(),
            quality: None,
            measured: None,
            is_adult: false,
            url: None,
            stated_type: None,
            list_id: None,
            duration: None,
        }
    }
}

/// An expression that cannot be understood. Its own text stays out: a password may stand in the wrong line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at column {column}: {problem}")]
pub struct FilterError {
    /// Where, counted in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

impl FilterError {
    fn at(text: &str, at: usize, problem: String) -> FilterError {
        let column = text[..at].chars().count() + 1;
        FilterError { column, problem }
    }
}

/// A comparison of an expression.
#[derive(Clone, Debug)]
pub struct Part {
    text: String,
    /// The same for all spellings.
    normal: String,
    test: Test,
}

impl Part {
    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The field that it asks for, if that is known only of streams that were measured.
    pub fn measured_field(&self) -> Option<&'static str> {
        self.test.field().and_then(FilterField::of_measured)
    }
}

#[derive(Clone, Debug)]
enum FilterNode {
    Any(Vec<FilterNode>),
    All(Vec<FilterNode>),
    Not(Box<FilterNode>),
    /// Which of the comparisons.
    Part(usize),
}

impl FilterNode {
    fn holds(&self, answers: &dyn Fn(usize) -> bool) -> bool {
        match self {
            FilterNode::Any(nodes) => nodes.iter().any(|node| node.holds(answers)),
            FilterNode::All(nodes) => nodes.iter().all(|node| node.holds(answers)),
            FilterNode::Not(node) => !node.holds(answers),
            FilterNode::Part(at) => answers(*at),
        }
    }

    /// Without brackets that change nothing.
    fn simplified(self) -> FilterNode {
        let all = |nodes: Vec<FilterNode>| nodes.into_iter().map(FilterNode::simplified);
        match self {
            FilterNode::Any(nodes) => {
                let flat = all(nodes).flat_map(|node| match node {
                    FilterNode::Any(nodes) => nodes,
                    node => vec![node],
                });
                FilterNode::single_or(flat.collect(), FilterNode::Any)
            }
            FilterNode::All(nodes) => {
                let flat = all(nodes).flat_map(|node| match node {
                    FilterNode::All(nodes) => nodes,
                    node => vec![node],
                });
                FilterNode::single_or(flat.collect(), FilterNode::All)
            }
            FilterNode::Not(node) => FilterNode::Not(Box::new(node.simplified())),
            FilterNode::Part(at) => FilterNode::Part(at),
        }
    }

    fn single_or(
        mut nodes: Vec<FilterNode>,
        join: fn(Vec<FilterNode>) -> FilterNode,
    ) -> FilterNode {
        match (nodes.len(), nodes.pop()) {
            (1, Some(node)) => node,
            (_, last) => join(nodes.into_iter().chain(last).collect()),
        }
    }

    /// A simplified expression's text, with this text of each comparison.
    fn text(&self, of_part: &dyn Fn(usize) -> String) -> String {
        let join = |nodes: &[FilterNode], word: &str| {
            nodes.iter().map(|node| node.in_brackets(of_part)).collect::<Vec<_>>().join(word)
        };
        match self {
            FilterNode::Any(nodes) => join(nodes, " or "),
            FilterNode::All(nodes) => join(nodes, " and "),
            FilterNode::Not(node) => format!("not {}", node.in_brackets(of_part)),
            FilterNode::Part(at) => of_part(*at),
        }
    }

    fn in_brackets(&self, of_part: &dyn Fn(usize) -> String) -> String {
        match self {
            FilterNode::Any(_) | FilterNode::All(_) => format!("({})", self.text(of_part)),
            FilterNode::Not(_) | FilterNode::Part(_) => self.text(of_part),
        }
    }
}

/// An expression that was understood. Two are equal if only blanks, quotes, letter case of words, or brackets
/// that change nothing differ.
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    normal: String,
    node: FilterNode,
    parts: Vec<Part>,
}

/// What an expression says of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Whether the stream is wanted.
    pub is_wanted: bool,
    /// Which operand of the outermost `and` does not hold: the first, where the stream is not wanted.
    pub failed: Option<u32>,
    /// Which comparisons hold, each by itself.
    pub parts: Vec<bool>,
    /// A pattern took too long, and counted as no match.
    pub is_slow: bool,
}

impl Filter {
    fn new(text: String, node: FilterNode, parts: Vec<Part>) -> Filter {
        let node = node.simplified();
        let normal = node.text(&|at| parts[at].normal.clone());
        Filter { text, normal, node, parts }
    }

    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text that all equal filters have.
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// Its comparisons, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Which of its operands hold, by what its comparisons say of a stream.
    pub fn holding(&self, evaluation: &Evaluation) -> Vec<bool> {
        let holds = |node: &FilterNode| node.holds(&|at| evaluation.parts[at]);
        self.nodes().iter().map(holds).collect()
    }

    /// What it says of a stream; every comparison is asked.
    pub fn evaluate(&self, facts: &Facts<'_>) -> Evaluation {
        let mut evaluation =
            Evaluation { is_wanted: false, failed: None, parts: Vec::new(), is_slow: false };
        for part in &self.parts {
            let answer = part.test.holds(facts);
            evaluation.is_slow |= answer.is_slow;
            evaluation.parts.push(answer.holds);
        }
        let holds = |node: &FilterNode| node.holds(&|at| evaluation.parts[at]);
        let failed = self.nodes().iter().position(|node| !holds(node));
        evaluation.is_wanted = failed.is_none();
        evaluation.failed = failed.map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        evaluation
    }

    /// The operands of its outermost `and`, in the user's words; itself, where it is none.
    pub fn operands(&self) -> Vec<String> {
        let text = |at: usize| self.parts[at].text.clone();
        let is_only = self.nodes().len() == 1;
        let operand = |node: &FilterNode| {
            if is_only { node.text(&text) } else { node.in_brackets(&text) }
        };
        self.nodes().iter().map(operand).collect()
    }

    fn nodes(&self) -> &[FilterNode] {
        match &self.node {
            FilterNode::All(nodes) => nodes,
            node => std::slice::from_ref(node),
        }
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.normal == other.normal
    }
}

impl Eq for Filter {}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Filter, FilterError> {
        let (node, parts) = parser::parse(text, FilterField::OF_TITLES)?;
        Ok(Filter::new(text.to_owned(), node, parts))
    }
}

/// An expression about entries of a playlist, before anybody knows what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFilter(Filter);

impl EntryFilter {
    /// What it says of an entry.
    pub fn evaluate(&self, facts: &Facts<'_>) -> Evaluation {
        self.0.evaluate(facts)
    }
}

impl FromStr for EntryFilter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<EntryFilter, FilterError> {
        let (node, parts) = parser::parse(text, FilterField::OF_ENTRIES)?;
        Ok(EntryFilter(Filter::new(text.to_owned(), node, parts)))
    }
}

/// Which of a title's streams are the better ones: expressions, the most important first, with commas
/// between them: `language == de, quality == 1080p`. Two are equal if their texts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    text: String,
    filters: Vec<Filter>,
}

impl Preference {
    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A stream's place: the smaller, the better; and whether a pattern took too long.
    pub fn rank(&self, facts: &Facts<'_>) -> (Vec<bool>, bool) {
        let evaluations = self.filters.iter().map(|filter| filter.evaluate(facts));
        evaluations.fold((Vec::new(), false), |(mut rank, is_slow), evaluation| {
            rank.push(!evaluation.is_wanted);
            (rank, is_slow || evaluation.is_slow)
        })
    }
}

impl FromStr for Preference {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Preference, FilterError> {
        let list = parser::parse_list(text)?;
        let filter = |(node, parts)| Filter::new(String::new(), node, parts);
        Ok(Preference { text: text.to_owned(), filters: list.into_iter().map(filter).collect() })
    }
}

#[cfg(test)]
mod tests;
