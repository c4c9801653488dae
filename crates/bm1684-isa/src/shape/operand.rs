//! What is special about an operand, without numbers.

use std::fmt::{self, Display, Formatter};

/// How far it is along an axis from one element to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is only one element, or the layout leaves it open.
    None,
    /// The same element again.
    Zero,
    /// The next one; only told apart along W.
    One,
    /// Every fourth byte of an 8-bit operand, one image of 4N words; only told apart along W.
    Four,
    /// Anything else.
    Other,
}

impl Step {
    fn along_w(size: usize, stride: usize, bytes: bool) -> Step {
        match stride {
            1 if size > 1 => Step::One,
            4 if size > 1 && bytes => Step::Four,
            _ => Step::along(size, stride),
        }
    }

    fn along(size: usize, stride: usize) -> Step {
        match (size, stride) {
            (..=1, _) => Step::None,
            (_, 0) => Step::Zero,
            _ => Step::Other,
        }
    }

    /// One element is a special case of several, whatever lies between them.
    fn includes(self, narrower: Step) -> bool {
        self == narrower || narrower == Step::None
    }

    const ALONG_W: [(Step, &str); 5] = [
        (Step::None, "w-"),
        (Step::Zero, "w0"),
        (Step::One, "w1"),
        (Step::Four, "w4"),
        (Step::Other, "w*"),
    ];
}

/// The strides that a command states for an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strides {
    /// Along W.
    pub w: Step,
    /// Along N, C, H.
    pub outer: [Step; 3],
    /// An inner axis has a greater stride than an outer one, as behind a permutation.
    pub permuted: bool,
}

impl Strides {
    /// `rows` is given in local memory, where C runs over the lanes: the channels of one lane. Their stride counts if
    /// these are two or more, and is never out of order.
    pub(super) fn of(
        sizes: [usize; 4],
        strides: [usize; 4],
        rows: Option<usize>,
        bytes: bool,
    ) -> Strides {
        let [n, c, h, w] = sizes;
        let [n_stride, c_stride, h_stride, w_stride] = strides;
        let plain = if rows.is_some() { 1 } else { c };
        let order = [(n, n_stride), (plain, c_stride), (h, h_stride), (w, w_stride)];
        let counted = order.into_iter().filter(|&(size, stride)| size > 1 && stride > 0);
        Strides {
            w: Step::along_w(w, w_stride, bytes),
            outer: [(n, n_stride), (rows.unwrap_or(c), c_stride), (h, h_stride)]
                .map(|(size, stride)| Step::along(size, stride)),
            permuted: !counted
                .map(|(_, stride)| stride)
                .is_sorted_by(|outer, inner| outer >= inner),
        }
    }

    /// Of a convolution's weights, by what lies side by side: the kernel's columns, or words of input channels.
    pub(super) fn of_weights(words: usize, kernel: usize, word_stride: usize) -> Strides {
        let w = match word_stride {
            _ if words == 1 || kernel == 1 => Step::None,
            1 => Step::Other,
            _ => Step::One,
        };
        Strides { w, outer: [Step::None; 3], permuted: false }
    }

    fn includes(&self, narrower: &Strides) -> bool {
        let outer = self.outer.iter().zip(narrower.outer);
        self.w.includes(narrower.w)
            && outer.into_iter().all(|(step, narrower)| {
                (*step == Step::Zero) == (narrower == Step::Zero) || narrower == Step::None
            })
            && (self.permuted || !narrower.permuted)
    }
}

impl Display for Strides {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let w = Step::ALONG_W.iter().find(|(step, _)| *step == self.w);
        f.write_str(w.map_or("", |(_, text)| text))?;
        if self.outer.contains(&Step::Zero) {
            f.write_str(" 0")?;
            let axes = ["n", "c", "h"].iter().zip(self.outer);
            axes.filter(|(_, step)| *step == Step::Zero)
                .try_for_each(|(axis, _)| f.write_str(axis))?;
        }
        if self.permuted {
            f.write_str(" permuted")?;
        }
        Ok(())
    }
}

/// A result, an operand, or a side of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The element type.
    pub kind: String,
    /// The memory or the code of the layout, and what else is special.
    pub place: Vec<String>,
    /// Strides, where they are stated and used.
    pub strides: Option<Strides>,
    /// In local memory, but not on a line of 128 bytes.
    pub loose: bool,
    /// The operation does not use it.
    pub unused: bool,
}

impl Operand {
    pub(super) fn new(kind: &str, place: &[&str]) -> Operand {
        let place = place.iter().map(|&word| word.to_owned()).collect();
        Operand { kind: kind.to_owned(), place, strides: None, loose: false, unused: false }
    }

    /// Whether another operand is equal or a special case.
    pub(super) fn includes(&self, narrower: &Operand) -> bool {
        let strides = match (&self.strides, &narrower.strides) {
            (Some(wide), Some(narrow)) => wide.includes(narrow),
            (wide, narrow) => wide == narrow,
        };
        self.kind == narrower.kind
            && self.place == narrower.place
            && self.unused == narrower.unused
            && (self.loose || !narrower.loose)
            && strides
    }

    /// From its text. Axes with one element look like those with several.
    pub(super) fn parse(text: &str) -> Option<Operand> {
        let (kind, inner, unused) = match text.strip_prefix('(') {
            Some(text) => {
                text.strip_suffix(')')?.split_once(' ').map(|(kind, inner)| (kind, inner, true))?
            }
            None => {
                text.strip_suffix(']')?.split_once('[').map(|(kind, inner)| (kind, inner, false))?
            }
        };
        let mut operand = Operand { unused, ..Operand::new(kind, &[]) };
        for word in inner.split(' ') {
            let w = Step::ALONG_W.iter().find(|(_, text)| *text == word);
            match (w, &mut operand.strides) {
                (Some(&(w, _)), strides) => {
                    *strides = Some(Strides { w, outer: [Step::Other; 3], permuted: false });
                }
                (None, Some(strides)) if word == "permuted" => strides.permuted = true,
                (None, Some(strides)) if word.starts_with('0') => {
                    let axes = ['n', 'c', 'h'];
                    strides.outer =
                        axes.map(|axis| if word.contains(axis) { Step::Zero } else { Step::Other });
                }
                (None, _) if word == "loose" => operand.loose = true,
                (None, _) => operand.place.push(word.to_owned()),
            }
        }
        Some(operand)
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut inner = self.place.clone();
        inner.extend(self.strides.map(|strides| strides.to_string()));
        inner.extend(self.loose.then(|| "loose".to_owned()));
        let inner = inner.join(" ");
        if self.unused {
            write!(f, "({} {inner})", self.kind)
        } else {
            write!(f, "{}[{inner}]", self.kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sizes: [usize; 4], strides: [usize; 4], rows: Option<usize>, bytes: bool) -> String {
        Strides::of(sizes, strides, rows, bytes).to_string()
    }

    #[test]
    fn kinds_of_strides() {
        let all = [2, 3, 4, 5];
        assert_eq!(text(all, [60, 20, 5, 1], None, false), "w1");
        assert_eq!(text(all, [600, 99, 5, 1], None, false), "w1");
        assert_eq!(text(all, [60, 0, 5, 1], None, false), "w1 0c");
        assert_eq!(text(all, [0, 20, 0, 0], None, false), "w0 0nh");
        assert_eq!(text(all, [60, 5, 15, 1], None, false), "w1 permuted");
        assert_eq!(text(all, [240, 80, 20, 4], None, true), "w4");
        assert_eq!(text(all, [240, 80, 20, 4], None, false), "w*");
        // Strides of axes with one element mean nothing.
        assert_eq!(text([1, 3, 4, 1], [0, 4, 1, 9], None, false), "w-");
        // In local memory C runs over lanes.
        assert_eq!(text(all, [32, 0, 5, 1], Some(1), false), "w1");
        assert_eq!(text([2, 70, 4, 5], [32, 0, 5, 1], Some(2), false), "w1 0c");
        assert_eq!(text([6, 48, 2, 1], [1, 12, 6, 12], Some(1), false), "w- permuted");
    }
}
