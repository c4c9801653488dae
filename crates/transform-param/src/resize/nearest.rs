//! INTER_NEAREST.

use super::Planes;

pub(super) fn resize<T: Copy>(planes: &Planes, source: &[T], out: &mut [T]) {
    let scale = planes.scale();
    let indices = |side: usize| -> Vec<usize> {
        let last = planes.from[side] - 1;
        (0..planes.to[side])
            .map(|position| ((position as f64 * scale[side]) as usize).min(last))
            .collect()
    };
    let (rows, columns) = (indices(0), indices(1));
    let width = planes.from[1];
    for (source, out) in planes.each(source, out) {
        let lines = out.chunks_exact_mut(columns.len());
        for (line, &row) in lines.zip(&rows) {
            let values = &source[row * width..][..width];
            for (out, &column) in line.iter_mut().zip(&columns) {
                *out = values[column];
            }
        }
    }
}
