//! Boxes and their names, drawn into a picture.

use quantization_tools::detection::Rect;
use quantization_tools::transform_param::{Error, Pixels};

use super::font::{HEIGHT, WIDTH, glyph};

/// B, G, R.
pub(super) type Color = [u8; 3];

/// Pictures with a shorter longest side are enlarged, so that names can be read.
const LEAST_SIDE: usize = 384;
/// How much they are enlarged at most.
const MOST_FACTOR: usize = 8;
/// Longest sides up to this have lines of one pixel and letters of 5 × 7.
const SIDE_OF_LINE: usize = 640;

/// A picture to draw into: planes of B, G, R.
pub(super) struct Canvas {
    height: usize,
    width: usize,
    data: Vec<u8>,
    /// How many pixels wide a pixel of the picture is now.
    factor: usize,
    /// Pixels of a line, and of a letter's pixel.
    line: usize,
}

impl Canvas {
    /// A picture of one channel or of B, G, R. A small one is enlarged by a whole number.
    pub(super) fn new(picture: &Pixels<u8>) -> Self {
        let [channels, h, w] = picture.shape();
        let longest = h.max(w).max(1);
        let factor = LEAST_SIDE.div_ceil(longest).min(MOST_FACTOR);
        let (height, width) = (h * factor, w * factor);
        let mut data = Vec::with_capacity(3 * height * width);
        for channel in 0..3 {
            let start = if channels == 3 { channel * h * w } else { 0 };
            for row in picture.data()[start..start + h * w].chunks_exact(w.max(1)) {
                for _ in 0..factor {
                    data.extend(row.iter().flat_map(|&value| std::iter::repeat_n(value, factor)));
                }
            }
        }
        let line = (longest * factor / SIDE_OF_LINE).max(1);
        Canvas { height, width, data, factor, line }
    }

    /// The picture as it is now.
    pub(super) fn into_pixels(self) -> Result<Pixels<u8>, Error> {
        Pixels::new([3, self.height, self.width], self.data)
    }

    /// Draws the frame of a box, which lies in the picture, and its name above it; below its upper side if there is no
    /// room above.
    pub(super) fn add(&mut self, rect: &Rect, name: &str, color: Color) {
        let [x0, x1] = [rect.x0, rect.x1].map(|x| self.place(x, self.width));
        let [y0, y1] = [rect.y0, rect.y1].map(|y| self.place(y, self.height));
        let line = self.line;
        // Two lines wide, so that it is seen on any picture; at least as large as its own lines.
        let thick = 2 * line;
        let (x1, y1) = (x1.max(x0 + thick), y1.max(y0 + thick));
        self.fill([x0, y0], [x1, y0 + thick], color);
        self.fill([x0, y1 - thick], [x1, y1], color);
        self.fill([x0, y0], [x0 + thick, y1], color);
        self.fill([x1 - thick, y0], [x1, y1], color);

        let letters = name.chars().count();
        let size = [((WIDTH + 1) * letters + 1) * line, (HEIGHT + 2) * line];
        let left = x0.min(self.width.saturating_sub(size[0]));
        let top = y0.checked_sub(size[1]).unwrap_or(y0);
        self.fill([left, top], [left + size[0], top + size[1]], color);
        self.write([left + line, top + line], name, ink(color));
    }

    /// A place of the picture on the canvas.
    fn place(&self, place: f32, most: usize) -> usize {
        let place = (f64::from(place) * self.factor as f64).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the length of the side; no number becomes 0"
        )]
        let place = place.clamp(0.0, most as f64) as usize;
        place
    }

    /// Fills what lies in the picture of a rectangle from one corner up to the other.
    fn fill(&mut self, [x0, y0]: [usize; 2], [x1, y1]: [usize; 2], color: Color) {
        let (x0, x1) = (x0.min(self.width), x1.min(self.width));
        if x0 >= x1 {
            return;
        }
        let plane = self.height * self.width;
        for (channel, value) in color.into_iter().enumerate() {
            for y in y0..y1.min(self.height) {
                let row = channel * plane + y * self.width;
                self.data[row + x0..row + x1].fill(value);
            }
        }
    }

    fn write(&mut self, [x, y]: [usize; 2], text: &str, color: Color) {
        let line = self.line;
        for (index, character) in text.chars().enumerate() {
            let left = x + index * (WIDTH + 1) * line;
            if left >= self.width {
                return;
            }
            for (row, bits) in glyph(character).into_iter().enumerate() {
                for column in (0..WIDTH).filter(|column| bits >> (WIDTH - 1 - column) & 1 == 1) {
                    let corner = [left + column * line, y + row * line];
                    self.fill(corner, corner.map(|place| place + line), color);
                }
            }
        }
    }
}

/// The colour of a class: hues a golden section apart, so that neighbours differ, in two degrees of brightness.
pub(super) fn color(label: usize) -> Color {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    let hue = (label as f64 * GOLDEN).fract() * 6.0;
    let value = if label.is_multiple_of(2) { 255.0 } else { 215.0 };
    let channel = |offset: f64| {
        // A hue's share: full within 60 degrees of the channel's own, none beyond 120.
        let away = (hue - offset).abs().min(6.0 - (hue - offset).abs());
        let share = (2.0 - away).clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 255"
        )]
        let byte = (share * value) as u8;
        byte
    };
    [channel(4.0), channel(2.0), channel(0.0)]
}

/// Black or white, whichever can be read on a colour (by its luma of BT.601).
fn ink([blue, green, red]: Color) -> Color {
    let luma = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    if luma > 128_000 { [0; 3] } else { [255; 3] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas([height, width]: [usize; 2]) -> Canvas {
        Canvas::new(&Pixels::new([3, height, width], vec![9; 3 * height * width]).expect("planes"))
    }

    fn at(picture: &Pixels<u8>, x: usize, y: usize) -> Color {
        let [_, h, w] = picture.shape();
        [0, 1, 2].map(|channel| picture.data()[(channel * h + y) * w + x])
    }

    /// Exact: the frame has the box's corners, its inside stays, and the name stands above it.
    #[test]
    fn a_box_and_its_name() {
        let mut canvas = canvas([400, 500]);
        let rect = Rect::new([50.0, 60.0], [90.0, 80.0]);
        canvas.add(&rect, "A", [1, 2, 250]);
        let picture = canvas.into_pixels().expect("planes");
        assert_eq!(picture.shape(), [3, 400, 500]);
        for (x, y, inside) in [
            (50, 60, true),
            (89, 79, true),
            (51, 70, true),
            (52, 70, false),
            (90, 70, false),
            (70, 80, false),
        ] {
            assert_eq!(at(&picture, x, y), if inside { [1, 2, 250] } else { [9; 3] }, "{x} {y}");
        }
        // The letter's top is the only pixel of its first row: white on red.
        let row: Vec<Color> = (50..59).map(|x| at(&picture, x, 52)).collect();
        let (red, white) = ([1, 2, 250], [255; 3]);
        assert_eq!(row, [red, red, red, white, red, red, red, [9; 3], [9; 3]]);
        assert_eq!(at(&picture, 50, 50), [9; 3]);
    }

    /// Exact: small pictures grow, large ones have thicker lines, grey ones become coloured.
    #[test]
    fn sizes() {
        for (size, factor, line) in [
            ([96, 96], 4, 1),
            ([1, 3], 8, 1),
            ([384, 10], 1, 1),
            ([10, 6400], 1, 10),
            ([200, 100], 2, 1),
        ] {
            let canvas = canvas(size);
            assert_eq!((canvas.factor, canvas.line), (factor, line), "{size:?}");
            assert_eq!([canvas.height, canvas.width], size.map(|side| side * factor));
        }
        let grey = Canvas::new(&Pixels::new([1, 1, 2], vec![7, 8]).expect("a plane"));
        let picture = grey.into_pixels().expect("planes");
        assert_eq!((at(&picture, 7, 7), at(&picture, 8, 0)), ([7; 3], [8; 3]));
    }

    /// Exact: whatever is drawn stays in the picture.
    #[test]
    fn nothing_is_drawn_beside_the_picture() {
        let far = Rect::new([-1e30, f32::NAN], [1e30, f32::INFINITY]);
        for size in [[1, 1], [3, 700], [700, 2]] {
            let mut canvas = canvas(size);
            let before = canvas.data.len();
            for rect in [far, Rect::default(), Rect::new([1e9, 1e9], [1e9, 1e9])] {
                canvas.add(&rect, &"name é".repeat(99), [1, 2, 3]);
                canvas.add(&rect, "", [1, 2, 3]);
            }
            assert_eq!(canvas.data.len(), before);
        }
    }

    #[test]
    fn classes_next_to_each_other_have_other_colours() {
        for label in 0..200 {
            let (a, b) = (color(label), color(label + 1));
            let apart: u32 = (0..3).map(|c| u32::from(a[c].abs_diff(b[c]))).sum();
            assert!(apart > 120, "{label}: {a:?} {b:?}");
        }
        assert_eq!((color(0), ink(color(0))), ([0, 0, 255], [255; 3]));
        assert_eq!(ink([0, 255, 255]), [0; 3]);
        let _ = color(usize::MAX);
    }
}
