//! Words → a tree of comparisons. `not` binds more than `and`, `and` more than `or`.

use super::lexer::{FilterWord, PlacedWord, words};
use super::test::{FieldNames, FilterField, Test};
use super::{FilterError, FilterNode, Part};
use crate::text::fold_key;

/// How deep brackets and negations may stand in each other.
const MAX_DEPTH: usize = 64;

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 10_000;

/// Understands an expression about these fields; gives its tree and its comparisons in order.
pub(super) fn parse(
    text: &str,
    fields: &'static FieldNames,
) -> Result<(FilterNode, Vec<Part>), FilterError> {
    let mut parser = FilterParser::new(text, fields)?;
    let node = parser.either(0)?;
    match parser.peek() {
        None => Ok((node, parser.parts)),
        Some((_, at, _)) => Err(parser.error(*at, "here it should have ended".to_owned())),
    }
}

/// Understands expressions with commas between them, one after the other.
pub(super) fn parse_list(text: &str) -> Result<Vec<(FilterNode, Vec<Part>)>, FilterError> {
    let mut parser = FilterParser::new(text, FilterField::OF_TITLES)?;
    let mut list = Vec::new();
    loop {
        let node = parser.either(0)?;
        list.push((node, std::mem::take(&mut parser.parts)));
        if parser.peek().is_none() {
            return Ok(list);
        }
        parser.expect(&FilterWord::Comma, "a comma")?;
    }
}

struct FilterParser<'a> {
    text: &'a str,
    fields: &'static FieldNames,
    words: Vec<PlacedWord>,
    at: usize,
    parts: Vec<Part>,
}

impl<'a> FilterParser<'a> {
    fn new(text: &'a str, fields: &'static FieldNames) -> Result<FilterParser<'a>, FilterError> {
        if text.len() > MAX_LENGTH {
            return Err(FilterError::at(text, 0, format!("it is longer than {MAX_LENGTH} bytes")));
        }
        Ok(FilterParser { text, fields, words: words(text)?, at: 0, parts: Vec::new() })
    }

    fn peek(&self) -> Option<&PlacedWord> {
        self.words.get(self.at)
    }

    fn error(&self, at: usize, problem: String) -> FilterError {
        FilterError::at(self.text, at, problem)
    }

    /// Where the next word begins.
    fn place(&self) -> usize {
        self.peek().map_or(self.text.len(), |(_, at, _)| *at)
    }

    fn is_next(&self, keyword: &str) -> bool {
        match self.peek() {
            Some((FilterWord::Bare(word), ..)) => word.eq_ignore_ascii_case(keyword),
            Some((FilterWord::Operator(name), ..)) => *name == keyword,
            _ => false,
        }
    }

    fn take(&mut self, keyword: &str) -> bool {
        let is_next = self.is_next(keyword);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, word: &FilterWord, name: &str) -> Result<(), FilterError> {
        match self.peek() {
            Some((next, ..)) if next == word => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.error(self.place(), format!("{name} is missing"))),
        }
    }

    fn either(&mut self, depth: usize) -> Result<FilterNode, FilterError> {
        let mut nodes = vec![self.both(depth)?];
        while self.take("or") {
            nodes.push(self.both(depth)?);
        }
        Ok(FilterNode::Any(nodes))
    }

    fn both(&mut self, depth: usize) -> Result<FilterNode, FilterError> {
        let mut nodes = vec![self.negation(depth)?];
        while self.take("and") {
            nodes.push(self.negation(depth)?);
        }
        Ok(FilterNode::All(nodes))
    }

    fn negation(&mut self, depth: usize) -> Result<FilterNode, FilterError> {
        if depth > MAX_DEPTH {
            let problem = "there is too much inside of brackets".to_owned();
            return Err(self.error(self.place(), problem));
        }
        if self.take("not") {
            return Ok(FilterNode::Not(Box::new(self.negation(depth + 1)?)));
        }
        if matches!(self.peek(), Some((FilterWord::Open, ..))) {
            self.at += 1;
            let node = self.either(depth + 1)?;
            self.expect(&FilterWord::Close, "a )")?;
            return Ok(node);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<FilterNode, FilterError> {
        let start = self.place();
        let name = match self.peek() {
            Some((FilterWord::Bare(name), ..)) => name.clone(),
            _ => return Err(self.error(start, "a field is missing".to_owned())),
        };
        let field = FilterField::named(self.fields, &name).ok_or_else(|| {
            let fields: Vec<&str> = self.fields.iter().map(|(_, name)| *name).collect();
            let problem = format!("there is no such field; there are {}", fields.join(", "));
            self.error(start, problem)
        })?;
        self.at += 1;
        let first = self.at;
        let test = self.test(field)?;
        let end = self.words.get(self.at.wrapping_sub(1)).map_or(start, |(_, _, end)| *end);
        let normal = normal(&name, &self.words[first..self.at]);
        self.parts.push(Part { text: self.text[start..end].to_owned(), normal, test });
        Ok(FilterNode::Part(self.parts.len() - 1))
    }

    fn test(&mut self, field: FilterField) -> Result<Test, FilterError> {
        let at = self.place();
        let negated = self.is_next("not") && self.is_set_after();
        if negated {
            self.at += 1;
        }
        if self.take("in") {
            let values = self.list()?;
            let test = Test::of_set(field, &values, negated);
            return test.map_err(|problem| self.error(at, problem));
        }
        let operator = match self.peek() {
            Some((FilterWord::Operator(name), ..)) if !["and", "or", "not"].contains(name) => *name,
            // A field that is true or false stands for itself.
            _ if field == FilterField::Adult => return Ok(Test::Adult(true)),
            _ => {
                return Err(
                    self.error(at, "an operator is missing: == != < <= > >= =~ !~ in".into())
                );
            }
        };
        self.at += 1;
        let value = match operator {
            "=~" | "!~" => self.pattern()?,
            _ => self.value()?,
        };
        let test = Test::of(field, operator, &value);
        test.map_err(|problem| self.error(at, problem))
    }

    /// Whether `not` is followed by `in`.
    fn is_set_after(&self) -> bool {
        matches!(self.words.get(self.at + 1), Some((FilterWord::Bare(word), ..)) if word.eq_ignore_ascii_case("in"))
    }

    fn list(&mut self) -> Result<Vec<String>, FilterError> {
        self.expect(&FilterWord::Open, "a (")?;
        let mut values = vec![self.value()?];
        while matches!(self.peek(), Some((FilterWord::Comma, ..))) {
            self.at += 1;
            values.push(self.value()?);
        }
        self.expect(&FilterWord::Close, "a )")?;
        Ok(values)
    }

    /// A text; in quotation marks two backslashes stand for one.
    fn value(&mut self) -> Result<String, FilterError> {
        let value = self.peek().and_then(|(word, ..)| text_of(word));
        let value = value.ok_or_else(|| self.no_value())?;
        self.at += 1;
        Ok(value)
    }

    /// A text whose backslashes a pattern reads.
    fn pattern(&mut self) -> Result<String, FilterError> {
        let value = match self.peek() {
            Some((FilterWord::Bare(value) | FilterWord::Quoted(value), ..)) => value.clone(),
            _ => return Err(self.no_value()),
        };
        self.at += 1;
        Ok(value)
    }

    fn no_value(&self) -> FilterError {
        self.error(self.place(), "a value is missing".to_owned())
    }
}

/// A value as a text.
fn text_of(word: &FilterWord) -> Option<String> {
    match word {
        FilterWord::Bare(text) => Some(text.clone()),
        FilterWord::Quoted(text) => Some(text.replace(r"\\", r"\")),
        _ => None,
    }
}

/// A text in quotation marks.
fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A pattern in quotation marks: its backslashes stay, and a quotation mark has one.
fn pattern_in_quotes(pattern: &str) -> String {
    let (mut text, mut letters) = (String::from("\""), pattern.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => {
                text.push('\\');
                text.extend(letters.next());
            }
            _ => text.push(letter),
        }
    }
    text + "\""
}

/// A comparison's text, the same for all spellings: a field's name and the words behind it. Letter case counts
/// in patterns alone.
fn normal(field: &str, words: &[PlacedWord]) -> String {
    let is_pattern = matches!(words.first(), Some((FilterWord::Operator("=~" | "!~"), ..)));
    let mut normal = field.to_lowercase();
    let mut is_value = false;
    for (word, ..) in words {
        let (text, is_next_value) = match word {
            FilterWord::Operator(name) => ((*name).to_owned(), true),
            FilterWord::Open => ("(".to_owned(), true),
            FilterWord::Comma => (",".to_owned(), true),
            FilterWord::Close => (")".to_owned(), false),
            FilterWord::Bare(text) | FilterWord::Quoted(text) if is_pattern => {
                (pattern_in_quotes(text), false)
            }
            FilterWord::Bare(_) | FilterWord::Quoted(_) if is_value => {
                let text = text_of(word).unwrap_or_default();
                (in_quotes(&fold_key(text.trim())), false)
            }
            FilterWord::Bare(text) | FilterWord::Quoted(text) => (text.to_lowercase(), false),
        };
        is_value = is_next_value;
        normal = format!("{normal} {text}");
    }
    normal
}
