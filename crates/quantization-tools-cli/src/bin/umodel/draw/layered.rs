//! Where the boxes and lines of a layered drawing stand: a row for each step of the longest path, lines from row to
//! row, and few crossings. Every step takes time that grows with the number of boxes and lines, or their logarithm.

use std::collections::HashSet;

/// A width and a height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A point, to the right and down.
pub(super) type Point = (f64, f64);

/// A drawing: everything is between 0 and its size.
#[derive(Debug)]
pub(super) struct Drawing {
    pub(super) size: Size,
    /// The upper left corner of each box.
    pub(super) corners: Vec<Point>,
    pub(super) lines: Vec<Line>,
}

/// A line from the bottom of a box or the end of another line downwards.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) from: Point,
    pub(super) to: Point,
    /// Goes straight down to here afterwards, past the boxes of a row. None at a box.
    pub(super) past: Option<f64>,
}

/// Between boxes of a row.
const GAP: f64 = 20.0;
/// Between rows.
const ROW_GAP: f64 = 36.0;
/// What a line takes that passes a row.
const LANE: f64 = 12.0;
/// Rounds of bringing boxes into an order, and of moving them beside their neighbours.
const ROUNDS: usize = 6;
/// Lines pass so many rows at most, all together. What is beyond goes straight across boxes.
const LANES: usize = 200_000;

/// Places boxes. An edge goes from an earlier box to a later one; several from and to the same ones are one.
pub(super) fn layered(boxes: &[Size], edges: &[(usize, usize)]) -> Drawing {
    let mut known = HashSet::new();
    let edges = edges.iter().copied().filter(|&(from, to)| from < to && to < boxes.len());
    let edges: Vec<(usize, usize)> = edges.filter(|&edge| known.insert(edge)).collect();
    let mut graph = Graph::new(boxes, &edges);
    graph.order();
    graph.spread();
    graph.drawing(boxes.len())
}

/// A box, or the place where a line passes a row.
struct Vertex {
    row: usize,
    size: Size,
    /// Its middle.
    x: f64,
    /// Neighbours in the row above and in the row below.
    above: Vec<usize>,
    below: Vec<usize>,
}

struct Graph {
    /// The boxes, then the passing lines.
    vertices: Vec<Vertex>,
    /// From left to right.
    rows: Vec<Vec<usize>>,
    /// Edges that pass rows without a place there.
    across: Vec<(usize, usize)>,
}

impl Graph {
    fn new(boxes: &[Size], edges: &[(usize, usize)]) -> Self {
        let rows = rows(boxes.len(), edges);
        let vertex = |(&size, &row)| Vertex { row, size, x: 0.0, above: vec![], below: vec![] };
        let vertices: Vec<Vertex> = boxes.iter().zip(&rows).map(vertex).collect();
        let count = rows.iter().max().map_or(0, |last| last + 1);
        let mut graph = Graph { vertices, rows: vec![Vec::new(); count], across: Vec::new() };
        // All edges from a box share their way down. So each box has one lane in a row at most.
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); boxes.len()];
        for &(from, to) in edges {
            readers[from].push(to);
        }
        let mut lanes = 0;
        for (from, mut readers) in readers.into_iter().enumerate() {
            readers.sort_by_key(|&to| rows[to]);
            let mut end = from;
            for to in readers {
                let passed = (rows[to] - graph.vertices[end].row).saturating_sub(1);
                if lanes + passed > LANES {
                    graph.across.push((from, to));
                    continue;
                }
                lanes += passed;
                while graph.vertices[end].row + 1 < rows[to] {
                    let row = graph.vertices[end].row + 1;
                    let size = Size { width: LANE, height: 0.0 };
                    graph.vertices.push(Vertex { row, size, x: 0.0, above: vec![], below: vec![] });
                    let lane = graph.vertices.len() - 1;
                    graph.join(end, lane);
                    end = lane;
                }
                graph.join(end, to);
            }
        }
        for (index, vertex) in graph.vertices.iter().enumerate() {
            graph.rows[vertex.row].push(index);
        }
        graph
    }

    fn join(&mut self, above: usize, below: usize) {
        self.vertices[above].below.push(below);
        self.vertices[below].above.push(above);
    }

    /// Orders each row by the middle of the neighbours' places, from the top, from the bottom and so on.
    fn order(&mut self) {
        let mut places = vec![0.0; self.vertices.len()];
        for row in &self.rows {
            number(row, &mut places);
        }
        for round in 0..ROUNDS {
            let down = round % 2 == 1;
            let count = self.rows.len();
            for index in 0..count {
                let row = &mut self.rows[if down { index } else { count - 1 - index }];
                let vertices = &self.vertices;
                let keyed = row.iter().map(|&vertex| {
                    let v = &vertices[vertex];
                    let neighbours = if down { &v.above } else { &v.below };
                    (mean(neighbours, &places).unwrap_or(places[vertex]), vertex)
                });
                let mut keyed: Vec<(f64, usize)> = keyed.collect();
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                row.clear();
                row.extend(keyed.into_iter().map(|(_, vertex)| vertex));
                number(row, &mut places);
            }
        }
    }

    /// Moves boxes as near to the middle of their neighbours as order and gaps allow.
    fn spread(&mut self) {
        let mut x = vec![0.0; self.vertices.len()];
        for row in &self.rows {
            let wanted: Vec<f64> = vec![0.0; row.len()];
            self.place(row, &wanted, &mut x);
        }
        for round in 0..2 * ROUNDS + 1 {
            let count = self.rows.len();
            for index in 0..count {
                let down = round % 2 == 0;
                let row = &self.rows[if down { index } else { count - 1 - index }];
                let wanted = row.iter().map(|&vertex| {
                    let v = &self.vertices[vertex];
                    let (first, second) =
                        if down { (&v.above, &v.below) } else { (&v.below, &v.above) };
                    let place = mean(first, &x).or_else(|| mean(second, &x));
                    place.unwrap_or(x[vertex])
                });
                let wanted: Vec<f64> = wanted.collect();
                self.place(row, &wanted, &mut x);
            }
        }
        let lefts = self.vertices.iter().zip(&x).map(|(vertex, x)| x - vertex.size.width / 2.0);
        let left = lefts.fold(f64::INFINITY, f64::min);
        for (vertex, x) in self.vertices.iter_mut().zip(x) {
            vertex.x = x - left;
        }
    }

    /// The places of a row that keep order and gaps and have the smallest sum of squared distances from those wanted:
    /// neighbours that want to stand too near form a block, whose place is the mean of their wishes.
    fn place(&self, row: &[usize], wanted: &[f64], x: &mut [f64]) {
        /// The mean, how many, and the sum of the members' offsets is in `offsets`.
        struct Together {
            mean: f64,
            count: f64,
            end: usize,
        }
        let mut offsets = Vec::with_capacity(row.len());
        let mut offset = 0.0;
        let mut before: Option<f64> = None;
        for &vertex in row {
            let width = self.vertices[vertex].size.width;
            if let Some(before) = before {
                offset += (before + width) / 2.0 + GAP;
            }
            before = Some(width);
            offsets.push(offset);
        }
        let mut blocks: Vec<Together> = Vec::new();
        for (index, (wanted, offset)) in wanted.iter().zip(&offsets).enumerate() {
            let mut new = Together { mean: wanted - offset, count: 1.0, end: index + 1 };
            while let Some(last) = blocks.pop_if(|last| last.mean >= new.mean) {
                let count = last.count + new.count;
                new.mean = (last.mean * last.count + new.mean * new.count) / count;
                new.count = count;
            }
            blocks.push(new);
        }
        let mut start = 0;
        for block in blocks {
            for index in start..block.end {
                x[row[index]] = block.mean + offsets[index];
            }
            start = block.end;
        }
    }

    fn drawing(&self, boxes: usize) -> Drawing {
        let mut tops = Vec::with_capacity(self.rows.len());
        let mut heights = Vec::with_capacity(self.rows.len());
        let mut end = 0.0;
        for row in &self.rows {
            let height = row.iter().map(|&vertex| self.vertices[vertex].size.height);
            let height = height.fold(0.0, f64::max);
            tops.push(end);
            heights.push(height);
            end += height + ROW_GAP;
        }
        let right = |vertex: &Vertex| vertex.x + vertex.size.width / 2.0;
        let size = Size {
            width: self.vertices.iter().map(right).fold(0.0, f64::max),
            height: (end - ROW_GAP).max(0.0),
        };
        let corner = |vertex: &Vertex| {
            let free = heights[vertex.row] - vertex.size.height;
            (vertex.x - vertex.size.width / 2.0, tops[vertex.row] + free / 2.0)
        };
        let is_box = |index: usize| index < boxes;
        let leaves = |index: usize| {
            let vertex = &self.vertices[index];
            let row_end = tops[vertex.row] + heights[vertex.row];
            (vertex.x, if is_box(index) { corner(vertex).1 + vertex.size.height } else { row_end })
        };
        let arrives = |index: usize| {
            let vertex = &self.vertices[index];
            (vertex.x, if is_box(index) { corner(vertex).1 } else { tops[vertex.row] })
        };
        let steps = (0..self.vertices.len())
            .flat_map(|from| self.vertices[from].below.iter().map(move |&to| (from, to)));
        let line = |(from, to)| Line {
            from: leaves(from),
            to: arrives(to),
            past: (!is_box(to)).then(|| leaves(to).1),
        };
        Drawing {
            size,
            corners: self.vertices.iter().take(boxes).map(corner).collect(),
            lines: steps.chain(self.across.iter().copied()).map(line).collect(),
        }
    }
}

/// The row of each box: one below the lowest of those it reads. A box that reads none stands as low as its readers
/// let it.
fn rows(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut rows = vec![0; count];
    let mut reads = vec![false; count];
    // Edges come by their reader, and whatever a box reads comes before it.
    for &(from, to) in edges {
        rows[to] = rows[to].max(rows[from] + 1);
        reads[to] = true;
    }
    let mut lowest = vec![usize::MAX; count];
    for &(from, to) in edges {
        lowest[from] = lowest[from].min(rows[to] - 1);
    }
    for (index, row) in rows.iter_mut().enumerate() {
        if !reads[index] && lowest[index] != usize::MAX {
            *row = lowest[index];
        }
    }
    rows
}

/// Notes the places in a row.
fn number(row: &[usize], places: &mut [f64]) {
    let mut place = 0.0;
    for &vertex in row {
        places[vertex] = place;
        place += 1.0;
    }
}

fn mean(of: &[usize], places: &[f64]) -> Option<f64> {
    let mut count = 0.0;
    let mut sum = 0.0;
    for &index in of {
        count += 1.0;
        sum += places[index];
    }
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Size = Size { width: 100.0, height: 50.0 };

    fn boxes(count: usize) -> Vec<Size> {
        vec![BOX; count]
    }

    /// Boxes of a row do not touch, and all is inside of the drawing.
    fn check(drawing: &Drawing) {
        let mut corners = drawing.corners.clone();
        corners.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
        for pair in corners.windows(2) {
            let [(x, y), (next, below)] = pair else { panic!("two") };
            assert!(below - y >= BOX.height || next - x >= BOX.width + GAP - 1e-6, "{pair:?}");
        }
        for &(x, y) in &corners {
            assert!(x >= 0.0 && x + BOX.width <= drawing.size.width + 1e-6);
            assert!(y >= 0.0 && y + BOX.height <= drawing.size.height + 1e-6);
        }
    }

    /// Exact: a chain stands in one column, and nothing is left free below it.
    #[test]
    fn a_chain_is_a_column() {
        let edges: Vec<_> = (0..1599).map(|from| (from, from + 1)).collect();
        let drawing = layered(&boxes(1600), &edges);
        check(&drawing);
        assert!(drawing.corners.iter().all(|corner| corner.0 == 0.0));
        assert_eq!(drawing.lines.len(), 1599);
        let height = 1600.0 * BOX.height + 1599.0 * ROW_GAP;
        assert_eq!(drawing.size, Size { width: BOX.width, height });
    }

    #[test]
    fn one_box_and_boxes_without_edges() {
        let drawing = layered(&boxes(1), &[]);
        assert_eq!((drawing.size, drawing.corners), (BOX, vec![(0.0, 0.0)]));
        check(&layered(&boxes(50), &[]));
    }

    /// A block reads its input twice: over two convolutions and past them.
    fn residual(blocks: usize) -> (Vec<Size>, Vec<(usize, usize)>) {
        let mut edges = Vec::new();
        for block in 0..blocks {
            let start = 3 * block;
            let ends = [
                (start, start + 1),
                (start + 1, start + 2),
                (start + 2, start + 3),
                (start, start + 3),
            ];
            edges.extend(ends);
        }
        (boxes(3 * blocks + 1), edges)
    }

    /// The layout with exponential time took 40 s for 33 of them.
    #[test]
    fn residual_blocks_keep_their_lanes_free() {
        let (boxes, edges) = residual(2000);
        let drawing = layered(&boxes, &edges);
        check(&drawing);
        // Two lanes and so two more lines for each.
        assert_eq!(drawing.lines.len(), 2000 * 6);
        // No lane touches a box.
        for line in drawing.lines.iter().filter(|line| line.past.is_some()) {
            let beside = drawing.corners.iter().filter(|corner| {
                line.to.0 > corner.0
                    && line.to.0 < corner.0 + BOX.width
                    && line.to.1 < corner.1 + BOX.height
                    && line.past.is_some_and(|past| past > corner.1)
            });
            assert_eq!(beside.count(), 0, "{line:?}");
        }
    }

    /// Every box reads all before it: lanes would grow with the square, and lines with more than that.
    #[test]
    fn lanes_are_bounded() {
        let count = 1000;
        let edges: Vec<_> = (0..count).flat_map(|to| (0..to).map(move |from| (from, to))).collect();
        let drawing = layered(&boxes(count), &edges);
        check(&drawing);
        assert!(drawing.lines.len() <= edges.len() + LANES);
        // One box that 50,000 others read.
        let edges: Vec<_> = (1..50_001).map(|to| (0, to)).collect();
        assert_eq!(layered(&boxes(50_001), &edges).lines.len(), 50_000);
    }

    /// Exact: two parallel pairs that are given crosswise do not cross.
    #[test]
    fn crossings_are_undone() {
        let drawing = layered(&boxes(4), &[(1, 2), (0, 3)]);
        check(&drawing);
        let [a, b, c, d] = drawing.corners[..] else { panic!("four") };
        assert_eq!((a.0, b.0), (d.0, c.0));
    }
}
