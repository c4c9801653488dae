//! What is special about an operand, without numbers.

use std::fmt::{self, Display, Formatter};

/// How far it is along W from one element to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is only one element.
    None,
    /// The same element again.
    Zero,
    /// The next one.
    One,
    /// Every fourth byte of an 8-bit operand: one image of 4N words.
    Four,
    /// Anything else.
    Other,
}

impl Step {
    fn of(size: usize, stride: usize, bytes: bool) -> Step {
        match stride {
            _ if size == 1 => Step::None,
            0 => Step::Zero,
            1 => Step::One,
            4 if bytes => Step::Four,
            _ => Step::Other,
        }
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::None => "w-",
            Step::Zero => "w0",
            Step::One => "w1",
            Step::Four => "w4",
            Step::Other => "w*",
        })
    }
}

/// The strides that a command states for an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strides {
    /// Along W.
    pub w: Step,
    /// Which of N, C, H have a stride of 0, so that elements repeat.
    pub repeated: [bool; 3],
    /// An inner axis has a greater stride than an outer one, as behind a permutation.
    pub permuted: bool,
}

impl Strides {
    /// Axes with one element do not count. `rows` is given in local memory, where C runs over the lanes: the channels of
    /// one lane. Their stride counts if these are two or more, and is never out of order.
    pub(super) fn of(
        sizes: [usize; 4],
        strides: [usize; 4],
        rows: Option<usize>,
        bytes: bool,
    ) -> Strides {
        let [n, c, h, w] = sizes;
        let [n_stride, c_stride, h_stride, w_stride] = strides;
        let outer = [(n, n_stride), (rows.unwrap_or(c), c_stride), (h, h_stride)];
        let plain = if rows.is_some() { 1 } else { c };
        let order = [(n, n_stride), (plain, c_stride), (h, h_stride), (w, w_stride)];
        let counted = order.into_iter().filter(|&(size, stride)| size > 1 && stride > 0);
        Strides {
            w: Step::of(w, w_stride, bytes),
            repeated: outer.map(|(size, stride)| size > 1 && stride == 0),
            permuted: !counted
                .map(|(_, stride)| stride)
                .is_sorted_by(|outer, inner| outer >= inner),
        }
    }
}

impl Display for Strides {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.w)?;
        if self.repeated.contains(&true) {
            f.write_str(" 0")?;
            let axes = ["n", "c", "h"].iter().zip(self.repeated);
            axes.filter(|(_, zero)| *zero).try_for_each(|(axis, _)| f.write_str(axis))?;
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
    pub place: Vec<&'static str>,
    /// Strides, where they are stated and used.
    pub strides: Option<Strides>,
    /// In local memory, but not on a line of 128 bytes.
    pub loose: bool,
    /// The operation does not use it.
    pub unused: bool,
}

impl Operand {
    /// It, and the forms of which it is a special case.
    pub(super) fn wider(&self) -> Vec<Operand> {
        let mut forms = vec![self.clone()];
        if let Some(strides @ Strides { w: Step::None, .. }) = self.strides {
            forms.push(Operand {
                strides: Some(Strides { w: Step::One, ..strides }),
                ..self.clone()
            });
        }
        if !self.loose && !self.unused {
            let loose: Vec<Operand> =
                forms.iter().map(|form| Operand { loose: true, ..form.clone() }).collect();
            forms.extend(loose);
        }
        forms
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut inner: Vec<String> = self.place.iter().map(|&word| word.to_owned()).collect();
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
