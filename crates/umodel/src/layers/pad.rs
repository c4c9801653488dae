use super::{Facts, Int8Form, LayerParam, Role, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::{Axis, Movement, strides};
use crate::proto::LayerParameter;
use crate::proto::pad_parameter::PadType;

/// What stands in the new places of a [`Pad`] layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PadMode {
    /// This number.
    Constant(f32),
    /// The nearest value of the edge.
    Edge,
    /// Values mirrored at the edge, which is not repeated.
    Reflect,
    /// Values mirrored behind the edge, which is repeated.
    Symmetric,
}

/// Pads or cuts axes.
///
/// # Shapes
/// the bottom's last axes grow by their pads; negative pads cut. With [`PadMode::Reflect`] a pad must be
/// smaller than its axis, with [`PadMode::Symmetric`] at most as large.
///
/// # Source
/// Caffe forks for PyTorch models, PadLayer: height and width, the modes CONSTANT, REPLICATE and REFLECT.
#[derive(Clone, Debug, PartialEq)]
pub struct Pad {
    /// For each of the bottom's last axes how much is added before and after: `[[above, below], [left,
    /// right]]`, or more axes from the first of them on.
    pub pads: Vec<[i32; 2]>,
    /// What stands there.
    pub mode: PadMode,
}

impl PadMode {
    /// Where the value comes from that padding puts at a place relative to the axis's begin.
    fn source(self, place: isize, size: isize) -> Option<usize> {
        let last = size - 1;
        let place = match self {
            _ if (0..size).contains(&place) => place,
            PadMode::Constant(_) => return None,
            PadMode::Edge => place.clamp(0, last),
            PadMode::Reflect if place < 0 => -place,
            PadMode::Reflect => 2 * last - place,
            PadMode::Symmetric if place < 0 => -place - 1,
            PadMode::Symmetric => 2 * last + 1 - place,
        };
        usize::try_from(place).ok()
    }
}

impl Pad {
    /// The pads of all axes of a bottom with so many.
    ///
    /// # Errors
    /// If the bottom has fewer axes than there are pads.
    pub fn all(&self, bottom: &[usize]) -> Result<Vec<[i32; 2]>, LayerError> {
        let free = bottom.len().checked_sub(self.pads.len());
        let free = free.ok_or_else(|| LayerError::AxisCount {
            expected: self.pads.len(),
            found: bottom.to_vec(),
        })?;
        Ok(std::iter::repeat_n([0, 0], free).chain(self.pads.iter().copied()).collect())
    }
}

impl LayerParam for Pad {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.pad_param;
        let mode = match p.pad_type() {
            PadType::CONSTANT => PadMode::Constant(p.pad_value()),
            PadType::REPLICATE => PadMode::Edge,
            PadType::REFLECT => PadMode::Reflect,
            PadType::SYMMETRIC => PadMode::Symmetric,
        };
        let (before, after) = (&p.pad_before, &p.pad_after);
        let plain = [[p.pad_u(), p.pad_d()], [p.pad_l(), p.pad_r()]];
        let pads = if before.is_empty() && after.is_empty() {
            plain.to_vec()
        } else if before.len() == after.len() && plain == [[0; 2]; 2] {
            before.iter().zip(after).map(|(&before, &after)| [before, after]).collect()
        } else {
            let value = format_args!("{before:?}, {after:?}");
            return Err(LayerError::bad("pad_param.pad_before", value, ValueError::PadForms));
        };
        Ok(Pad { pads, mode })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.pad_param.mut_or_insert_default();
        p.clear_pad_value();
        p.pad_type = None;
        match self.mode {
            PadMode::Constant(value) => p.pad_value = (value != 0.0).then_some(value),
            PadMode::Edge => p.set_pad_type(PadType::REPLICATE),
            PadMode::Reflect => p.set_pad_type(PadType::REFLECT),
            PadMode::Symmetric => p.set_pad_type(PadType::SYMMETRIC),
        }
        (p.pad_u, p.pad_d, p.pad_l, p.pad_r) = (None, None, None, None);
        (p.pad_before, p.pad_after) = (Vec::new(), Vec::new());
        if let [[u, d], [l, r]] = *self.pads {
            let set = |pad: i32| (pad != 0).then_some(pad);
            (p.pad_u, p.pad_d, p.pad_l, p.pad_r) = (set(u), set(d), set(l), set(r));
        } else {
            p.pad_before = self.pads.iter().map(|pad| pad[0]).collect();
            p.pad_after = self.pads.iter().map(|pad| pad[1]).collect();
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        // Without any, the message would mean height and width.
        match self.pads.as_slice() {
            [] => Err(LayerError::MissingField { field: "pad_param.pad_before" }),
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.mode {
            PadMode::Constant(value) if value != 0.0 => Int8Form::Float,
            PadMode::Constant(_) | PadMode::Edge | PadMode::Reflect | PadMode::Symmetric => {
                Int8Form::Same
            }
        };
        Facts { role: Role::Computes, int8 }
    }

    fn movement(
        &self,
        bottom: &[usize],
        tops: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let Some(top) = tops.first() else { return Ok(None) };
        let axes = bottom.iter().zip(strides(bottom)).zip(self.all(bottom)?).zip(*top);
        let axes = axes.map(|(((&size, stride), [before, _]), &count)| {
            let before = isize::try_from(before).unwrap_or(0);
            let place = |index: usize| {
                let place = index.cast_signed() - before;
                self.mode.source(place, size.cast_signed()).map(|place| place * stride)
            };
            Axis::of((0..count).map(place))
        });
        let fill = match self.mode {
            PadMode::Constant(value) => value,
            PadMode::Edge | PadMode::Reflect | PadMode::Symmetric => 0.0,
        };
        Ok(Some(Movement::new(axes.collect()).filled(fill)))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let sizes = bottom.iter().zip(self.all(bottom)?).map(|(&length, [before, after])| {
            let bad =
                |reason| LayerError::bad("pad_param", format_args!("{before}, {after}"), reason);
            let pads = [before, after].map(i64::from);
            let old = i64::try_from(length).map_err(|_| bad(ValueError::TooLarge))?;
            let most = match self.mode {
                PadMode::Constant(_) => i64::MAX,
                PadMode::Edge if length > 0 => i64::MAX,
                PadMode::Edge => 0,
                PadMode::Reflect => (old - 1).max(0),
                PadMode::Symmetric => old,
            };
            if pads.iter().any(|&pad| pad > most) {
                return Err(bad(ValueError::Mirrored { length, most }));
            }
            // What is cut on one side must not be made of what is mirrored there from the other.
            let cut: i64 = pads.iter().map(|&pad| pad.min(0)).sum();
            let new = old.saturating_add(pads[0]).saturating_add(pads[1]);
            usize::try_from(new)
                .ok()
                .filter(|&new| new > 0 && old + cut > 0)
                .ok_or_else(|| bad(ValueError::NothingLeft(length)))
        });
        one_top(tops, sizes.collect::<Result<_, _>>()?)
    }
}
