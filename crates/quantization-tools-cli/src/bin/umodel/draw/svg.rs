//! The text of an SVG file.

use std::fmt::Write;

use super::layered::{Drawing, Line, Size};

/// A box with lines of text. The texts have no control characters.
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    /// What is shown at the pointer and read aloud.
    pub(super) title: String,
    pub(super) fill: &'static str,
    pub(super) int8: Option<bool>,
}

/// What the file says beside the graph.
pub(super) struct Document {
    pub(super) title: String,
    pub(super) description: String,
    /// Whether the borders are explained.
    pub(super) legend: bool,
}

const MARGIN: f64 = 10.0;
const LEGEND: f64 = 30.0;
const LINE: f64 = 17.0;

impl Block {
    pub(super) fn size(&self) -> Size {
        let longest = self.lines.iter().map(|line| line.chars().map(width).sum());
        let longest: f64 = longest.fold(0.0, f64::max);
        let lines = self.lines.iter().fold(0.0, |height, _| height + LINE);
        Size { width: 24.0 + 8.0 * longest.max(1.0), height: 14.0 + lines.max(LINE) }
    }

    fn border(&self) -> &'static str {
        match self.int8 {
            None => BORDER,
            Some(true) => INT8,
            Some(false) => FP32,
        }
    }
}

const BORDER: &str = r##"stroke="#000000""##;
const INT8: &str = r##"stroke="#0b5394" stroke-width="2""##;
const FP32: &str = r##"stroke="#b45f06" stroke-dasharray="5 3""##;

/// Columns that a character takes: Chinese and Japanese ones are twice as wide.
fn width(char: char) -> f64 {
    if matches!(char, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'..) {
        2.0
    } else {
        1.0
    }
}

impl Document {
    pub(super) fn write(&self, blocks: &[Block], drawing: &Drawing) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_to(&mut out, blocks, drawing);
        out
    }

    fn write_to(&self, out: &mut String, blocks: &[Block], drawing: &Drawing) -> std::fmt::Result {
        let above = MARGIN + if self.legend { LEGEND } else { 0.0 };
        let least = if self.legend { 160.0 } else { 0.0 };
        let width = 2.0 * MARGIN + drawing.size.width.max(least);
        let height = above + MARGIN + drawing.size.height;
        let (title, description) = (escaped(&self.title), escaped(&self.description));
        writeln!(
            out,
            r##"<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1}" height="{height:.1}" viewBox="0 0 {width:.1} {height:.1}"
     role="img" aria-labelledby="title description" font-family="sans-serif" font-size="14">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<defs>
<marker id="head" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0L10 5L0 10z"/>
</marker>
</defs>
<rect class="ground" width="100%" height="100%" fill="#ffffff"/>"##
        )?;
        if self.legend {
            for (x, border, what) in [(MARGIN, INT8, "int8"), (MARGIN + 80.0, FP32, "fp32")] {
                writeln!(
                    out,
                    r##"<g class="legend"><path d="M{x} {MARGIN}h24v16h-24z" fill="none" {border}/><text x="{}" y="{}">{what}</text></g>"##,
                    x + 30.0,
                    MARGIN + 13.0
                )?;
            }
        }
        writeln!(out, r##"<g transform="translate({MARGIN} {above})">"##)?;
        writeln!(out, r##"<g fill="none" stroke="#000000">"##)?;
        for line in &drawing.lines {
            write_line(out, line)?;
        }
        writeln!(out, "</g>")?;
        for (block, &(x, y)) in blocks.iter().zip(&drawing.corners) {
            write_block(out, block, x, y)?;
        }
        writeln!(out, "</g>\n</svg>")
    }
}

fn write_line(out: &mut String, line: &Line) -> std::fmt::Result {
    let ((x, y), (to, end)) = (line.from, line.to);
    let middle = (y + end) / 2.0;
    write!(
        out,
        r##"<path class="{}" d="M{x:.1} {y:.1}"##,
        if line.past.is_some() { "lane" } else { "edge" }
    )?;
    if x == to {
        write!(out, "V{end:.1}")?;
    } else {
        write!(out, "C{x:.1} {middle:.1} {to:.1} {middle:.1} {to:.1} {end:.1}")?;
    }
    match line.past {
        Some(past) => writeln!(out, r##"V{past:.1}"/>"##),
        None => writeln!(out, r##"" marker-end="url(#head)"/>"##),
    }
}

fn write_block(out: &mut String, block: &Block, x: f64, y: f64) -> std::fmt::Result {
    let Size { width, height } = block.size();
    let border = block.border();
    let fill = block.fill;
    writeln!(
        out,
        r##"<g class="layer"><title>{}</title><rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="4" fill="{fill}" {border}/>"##,
        escaped(&block.title)
    )?;
    let middle = x + width / 2.0;
    let mut base = y + 7.0 + 13.0;
    write!(out, r##"<text text-anchor="middle">"##)?;
    for line in &block.lines {
        write!(out, r##"<tspan x="{middle:.1}" y="{base:.1}">{}</tspan>"##, escaped(line))?;
        base += LINE;
    }
    writeln!(out, "</text></g>")
}

/// For XML, in texts as well as in attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            _ => out.push(char),
        }
    }
    out
}
