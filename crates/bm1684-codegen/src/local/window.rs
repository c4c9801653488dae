//! Windows over tensors in local memory.

use std::ops::Range;
use std::rc::Rc;

use umodel::BlobId;

use super::bands::{tensor as like, with_halo};
use super::build::Builder;
use super::sequence::{Action, Emit};
use super::tensor::{Rows, Tensor};
use super::words::{Part, WordOp, words};
use crate::lower::{Pool, WindowLayer};

impl<'a> Builder<'a, '_> {
    /// A window for the images of this group or for bands, and what it slides over.
    pub(super) fn slide(
        &mut self,
        window: &WindowLayer,
        bottom: BlobId,
        form: Rows,
    ) -> (WindowLayer, Tensor) {
        let bands = match form {
            Rows::Bands(rows) => {
                let sizes = [rows * window.axes[0].stride, rows];
                window.halo(sizes).map(|halo| (sizes, halo))
            }
            Rows::Images => None,
        };
        let Some((sizes, halo)) = bands else {
            let images = window.images.min(4);
            let window = window.of_images(images);
            let owner = self.facts.owner(bottom);
            let top = self.facts.owner(self.facts.net.net().layers()[self.layer].tops[0]);
            let whole = || (window.clone(), 0..window.axes[0].input);
            let rows = if self.is_sliced() { window.on_rows(&self.rows(top)) } else { None };
            let (window, needed) = rows.unwrap_or_else(whole);
            if window.gathers()
                && !self.facts.is_made_in(owner, &self.span)
                && !self.is_here(owner, Rows::Images)
            {
                let input = self.gather_images(&window, owner, needed.start);
                return (window, input);
            }
            let input = self.tensor(bottom, Rows::Images);
            let (window, input) = match self.is_sliced() {
                true => self.fit(window, input, &needed),
                false => (window, input),
            };
            return self.with_rows(window, input);
        };
        let owner = self.facts.owner(bottom);
        let known = [self.form(owner), Rows::Images, Rows::Bands(sizes[0])];
        let here = known.into_iter().any(|form| self.is_here(owner, form));
        if window.axes[0].kernel > 1 && !here && window.padding() == 0 {
            let window = window.on_bands(sizes, halo);
            let input = self.load_bands(owner, sizes[0], halo);
            return self.with_rows(window, input);
        }
        let input = self.tensor(bottom, Rows::Bands(sizes[0]));
        let window = window.on_bands(sizes, halo);
        let height = self.facts.sizes[owner][1];
        let whole = window.axes[0].kernel == 1 || 4 * sizes[0] == height;
        if whole && halo.above + halo.below == 0 {
            return (window, input);
        }
        let padding = window.padding();
        let input = with_halo(&mut self.sequence, self.layer, input, height, halo, padding);
        self.with_rows(window, input)
    }

    /// A window on some rows of a tensor, which is copied only if the window's commands have no stride from plane to plane.
    fn fit(
        &mut self,
        window: WindowLayer,
        input: Tensor,
        needed: &Range<usize>,
    ) -> (WindowLayer, Tensor) {
        let behind = needed.start..input.start + input.rows;
        let rest = input.cut(&behind);
        if rest.is_aligned() {
            return (window.on_input(rest.rows, None), rest);
        }
        if !window.by_channel() {
            return (window.on_input(rest.rows, Some(rest.plane)), rest);
        }
        let own = input.cut(needed);
        let copy = like(&mut self.sequence, &own, own.rows);
        let parts = [Part::rows(copy, 0), Part::rows(own, 0)];
        words(&mut self.sequence, self.layer, WordOp::Copy, parts, [1, own.words()]);
        (window, copy)
    }

    /// The rows that a kernel's rows meet, if they are to be channels.
    pub(super) fn with_rows(
        &mut self,
        window: WindowLayer,
        input: Tensor,
    ) -> (WindowLayer, Tensor) {
        let input = if window.gathers() { self.gather_local(&window, input) } else { input };
        (window, input)
    }

    pub(super) fn window(
        &mut self,
        window: Rc<WindowLayer>,
        pool: &Pool,
        input: Tensor,
        output: Tensor,
    ) {
        let with_bytes = self.pool.is_some() && !self.has_constants();
        for (number, piece) in window.pieces(with_bytes.then_some(pool)).into_iter().enumerate() {
            let mut uses = vec![input.storage, output.storage];
            if piece.length > 0 {
                uses.push(self.constant(number, |builder| builder.load_piece(&piece)));
            }
            let row = piece.first_row();
            let from = if window.by_channel() { input.at_row(row, 0) } else { input };
            let to = output.at_row(row, 0);
            let window = Rc::clone(&window);
            let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
                let coefficients = *buffers.get(2).unwrap_or(&buffers[0]);
                let places =
                    [buffers[0].from(from.offset), coefficients, buffers[1].from(to.offset)];
                window.run(emitter, &piece, places);
            });
            self.push(uses, Action::Compute(emit));
        }
    }
}
