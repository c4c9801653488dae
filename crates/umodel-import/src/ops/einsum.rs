//! Sums of products by letters: what numpy and ONNX call einsum, as matrix products.

use super::axes::{reshape, transpose};
use super::binary::{Binary, binary};
use super::matmul::matmul;
use super::reduce::{Reduction, reduce};
use crate::error::{NodeError, ShapeError, Unsupported};
use crate::graph::{Importer, Result, Site, Value, signed, volume};

/// Letters of the axes that `...` stands for; no equation has them.
const ELLIPSIS: char = '\u{e000}';

/// An equation: the letters of each input and of the output, all written out.
struct Equation {
    inputs: Vec<Vec<char>>,
    output: Vec<char>,
}

/// A value whose axes have letters.
struct Term {
    value: Value,
    letters: Vec<char>,
}

impl Equation {
    fn parse(text: &str, ranks: &[usize]) -> Result<Equation> {
        let bad = || NodeError::attribute("equation", text);
        let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let (left, right) = match plain.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (plain.as_str(), None),
        };
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != ranks.len() {
            return Err(bad());
        }
        // The axes of the ellipsis are counted from the last one.
        let mut most = 0;
        let mut inputs = Vec::with_capacity(terms.len());
        for (term, &rank) in terms.iter().zip(ranks) {
            let named = term.replacen("...", "", 1);
            let letters = named.chars().count();
            let dots = match term.contains("...") {
                true => rank.checked_sub(letters).ok_or_else(bad)?,
                false if letters == rank => 0,
                false => return Err(bad()),
            };
            most = dots.max(most);
            inputs.push(written_out(term, dots).ok_or_else(bad)?);
        }
        let output = match right {
            Some(right) => written_out(right, most).ok_or_else(bad)?,
            None => {
                // The ellipsis, then all letters that are there once, in alphabetical order.
                let all: Vec<char> = inputs.concat();
                let once = |letter: &&char| all.iter().filter(|other| other == letter).count() == 1;
                let named = all.iter().filter(|letter| letter.is_ascii_alphabetic());
                let mut named: Vec<char> = named.filter(once).copied().collect();
                named.sort_unstable();
                [ellipsis(most), named].concat()
            }
        };
        let twice = |letters: &[char]| {
            (1..letters.len()).any(|at| letters[at..].contains(&letters[at - 1]))
        };
        if inputs.iter().any(|letters| twice(letters)) || twice(&output) {
            return Err(Unsupported::Diagonal.into());
        }
        if !output.iter().all(|letter| inputs.iter().any(|input| input.contains(letter))) {
            return Err(bad());
        }
        Ok(Equation { inputs, output })
    }
}

/// Letters for the last so many axes of the ellipsis.
fn ellipsis(axes: usize) -> Vec<char> {
    let letter = |back: usize| char::from_u32(u32::from(ELLIPSIS) + u32::try_from(back).ok()?);
    (0..axes).rev().filter_map(letter).collect()
}

fn written_out(term: &str, dots: usize) -> Option<Vec<char>> {
    let named = |part: &str| -> Option<Vec<char>> {
        part.chars().map(|letter| letter.is_ascii_alphabetic().then_some(letter)).collect()
    };
    match term.split_once("...") {
        Some((front, back)) => Some([named(front)?, ellipsis(dots), named(back)?].concat()),
        None => named(term),
    }
}

/// Computes an equation. More than two inputs are joined one after the other.
pub(crate) fn einsum(
    importer: &mut Importer,
    site: &Site,
    equation: &str,
    values: &[Value],
) -> Result<Value> {
    let ranks: Vec<usize> = values.iter().map(|value| value.shape().len()).collect();
    let Equation { inputs, output } = Equation::parse(equation, &ranks)?;
    let mut terms: Vec<Term> = values
        .iter()
        .zip(inputs)
        .map(|(value, letters)| Term { value: value.clone(), letters })
        .collect();
    terms.reverse();
    let mut result = terms.pop().ok_or(NodeError::MissingInput { index: 0 })?;
    let mut step = 0;
    while let Some(next) = terms.pop() {
        let later = |letter: &char| {
            output.contains(letter) || terms.iter().any(|term| term.letters.contains(letter))
        };
        let at = site.sub(&format!("product{step}"));
        result = product(importer, &at, &result, &next, &later)?;
        step += 1;
    }
    let result = summed(importer, &site.sub("sum"), &result, &|letter| output.contains(letter))?;
    let order: Vec<usize> = output
        .iter()
        .filter_map(|letter| result.letters.iter().position(|other| other == letter))
        .collect();
    transpose(importer, site, &result.value, &order)
}

/// The term summed over the axes whose letters are not wanted.
fn summed(
    importer: &mut Importer,
    site: &Site,
    term: &Term,
    wanted: &dyn Fn(&char) -> bool,
) -> Result<Term> {
    let gone: Vec<i64> =
        (0..term.letters.len()).filter(|&axis| !wanted(&term.letters[axis])).map(signed).collect();
    if gone.is_empty() {
        return Ok(Term { value: term.value.clone(), letters: term.letters.clone() });
    }
    let value = reduce(importer, site, Reduction::Sum, &term.value, &gone, false)?;
    let letters = term.letters.iter().copied().filter(wanted).collect();
    Ok(Term { value, letters })
}

/// Two terms as one, summed over the letters that nobody wants later.
fn product(
    importer: &mut Importer,
    site: &Site,
    a: &Term,
    b: &Term,
    later: &dyn Fn(&char) -> bool,
) -> Result<Term> {
    // What only one of them has, and nobody wants, is summed at once.
    let a =
        summed(importer, &site.sub("a"), a, &|letter| later(letter) || b.letters.contains(letter))?;
    let b =
        summed(importer, &site.sub("b"), b, &|letter| later(letter) || a.letters.contains(letter))?;
    let size = |term: &Term, letter: &char| -> usize {
        let at = term.letters.iter().position(|other| other == letter);
        at.and_then(|at| term.value.shape().get(at).copied()).unwrap_or(1)
    };
    let both: Vec<char> =
        a.letters.iter().copied().filter(|letter| b.letters.contains(letter)).collect();
    let (batch, joined): (Vec<char>, Vec<char>) = both.iter().copied().partition(|l| later(l));
    let alone = |term: &Term| -> Vec<char> {
        term.letters.iter().copied().filter(|letter| !both.contains(letter)).collect()
    };
    let (rows, columns) = (alone(&a), alone(&b));
    for letter in &both {
        let (x, y) = (size(&a, letter), size(&b, letter));
        let repeated = batch.contains(letter) && (x == 1 || y == 1);
        if x != y && !repeated {
            let (a, b) = (a.value.shape().to_vec(), b.value.shape().to_vec());
            return Err(ShapeError::Product { a, b }.into());
        }
    }
    let turned = |importer: &mut Importer, term: &Term, part: &str, parts: &[&[char]]| {
        let letters = parts.concat();
        let order: Vec<usize> = letters
            .iter()
            .filter_map(|letter| term.letters.iter().position(|other| other == letter))
            .collect();
        transpose(importer, &site.sub(part), &term.value, &order)
    };
    let sizes = |term: &Term, letters: &[char]| -> Vec<usize> {
        letters.iter().map(|letter| size(term, letter)).collect()
    };
    let letters = [batch.clone(), rows.clone(), columns.clone()].concat();
    let x = turned(importer, &a, "a/turned", &[&batch, &rows, &joined])?;
    if joined.is_empty() {
        // Nothing is summed: a product of values.
        let y = turned(importer, &b, "b/turned", &[&batch, &columns])?;
        let wide = [sizes(&a, &batch), sizes(&a, &rows), vec![1; columns.len()]].concat();
        let x = reshape(&site.sub("a/wide"), &x, &wide)?;
        let wide = [sizes(&b, &batch), vec![1; rows.len()], sizes(&b, &columns)].concat();
        let y = reshape(&site.sub("b/wide"), &y, &wide)?;
        let value = binary(importer, site, Binary::Mul, &x, &y)?;
        return Ok(Term { value, letters });
    }
    let y = turned(importer, &b, "b/turned", &[&batch, &joined, &columns])?;
    let depth = volume(&sizes(&a, &joined))?;
    // A constant matrix takes any number of axes in front, so that the batch stays as it is.
    let plain = batch.is_empty() && matches!(y, Value::Constant(_)) && !rows.is_empty();
    let front = sizes(&a, &rows);
    let front = if plain { front } else { vec![volume(&front)?] };
    let shape = [sizes(&a, &batch), front, vec![depth]].concat();
    let x = reshape(&site.sub("a/matrix"), &x, &shape)?;
    let wide = volume(&sizes(&b, &columns))?;
    let y = reshape(&site.sub("b/matrix"), &y, &[sizes(&b, &batch), vec![depth, wide]].concat())?;
    let value = matmul(importer, site, &x, &y)?;
    let batches: Vec<usize> = batch.iter().map(|l| size(&a, l).max(size(&b, l))).collect();
    let shape = [batches, sizes(&a, &rows), sizes(&b, &columns)].concat();
    let value = reshape(&site.sub("shape"), &value, &shape)?;
    Ok(Term { value, letters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations() {
        let parsed = |text: &str, ranks: &[usize]| {
            let Equation { inputs, output } = Equation::parse(text, ranks).ok()?;
            let text = |letters: &Vec<char>| -> String {
                let letter =
                    |&letter: &char| match u32::from(letter).checked_sub(u32::from(ELLIPSIS)) {
                        Some(back) => char::from_digit(back, 10).unwrap_or('?'),
                        None => letter,
                    };
                letters.iter().map(letter).collect()
            };
            Some((inputs.iter().map(text).collect::<Vec<_>>().join(","), text(&output)))
        };
        let some = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(parsed("bij, bjk -> bik", &[3, 3]), some("bij,bjk", "bik"));
        assert_eq!(parsed("ba,bc", &[2, 2]), some("ba,bc", "ac"));
        assert_eq!(parsed("...ij,...jk->...ik", &[4, 3]), some("10ij,0jk", "10ik"));
        assert_eq!(parsed("i...->...", &[3]), some("i10", "10"));
        for bad in ["ij", "ij->ijk", "i.j->i", "i1->i", "ii->i", "ij->ii", "i,j->ij"] {
            assert_eq!(
                parsed(bad, &[2]),
                if bad == "ij" { some("ij", "ij") } else { None },
                "{bad}"
            );
        }
    }
}
