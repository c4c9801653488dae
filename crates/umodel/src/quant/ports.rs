//! What comes into a quantized net and what goes out of it, and how that is stored.

use std::collections::HashSet;

use super::edit::{Names, QuantizedSpec, needed, renaming};
use super::{Arithmetic, BlobFormat, DType, QuantizedNet};
use crate::builder::LayerSpec;
use crate::error::Error;
use crate::layers::{Dequantize, LayerOp, Quantize};
use crate::nearest;

impl QuantizedNet {
    /// The same net with these blobs as its outputs, in this order, also those that a layer reads. Layers that none of
    /// them depends on are removed. Of a layer with several tops all tops stay: those that nothing reads are outputs, too.
    ///
    /// A net's outputs are the blobs that no layer reads. One that is read inside is written under another name,
    /// `NAME_inside`, and a Split at the end of the net gives it its own name again; it costs nothing on the chip.
    ///
    /// ```text
    /// conv ─► relu ─► ip           conv_inside ─┬─► relu ─► ip
    ///                          ⇒                └─► Split ─► conv
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownBlob`] for a name that no blob has, with the nearest ones.
    pub fn with_outputs(&self, names: &[&str]) -> Result<Self, Error> {
        let mut wanted: Vec<String> = Vec::new();
        for &name in names {
            self.known(name, self.net.blobs().iter().map(|blob| blob.name.as_str()))?;
            if !wanted.iter().any(|other| other == name) {
                wanted.push(name.to_owned());
            }
        }
        let mut specs = needed(self.specs(), &wanted.iter().cloned().collect());
        let read: HashSet<&str> =
            specs.iter().flat_map(|spec| &spec.spec.bottoms).map(String::as_str).collect();
        // Those at the front that are outputs anyway, and in the order of the net, need no Split.
        let mut last = None;
        let direct = |name: &&String| {
            let place = self.net.blob_id(name);
            let in_order = last.replace(place).is_none_or(|last| last < place);
            in_order && !read.contains(name.as_str())
        };
        let direct = wanted.iter().take_while(direct).count();
        expose(&mut specs, wanted.get(direct..).unwrap_or_default());
        QuantizedNet::from_specs(self.net.name(), specs)
    }

    /// The same net with these inputs in fp32: a Quantize layer does what the caller did before. Inputs that are fp32
    /// already stay.
    ///
    /// # Errors
    /// [`Error::UnknownInput`] for a name that is no input, with the nearest ones.
    pub fn with_float_inputs(&self, names: &[&str]) -> Result<Self, Error> {
        let inputs = self.net.inputs();
        let known: Vec<&str> = inputs.iter().map(|&id| self.net.blob(id).name.as_str()).collect();
        if let Some(&name) = names.iter().find(|name| !known.contains(name)) {
            let nearest = nearest(name, known);
            return Err(Error::UnknownInput { name: name.to_owned(), nearest });
        }
        let specs = self.specs();
        let mut taken = Names::of(&specs);
        let mut all = Vec::with_capacity(specs.len() + names.len());
        let mut renamed: Vec<(String, String)> = Vec::new();
        for mut spec in specs {
            for bottom in &mut spec.spec.bottoms {
                if let Some((_, twin)) = renamed.iter().find(|(name, _)| name == bottom) {
                    bottom.clone_from(twin);
                }
            }
            let mut casts = Vec::new();
            if let LayerOp::Input(input) = &mut spec.spec.op {
                for (index, (top, format)) in
                    spec.spec.tops.iter().zip(&mut spec.formats).enumerate()
                {
                    if format.dtype == DType::F32 || !names.contains(&top.as_str()) {
                        continue;
                    }
                    let twin = taken.blob(&format!("{top}_int8"));
                    casts.push(QuantizedSpec {
                        spec: LayerSpec::new(
                            &taken.layer(&format!("{top}_int8")),
                            Quantize,
                            &[top],
                            &[&twin],
                        ),
                        arithmetic: Arithmetic::Cast,
                        formats: vec![std::mem::replace(format, BlobFormat::F32)],
                    });
                    renamed.push((top.clone(), twin));
                    if index == 0 {
                        input.int8_scale = None;
                    }
                }
            }
            all.push(spec);
            all.extend(casts);
        }
        QuantizedNet::from_specs(self.net.name(), all)
    }

    /// The same net with these outputs in fp32: a Dequantize layer does what the caller did afterwards. Outputs that
    /// are fp32 already stay.
    ///
    /// # Errors
    /// [`Error::UnknownBlob`] for a name that is no output, with the nearest ones.
    pub fn with_float_outputs(&self, names: &[&str]) -> Result<Self, Error> {
        let outputs = self.net.outputs();
        let known: Vec<&str> = outputs.iter().map(|&id| self.net.blob(id).name.as_str()).collect();
        for &name in names {
            self.known(name, known.iter().copied())?;
        }
        let mut specs = self.specs();
        let mut taken = Names::of(&specs);
        let mut casts = Vec::new();
        let inputs: Vec<&str> =
            self.net.inputs().iter().map(|&id| self.net.blob(id).name.as_str()).collect();
        // All outputs stand behind each other at the end, so that their order stays.
        for name in known {
            // An input that nothing reads keeps its name.
            if inputs.contains(&name) {
                continue;
            }
            let Some((top, format)) = top_mut(&mut specs, name) else { continue };
            let cast = format.dtype != DType::F32 && names.contains(&name);
            if !cast && casts.is_empty() {
                continue;
            }
            let twin = taken.blob(&format!("{name}_{}", if cast { "int8" } else { "inside" }));
            twin.clone_into(top);
            let layer = taken.layer(&format!("{name}_{}", if cast { "fp32" } else { "output" }));
            casts.push(if cast {
                QuantizedSpec {
                    spec: LayerSpec::new(&layer, Dequantize, &[&twin], &[name]),
                    arithmetic: Arithmetic::Cast,
                    formats: vec![BlobFormat::F32],
                }
            } else {
                renaming(&layer, &twin, name, format)
            });
        }
        specs.extend(casts);
        QuantizedNet::from_specs(self.net.name(), specs)
    }

    fn known<'a>(&self, name: &str, all: impl Iterator<Item = &'a str>) -> Result<(), Error> {
        let all: Vec<&str> = all.collect();
        if all.contains(&name) {
            return Ok(());
        }
        Err(Error::UnknownBlob { name: name.to_owned(), nearest: nearest(name, all) })
    }
}

/// Makes blobs that are read inside outputs of their own names.
pub(super) fn expose(specs: &mut Vec<QuantizedSpec>, names: &[String]) {
    let mut taken = Names::of(specs);
    let mut splits = Vec::new();
    for name in names {
        let inside = taken.blob(&format!("{name}_inside"));
        for spec in specs.iter_mut() {
            let spec = &mut spec.spec;
            for blob in spec.bottoms.iter_mut().chain(&mut spec.tops) {
                if blob == name {
                    inside.clone_into(blob);
                }
            }
        }
        let Some((_, format)) = top_mut(specs, &inside) else { continue };
        let layer = taken.layer(&format!("{name}_output"));
        splits.push(renaming(&layer, &inside, name, format));
    }
    specs.extend(splits);
}

/// The name of this top for a change, and its format.
fn top_mut<'a>(specs: &'a mut [QuantizedSpec], name: &str) -> Option<(&'a mut String, BlobFormat)> {
    specs.iter_mut().find_map(|spec| {
        let mut tops = spec.spec.tops.iter_mut().zip(&spec.formats);
        tops.find(|(top, _)| *top == name).map(|(top, &format)| (top, format))
    })
}
