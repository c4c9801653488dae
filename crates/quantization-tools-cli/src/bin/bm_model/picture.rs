//! A timeline as a picture.

use std::fmt::Write as _;

use quantization_tools::bm1684_isa::Engine;

use crate::timeline::{Item, Run, microseconds};

/// Width of the time axis, and what is left and right of it.
const WIDTH: f64 = 1600.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
/// Height of an engine's lane, and of what surrounds the two.
const LANE: f64 = 60.0;
const GAP: f64 = 8.0;
const HEAD: f64 = 36.0;
const AXIS: f64 = 30.0;
const LEGEND: f64 = 24.0;
/// What is narrower is drawn together with its neighbours.
const NARROW: f64 = 1.0;

/// Colours of kinds; all others are grey.
const COLOURS: [(&str, &str); 21] = [
    ("conv", "#4477aa"),
    ("dwconv", "#66ccee"),
    ("maxpool", "#228833"),
    ("avgpool", "#55aa66"),
    ("mm", "#332288"),
    ("mul", "#ccbb44"),
    ("mac", "#aa9922"),
    ("add", "#ee8866"),
    ("sub", "#cc6644"),
    ("max", "#aa3377"),
    ("min", "#882255"),
    ("shift", "#99ddff"),
    ("and", "#bbcc33"),
    ("or", "#aaaa00"),
    ("copy", "#dd7788"),
    ("lut", "#ee3377"),
    ("load", "#0077bb"),
    ("store", "#ee7733"),
    ("fill", "#bbbbbb"),
    ("shuffle", "#009988"),
    ("div", "#cc3311"),
];

fn colour(kind: &str) -> &'static str {
    COLOURS.iter().find(|(known, _)| *known == kind).map_or("#777777", |(_, colour)| colour)
}

/// Neighbours that are drawn as one, from and to in pixels.
struct Block {
    from: f64,
    to: f64,
    commands: usize,
    /// Cycles of each kind.
    kinds: Vec<(&'static str, u64)>,
}

impl Block {
    fn main(&self) -> &'static str {
        self.kinds.iter().max_by_key(|(_, cycles)| *cycles).map_or("", |(kind, _)| kind)
    }

    fn takes(&self, other: &Block) -> bool {
        let narrow = |block: &Block| block.to - block.from < NARROW;
        let near = other.from - self.to < NARROW / 2.0;
        near && (self.main() == other.main() || narrow(self) || narrow(other))
    }

    fn add(&mut self, other: Block) {
        self.to = self.to.max(other.to);
        self.commands += other.commands;
        for (kind, cycles) in other.kinds {
            match self.kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, sum)) => *sum = sum.saturating_add(cycles),
                None => self.kinds.push((kind, cycles)),
            }
        }
    }
}

/// The commands of one engine, with neighbours that are too narrow to be seen joined.
fn blocks(run: &Run, engine: Engine, scale: f64) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for Item { entry, kind, .. } in run.items.iter().filter(|item| item.entry.engine == engine) {
        let [from, to] = [entry.start, entry.end].map(|cycle| microseconds(cycle) * scale);
        let block = Block { from, to, commands: 1, kinds: vec![(kind, entry.cycles())] };
        match blocks.last_mut() {
            Some(last) if last.takes(&block) => last.add(block),
            _ => blocks.push(block),
        }
    }
    blocks
}

/// Two lanes for each stage, a time axis in microseconds, a legend.
pub(crate) fn draw(runs: &[Run]) -> String {
    let height = HEAD + 2.0 * (LANE + GAP) + AXIS + LEGEND;
    let all = LEFT + WIDTH + RIGHT;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"{0}\" viewBox=\"0 0 {all} {0}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        height * len(runs.len()),
    );
    for (index, run) in runs.iter().enumerate() {
        stage(&mut text, run, height * len(index));
    }
    text += "</svg>\n";
    text
}

#[expect(clippy::cast_precision_loss, reason = "few things are drawn")]
fn len(count: usize) -> f64 {
    count as f64
}

fn stage(text: &mut String, run: &Run, top: f64) {
    let whole = microseconds(run.timeline.cycles().max(1));
    let scale = WIDTH / whole;
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "<text x=\"{LEFT}\" y=\"{}\" font-size=\"14\">{}: {} cycles, {:.3} ms, TIU busy {:.1} %, GDMA busy {:.1} %</text>",
        top + 22.0,
        escaped(&run.name),
        run.timeline.cycles(),
        run.timeline.milliseconds(),
        run.timeline.share(Engine::Tiu) * 100.0,
        run.timeline.share(Engine::Gdma) * 100.0,
    );
    let mut y = top + HEAD;
    for engine in [Engine::Tiu, Engine::Gdma] {
        let _ = writeln!(text, "<text x=\"8\" y=\"{}\">{engine}</text>", y + LANE / 2.0 + 4.0);
        let _ = writeln!(
            text,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{LANE}\" fill=\"#f2f2f2\"/>"
        );
        for block in blocks(run, engine, scale) {
            let _ = writeln!(
                text,
                "<rect x=\"{:.2}\" y=\"{y}\" width=\"{:.2}\" height=\"{LANE}\" fill=\"{}\"><title>{}</title></rect>",
                LEFT + block.from,
                (block.to - block.from).max(0.1),
                colour(block.main()),
                title(&block, scale),
            );
        }
        y += LANE + GAP;
    }
    axis(text, whole, scale, y);
    legend(text, run, y + AXIS);
}

/// What a block is, for those who point at it.
fn title(block: &Block, scale: f64) -> String {
    let mut kinds: Vec<&str> = block.kinds.iter().map(|(kind, _)| *kind).collect();
    kinds.sort_unstable();
    let [from, to] = [block.from, block.to].map(|pixel| pixel / scale);
    format!("{}: {from:.2} to {to:.2} µs, {} commands", kinds.join(", "), block.commands)
}

fn axis(text: &mut String, whole: f64, scale: f64, y: f64) {
    let step = step(whole);
    let mut tick = 0.0;
    while tick <= whole {
        let x = LEFT + tick * scale;
        let _ = writeln!(
            text,
            "<line x1=\"{x:.2}\" y1=\"{}\" x2=\"{x:.2}\" y2=\"{}\" stroke=\"black\"/>\
             <text x=\"{x:.2}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            y - GAP,
            y - GAP + 5.0,
            y + 10.0,
            // Steps are 1, 2 or 5 times a power of ten; smaller ones than a nanosecond do not occur.
            (tick * 1000.0).round() / 1000.0,
        );
        tick += step;
    }
    let _ = writeln!(text, "<text x=\"8\" y=\"{}\">µs</text>", y + 10.0);
}

/// 1, 2 or 5 times a power of ten, so that there are at most about twelve ticks.
fn step(whole: f64) -> f64 {
    let rough = whole / 12.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|step| *step >= rough);
    step.unwrap_or(10.0 * power)
}

fn legend(text: &mut String, run: &Run, y: f64) {
    let mut x = LEFT;
    let mut kinds: Vec<&str> = Vec::new();
    for (kind, ..) in run.kinds() {
        if kinds.contains(&kind) {
            continue;
        }
        kinds.push(kind);
        let _ = writeln!(
            text,
            "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{}\" y=\"{}\">{kind}</text>",
            colour(kind),
            x + 16.0,
            y + 11.0,
        );
        x += 28.0 + 8.0 * len(kind.len());
    }
}

fn escaped(text: &str) -> String {
    let text = quantization_tools_cli::cli::plain(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(from: f64, to: f64, kind: &'static str) -> Block {
        Block { from, to, commands: 1, kinds: vec![(kind, 10)] }
    }

    #[test]
    fn only_what_cannot_be_seen_is_joined() {
        assert!(block(0.0, 5.0, "load").takes(&block(5.2, 9.0, "load")), "neighbours of one kind");
        assert!(!block(0.0, 5.0, "load").takes(&block(5.2, 9.0, "fill")), "of two kinds");
        assert!(block(0.0, 5.0, "load").takes(&block(5.2, 5.3, "fill")), "a narrow one");
        assert!(!block(0.0, 5.0, "load").takes(&block(6.0, 7.0, "load")), "a gap");
        let mut sum = block(0.0, 0.5, "load");
        sum.add(block(0.5, 0.9, "fill"));
        sum.add(block(0.9, 1.0, "fill"));
        assert_eq!((sum.main(), sum.commands, sum.to), ("fill", 3, 1.0));
    }

    #[test]
    fn ticks_are_round() {
        for (whole, expected) in
            [(12.0, 1.0), (13.0, 2.0), (100.0, 10.0), (3000.0, 500.0), (0.05, 0.005)]
        {
            assert!((step(whole) / expected - 1.0).abs() < 1e-9, "{whole}: {}", step(whole));
        }
    }

    #[test]
    fn names_are_text() {
        assert_eq!(escaped("a<b>&\u{7}"), "a&lt;b&gt;&amp;\\u{7}");
    }
}
