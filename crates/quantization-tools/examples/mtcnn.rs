//! A cascade: MTCNN's three nets find faces in a photograph, in fp32 and in int8, side by side.
//!
//! ```text
//! fixtures/mtcnn/fetch.py target/mtcnn
//! cargo run --release --example mtcnn -- target/mtcnn target/mtcnn/astronaut.png target/mtcnn/c*.png
//! ```
//!
//! P-Net looks at the photograph in many sizes and finds windows that may be faces; R-Net and O-Net look at what is in
//! them, 24×24 and 48×48 pixels, and turn most of them down. Each net is calibrated on what the one before it lets
//! pass, as float records of a database: P-Net on parts of the photographs, R-Net on P-Net's windows, O-Net on R-Net's.
//! The first photograph, of which the faces are printed, is not among those of the calibration; its mirror image is,
//! and so are all others.
//!
//! The nets take R, G, B, less 127.5 and times 0.0078125, and stand on their side: their first axis of a picture runs
//! from left to right.
//!
//! # Source
//! Zhang, Zhang, Li, Qiao: Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks, 2016.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sides and places of a picture"
)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quantization_tools::datum_store::LmdbDataset;
use quantization_tools::ndarray::{Array4, ArrayD, Axis, concatenate};
use quantization_tools::on_to_umodel::{Arguments, convert_on_to_umodel};
use quantization_tools::prelude::*;
use quantization_tools::transform_param::{Interpolation, Pixels, resize};
use quantization_tools::umodel::BlobId;

type Failure = Box<dyn Error + Send + Sync>;

/// The smallest face that is looked for, in pixels.
const SMALLEST: f32 = 40.0;
/// From one size of the pyramid to the next.
const STEP: f32 = 0.709;
/// P-Net's window and how far it moves.
const WINDOW: f32 = 12.0;
const STRIDE: f32 = 2.0;
/// What each net's score must reach.
const SCORES: [f32; 3] = [0.6, 0.7, 0.7];
/// The side of a calibration picture of each net.
const SIDES: [usize; 3] = [96, 24, 48];
/// Calibration pictures of a net, at most.
const MOST: usize = 500;

fn main() -> Result<(), Failure> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, photograph, others @ ..] = &arguments[..] else {
        return Err(
            "give a folder with pnet.onnx, rnet.onnx, onet.onnx, a photograph, and others".into()
        );
    };
    let photograph = read(photograph)?;
    let mut calibration = vec![mirrored(&photograph)?];
    for other in others {
        calibration.push(read(other)?);
    }
    let work = folder.join("cascade");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;

    // Each net in its turn: what it is calibrated on comes from those before it, in fp32.
    let mut cascade = Vec::new();
    for (index, name) in ["pnet", "rnet", "onet"].into_iter().enumerate() {
        let mut inputs = Vec::new();
        for picture in &calibration {
            inputs.extend(match index {
                0 => tiles(picture)?,
                _ => {
                    let boxes =
                        detect(&cascade, picture, Precision::Fp32)?.pop().unwrap_or_default();
                    crops(picture, &boxes, SIDES[index])?
                }
            });
        }
        // Spread over all photographs.
        let every = inputs.len().div_ceil(MOST).max(1);
        let inputs: Vec<ArrayD<f32>> = inputs.into_iter().step_by(every).collect();
        let stage = Stage::calibrated(
            &folder.join(name).with_extension("onnx"),
            &work,
            SIDES[index],
            &inputs,
        )?;
        println!("{name} is calibrated on {} pictures", inputs.len());
        cascade.push(stage);
    }

    let [fp32, int8] = [Precision::Fp32, Precision::Int8]
        .map(|precision| detect(&cascade, &photograph, precision));
    let (fp32, int8) = (fp32?, int8?);
    println!("\n              fp32    int8");
    for (name, (fp32, int8)) in ["P-Net", "R-Net", "O-Net"].iter().zip(fp32.iter().zip(&int8)) {
        println!("{name} passes {:6}  {:6}", fp32.len(), int8.len());
    }
    let (fp32, int8) = (&fp32[2], &int8[2]);
    println!("\n{} faces in fp32, {} in int8", fp32.len(), int8.len());
    for face in fp32 {
        println!("fp32: {face}");
        match int8.iter().max_by(|a, b| face.shared(a).total_cmp(&face.shared(b))) {
            Some(same) if face.shared(same) >= 0.5 => {
                println!("int8: {same}\n      {:.3} of both areas is common", face.shared(same));
            }
            _ => println!("int8: not found"),
        }
    }
    for face in int8.iter().filter(|face| fp32.iter().all(|other| face.shared(other) < 0.5)) {
        println!("fp32: not found\nint8: {face}");
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Precision {
    Fp32,
    Int8,
}

/// One net of the cascade in both forms, and where its outputs are.
struct Stage {
    fp32: Net,
    int8: QuantizedNet,
    /// Score and corrections of the box.
    outputs: [String; 2],
}

impl Stage {
    /// Imports a net, makes a database of its calibration pictures, and calibrates it.
    fn calibrated(
        model: &Path,
        work: &Path,
        side: usize,
        inputs: &[ArrayD<f32>],
    ) -> Result<Self, Failure> {
        let name = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let database = work.join(format!("{name}_lmdb"));
        let mut dataset = LmdbDataset::create(&database, Existing::Refuse)?;
        for input in inputs {
            dataset.put_batch(input.view(), 0, "")?;
        }
        dataset.finish()?;

        // on_to_umodel -m NAME.onnx -n NAME -d cascade -s [1,SIDE,SIDE,3] -D NAME_lmdb
        let arguments = Arguments::new(model)
            .name(&name)
            .outdir(work)
            .shapes([vec![1, side, side, 3]])
            .lmdb(database.to_string_lossy());
        let converted = convert_on_to_umodel(&arguments)?;
        let [weights, model] = [0, 1].map(|file| &converted.paths[file]);
        let blob = |channels: usize| {
            let outputs = &converted.imported.outputs;
            let found = outputs.iter().find(|output| output.shape.last() == Some(&channels));
            found
                .map(|output| output.blob.clone())
                .ok_or(format!("{name}: no output of {channels} channels"))
        };
        let outputs = [blob(2)?, blob(4)?];

        // calibration_use_pb release -model=NAME.prototxt -weights=NAME.fp32umodel
        let net = Net::with_weights(
            &NetParameter::read(model)?,
            NetParameter::read(weights)?,
            Phase::Test,
            &DatabaseSources,
        )?;
        let options = Options::default().iterations(inputs.len());
        let calibration = calibrate(&net, &options, |_| ())?;
        let files = OutputFiles::beside(weights);
        files.write(&net, &calibration.quantized)?;
        let floats: Vec<&str> = calibration
            .float_layers
            .iter()
            .filter(|layer| layer.deployed)
            .map(|layer| layer.name.as_str())
            .collect();
        println!("{name}: in fp32 stay {}", floats.join(", "));
        let deploy = NetParameter::read(&files.deploy_fp32)?;
        let fp32 = Net::new(&deploy, Some(&NetParameter::read(weights)?), Phase::Test, &NoSources)?;
        let deploy = NetParameter::read(&files.deploy_int8)?;
        let integers = NetParameter::read(&files.int8umodel)?;
        let int8 = QuantizedNet::read(&deploy, &integers, Phase::Test, &NoSources)?;
        Ok(Stage { fp32, int8, outputs })
    }

    /// The deploy net for inputs of this shape.
    fn runner(&self, precision: Precision, shape: &[usize]) -> Result<Runner, Failure> {
        let input = self.fp32.blob(self.fp32.inputs()[0]).name.as_str();
        let executor = match precision {
            Precision::Fp32 => Executor::new(Arc::new(self.fp32.reshaped(&[(input, shape)])?))?,
            Precision::Int8 => {
                Executor::quantized(Arc::new(self.int8.reshaped(&[(input, shape)])?))?
            }
        };
        let net = executor.net();
        let input = net.inputs()[0];
        let id = |name: &String| net.blob_id(name).ok_or(format!("no blob {name}"));
        let outputs = [id(&self.outputs[0])?, id(&self.outputs[1])?];
        Ok(Runner { executor, input, outputs, workspace: Workspace::default() })
    }
}

/// A net of one size.
struct Runner {
    executor: Executor,
    input: BlobId,
    outputs: [BlobId; 2],
    workspace: Workspace,
}

impl Runner {
    /// Scores and corrections.
    fn run(&mut self, input: ArrayD<f32>) -> Result<[ArrayD<f32>; 2], Failure> {
        let mut capture =
            quantization_tools::uframework::Capture::new(&self.executor, &self.outputs);
        self.executor.forward(
            &mut self.workspace,
            vec![(self.input, Value::F32(input))],
            &mut capture,
        )?;
        let values: [ArrayD<f32>; 2] = capture.values.try_into().map_err(|_| "two outputs")?;
        Ok(values)
    }
}

/// A window that may be a face: its corners in pixels, counted from 1.
#[derive(Clone, Copy, Debug)]
struct Window {
    corners: [f32; 4],
    score: f32,
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [left, top, right, bottom] = self.corners;
        write!(
            f,
            "from ({left:.1}, {top:.1}) to ({right:.1}, {bottom:.1}), score {:.4}",
            self.score
        )
    }
}

impl Window {
    fn sides(&self) -> [f32; 2] {
        let [left, top, right, bottom] = self.corners;
        [(right - left + 1.0).max(0.0), (bottom - top + 1.0).max(0.0)]
    }

    fn area(&self) -> f32 {
        self.sides().iter().product()
    }

    fn common(&self, other: &Window) -> f32 {
        let [a, b] = [&self.corners, &other.corners];
        let corners = [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])];
        Window { corners, score: 0.0 }.area()
    }

    /// The share of the area that is common to both.
    fn shared(&self, other: &Window) -> f32 {
        let common = self.common(other);
        common / (self.area() + other.area() - common)
    }

    /// The share of the smaller one that is common to both.
    fn inside(&self, other: &Window) -> f32 {
        self.common(other) / self.area().min(other.area())
    }

    /// Moves the corners by shares of the sides.
    fn corrected(self, by: [f32; 4], [width, height]: [f32; 2]) -> Window {
        let sides = [width, height, width, height];
        Window { corners: std::array::from_fn(|i| self.corners[i] + by[i] * sides[i]), ..self }
    }

    /// The square around the same centre, in whole pixels.
    fn square(self) -> Window {
        let [left, top, right, bottom] = self.corners;
        let (width, height) = (right - left, bottom - top);
        let side = width.max(height);
        let (left, top) = (left + (width - side) / 2.0, top + (height - side) / 2.0);
        Window { corners: [left, top, left + side, top + side].map(f32::trunc), ..self }
    }
}

/// Keeps the best of windows that have much in common.
fn suppressed(
    mut windows: Vec<Window>,
    most: f32,
    common: impl Fn(&Window, &Window) -> f32,
) -> Vec<Window> {
    windows.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Window> = Vec::new();
    for window in windows {
        if kept.iter().all(|better| common(better, &window) <= most) {
            kept.push(window);
        }
    }
    kept
}

/// What each of these nets lets pass: the windows that the next one looks into, or the faces.
fn detect(
    cascade: &[Stage],
    picture: &Pixels<u8>,
    precision: Precision,
) -> Result<Vec<Vec<Window>>, Failure> {
    let mut passed: Vec<Vec<Window>> = Vec::new();
    for (index, stage) in cascade.iter().enumerate() {
        let windows = match passed.last() {
            None => propose(stage, picture, precision)?,
            Some(windows) => look(stage, picture, windows, index, precision)?,
        };
        passed.push(windows);
    }
    Ok(passed)
}

/// P-Net over the pyramid.
fn propose(
    stage: &Stage,
    picture: &Pixels<u8>,
    precision: Precision,
) -> Result<Vec<Window>, Failure> {
    let mut all = Vec::new();
    for scale in scales(picture) {
        let input = scaled(picture, scale)?;
        let [scores, moves] = stage.runner(precision, input.shape())?.run(input)?;
        let mut windows = Vec::new();
        let &[_, columns, rows, _] = scores.shape() else { return Err("P-Net's output".into()) };
        for (x, y) in (0..columns).flat_map(|x| (0..rows).map(move |y| (x, y))) {
            let score = scores[[0, x, y, 1]];
            if score < SCORES[0] {
                continue;
            }
            let place = [x as f32, y as f32].map(|at| STRIDE * at);
            let [left, top] = place.map(|at| ((at + 1.0) / scale).trunc());
            let [right, bottom] = place.map(|at| ((at + WINDOW) / scale).trunc());
            let window = Window { corners: [left, top, right, bottom], score };
            windows.push((window, std::array::from_fn(|i| moves[[0, x, y, i]])));
        }
        // Windows are moved when those with much in common are gone; so each keeps its moves.
        let kept =
            suppressed(windows.iter().map(|&(window, _)| window).collect(), 0.5, Window::shared);
        let same = |a: &Window, b: &Window| a.corners == b.corners && a.score == b.score;
        windows.retain(|(window, _)| kept.iter().any(|other| same(window, other)));
        all.extend(windows);
    }
    let kept = suppressed(all.iter().map(|&(window, _)| window).collect(), 0.7, Window::shared);
    let same = |a: &Window, b: &Window| a.corners == b.corners && a.score == b.score;
    all.retain(|(window, _)| kept.iter().any(|other| same(window, other)));
    let moved = all.into_iter().map(|(window, moves): (Window, [f32; 4])| {
        let [left, top, right, bottom] = window.corners;
        window.corrected(moves, [right - left, bottom - top]).square()
    });
    Ok(moved.collect())
}

/// R-Net or O-Net on windows.
fn look(
    stage: &Stage,
    picture: &Pixels<u8>,
    windows: &[Window],
    index: usize,
    precision: Precision,
) -> Result<Vec<Window>, Failure> {
    let crops = crops(picture, windows, SIDES[index])?;
    let views: Vec<_> = crops.iter().map(|crop| crop.view()).collect();
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let batch = concatenate(Axis(0), &views)?;
    let [scores, moves] = stage.runner(precision, batch.shape())?.run(batch)?;
    let last = index == 2;
    let mut passed = Vec::new();
    for (row, &window) in windows.iter().enumerate() {
        let score = scores[[row, 1]];
        if score > SCORES[index] {
            passed.push((Window { score, ..window }, std::array::from_fn(|i| moves[[row, i]])));
        }
    }
    let moved = |(window, moves): (Window, [f32; 4])| window.corrected(moves, window.sides());
    if last {
        return Ok(suppressed(passed.into_iter().map(moved).collect(), 0.7, Window::inside));
    }
    let kept = suppressed(passed.iter().map(|&(window, _)| window).collect(), 0.7, Window::shared);
    let same = |a: &Window, b: &Window| a.corners == b.corners && a.score == b.score;
    passed.retain(|(window, _)| kept.iter().any(|other| same(window, other)));
    Ok(passed.into_iter().map(|window| moved(window).square()).collect())
}

/// The sizes of the pyramid: the first shows the smallest face in P-Net's window, the last the largest.
fn scales(picture: &Pixels<u8>) -> Vec<f32> {
    let [_, height, width] = picture.shape();
    let first = WINDOW / SMALLEST;
    let sizes = std::iter::successors(Some(first), |scale| Some(scale * STEP));
    sizes.take_while(|scale| height.min(width) as f32 * scale >= WINDOW).collect()
}

/// The whole picture in another size, as P-Net takes it.
fn scaled(picture: &Pixels<u8>, scale: f32) -> Result<ArrayD<f32>, Failure> {
    let [_, height, width] = picture.shape();
    let size = [height, width].map(|side| (side as f32 * scale).ceil() as usize);
    input(&to_f32(&resize(picture, size, Interpolation::Area))?)
}

/// P-Net's calibration pictures: parts of all sizes of the pyramid that cover it.
fn tiles(picture: &Pixels<u8>) -> Result<Vec<ArrayD<f32>>, Failure> {
    let mut tiles = Vec::new();
    for scale in scales(picture) {
        let whole = scaled(picture, scale)?;
        let (columns, rows) = (whole.shape()[2], whole.shape()[3]);
        let side = SIDES[0];
        for (x, y) in
            (0..columns).step_by(side).flat_map(|x| (0..rows).step_by(side).map(move |y| (x, y)))
        {
            // What is beyond the picture is grey, which is 0.
            let value = |(_, c, i, j): (usize, usize, usize, usize)| {
                whole.get([0, c, x + i, y + j]).copied().unwrap_or(0.0)
            };
            tiles.push(Array4::from_shape_fn((1, 3, side, side), value).into_dyn());
        }
    }
    Ok(tiles)
}

/// What is in these windows, in R-Net's or O-Net's size.
fn crops(
    picture: &Pixels<u8>,
    windows: &[Window],
    side: usize,
) -> Result<Vec<ArrayD<f32>>, Failure> {
    let [channels, height, width] = picture.shape();
    let crop = |window: &Window| -> Result<ArrayD<f32>, Failure> {
        let [columns, rows] = window.sides().map(|side| (side as usize).max(1));
        let [left, top] = [window.corners[0], window.corners[1]].map(|at| at as isize - 1);
        let mut values = Vec::with_capacity(channels * rows * columns);
        for c in 0..channels {
            for y in (top..).take(rows) {
                for x in (left..).take(columns) {
                    let inside = usize::try_from(y).ok().filter(|&y| y < height);
                    let inside = inside.zip(usize::try_from(x).ok().filter(|&x| x < width));
                    let value = inside.map(|(y, x)| picture.data()[(c * height + y) * width + x]);
                    values.push(f32::from(value.unwrap_or(0)));
                }
            }
        }
        let part = Pixels::new([channels, rows, columns], values)?;
        input(&resize(&part, [side, side], Interpolation::Area))
    };
    windows.iter().map(crop).collect()
}

/// A photograph, as B, G, R.
fn read(path: &Path) -> Result<Pixels<u8>, Failure> {
    let datum = picture_to_datum(path, &PictureOptions::default())?;
    match datum.data() {
        DatumData::Bytes(bytes) => Ok(Pixels::new(datum.shape(), bytes.clone())?),
        _ => Err("no pixels".into()),
    }
}

fn mirrored(picture: &Pixels<u8>) -> Result<Pixels<u8>, Failure> {
    let [_, _, width] = picture.shape();
    let rows = picture.data().chunks(width);
    Ok(Pixels::new(picture.shape(), rows.flat_map(|row| row.iter().rev().copied()).collect())?)
}

fn to_f32(picture: &Pixels<u8>) -> Result<Pixels<f32>, Failure> {
    let values = picture.data().iter().map(|&value| f32::from(value)).collect();
    Ok(Pixels::new(picture.shape(), values)?)
}

/// A net's input: R, G, B, from −1 to 1, columns before rows.
fn input(picture: &Pixels<f32>) -> Result<ArrayD<f32>, Failure> {
    let [channels, height, width] = picture.shape();
    let value = |(_, c, x, y): (usize, usize, usize, usize)| {
        let value = picture.data()[((channels - 1 - c) * height + y) * width + x];
        (value - 127.5) * 0.007_812_5
    };
    Ok(Array4::from_shape_fn((1, channels, width, height), value).into_dyn())
}
