//! `ufw detect`: pictures with their boxes drawn, and a COCO file of results.

mod canvas;
mod font;
mod net;
mod pictures;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use file_set::FileSet;
use quantization_tools::detection::coco::{Category, results_json};
use quantization_tools::detection::precision::{Found, Precision};
use quantization_tools::detection::{Detection, Head};
use quantization_tools::prelude::*;
use quantization_tools::transform_param::{Format, encode};
use quantization_tools_cli::cli::{self, Failure, Progress};
use rayon::prelude::*;

use canvas::{Canvas, color};
use net::Detector;
use pictures::{Picture, Pictures, named};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The net: a deploy prototxt, or a test one, whose transform_param makes the pictures ready
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel, caffemodel or int8umodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// How its outputs become boxes: yolov3, yolov4, yolov5, yolov7, yolov8, yolox or ssd, with parameters behind it as
    /// yolov8:classes=3,strides=8:16; docs/detection.md has them all [default: the net's DetectionOutput layer]
    #[arg(long, value_name = "SPEC")]
    head: Option<Head>,
    /// The outputs that the head decodes, with commas between them [default: all outputs of the net]
    #[arg(long, value_name = "BLOBS", value_delimiter = ',')]
    outputs: Vec<String>,
    /// A folder of pictures, a list of their paths, a COCO file or one picture
    #[arg(long, value_name = "PICTURES")]
    pictures: PathBuf,
    /// Folder in front of the paths of a list or COCO file [default: the file's own]
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// Folder for the drawn pictures and results.json; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// COCO file with the true boxes, to print the average precision [default: that of -pictures, if it has boxes]
    #[arg(long = "ground_truth", value_name = "COCO.json")]
    ground_truth: Option<PathBuf>,
    /// Names of the classes, with commas between them [default: those of the COCO file]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    names: Vec<String>,
    /// Boxes of lower scores are neither drawn nor written
    #[arg(long = "score_threshold", default_value_t = 0.01, value_parser = share)]
    score_threshold: f32,
    /// Boxes of lower scores are written but not drawn
    #[arg(long = "draw_threshold", default_value_t = 0.3, value_parser = share)]
    draw_threshold: f32,
    /// Of boxes of a class that overlap by more than this intersection over union, the best one stays; a
    /// DetectionOutput layer has its own
    #[arg(long = "iou_threshold", default_value_t = 0.45, value_parser = share)]
    iou_threshold: f32,
    /// Boxes of a picture at most
    #[arg(long, default_value_t = 100, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    most: usize,
    /// Keep the aspect of pictures and fill the rest of the input with grey, instead of warping them
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    letterbox: bool,
    /// Mean to subtract: one value, or one for each channel (B, G, R) with commas between them; replaces a test net's
    #[arg(long = "mean_value", value_name = "V", value_delimiter = ',', value_parser = cli::finite)]
    mean_value: Vec<f32>,
    /// Factor after the mean is subtracted; replaces a test net's
    #[arg(long, value_name = "S", value_parser = cli::finite)]
    scale: Option<f32>,
    /// Give the channels to the net as R, G, B, after mean and scale
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    bgr2rgb: bool,
}

/// Reads a number from 0 to 1.
fn share(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "not a number from 0 to 1".to_owned())
}

/// What was found in a picture.
struct Looked {
    boxes: Vec<Detection>,
    /// The drawn picture as a file.
    drawn: Vec<u8>,
    /// How many boxes are drawn.
    count: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let ground_truth = arguments.ground_truth.as_deref();
    let Pictures { list, truth } =
        Pictures::read(&arguments.pictures, arguments.root.as_deref(), ground_truth)?;
    let Some(first) = list.first() else { return Err("no pictures".into()) };
    let detector = Detector::read(arguments, &first.path)?;
    let categories = truth.as_ref().map(|truth| truth.categories()).unwrap_or_default();
    let classes = Classes::new(arguments, &detector.head, categories)?;

    let mut files = FileSet::in_folder(&arguments.out)?;
    let mut found: Vec<Found> = Vec::new();
    let mut counts = Vec::with_capacity(list.len());
    let progress = Progress::new("detecting", "pictures", list.len());
    // Some at once, so that no more drawn pictures than these are in memory.
    for some in list.chunks(4 * rayon::current_num_threads()) {
        let look = |workspace: &mut Workspace, picture: &Picture| {
            look(arguments, &detector, &classes, workspace, picture)
        };
        let looked: Vec<_> = some.par_iter().map_init(Workspace::default, look).collect();
        for (picture, looked) in some.iter().zip(looked) {
            let Looked { boxes, drawn, count } = looked?;
            files.add(arguments.out.join(&picture.drawn), &drawn)?;
            for detection in &boxes {
                found.push(result(picture.image, classes.category(detection.label)?, detection));
            }
            counts.push(count);
        }
        progress.at(counts.len());
    }
    drop(progress);
    let results = arguments.out.join("results.json");
    files.add(&results, results_json(&found).as_bytes())?;
    files.commit()?;

    for (picture, count) in list.iter().zip(&counts) {
        let boxes = if *count == 1 { "box" } else { "boxes" };
        cli::say!("{}: {count} {boxes}", arguments.out.join(&picture.drawn).display());
    }
    cli::say!("{}: {} boxes of {} pictures", results.display(), found.len(), list.len());
    if let Some(truth) = &truth
        && (ground_truth.is_some() || !truth.truths().is_empty())
    {
        let images: BTreeSet<u64> = list.iter().map(|picture| picture.image).collect();
        say_precision(&truth.average_precision_of(&images, &found), &classes);
    }
    Ok(())
}

/// Finds the boxes of a picture and draws them.
fn look(
    arguments: &Arguments,
    detector: &Detector,
    classes: &Classes<'_>,
    workspace: &mut Workspace,
    picture: &Picture,
) -> Result<Looked, Failure> {
    let path = &picture.path;
    let pixels = detector.picture(path)?;
    let boxes = detector.detect(workspace, &pixels).map_err(|error| named(path, error.as_ref()))?;
    let mut canvas = Canvas::new(&pixels);
    let drawn = boxes.iter().filter(|found| found.score >= arguments.draw_threshold);
    let count = drawn.clone().count();
    // The best one last, above the others.
    for found in drawn.rev() {
        let name = format!("{} {:.2}", classes.name(found.label), found.score);
        canvas.add(&found.rect, &name, color(found.label));
    }
    let drawn = canvas.into_pixels().and_then(|pixels| encode(&pixels, Format::Png));
    Ok(Looked { boxes, drawn: drawn.map_err(|error| named(path, &error))?, count })
}

/// A box as COCO's results have it.
fn result(image: u64, category: u64, found: &Detection) -> Found {
    let rect = found.rect;
    // As the file has it: the shortest decimal of each fp32 number.
    let decimal = |value: f32| value.to_string().parse().unwrap_or(f64::NAN);
    let bbox = [rect.x0, rect.y0, rect.width(), rect.height()].map(decimal);
    Found { image, category, bbox, score: decimal(found.score) }
}

/// What the labels of the detector stand for.
struct Classes<'a> {
    names: &'a [String],
    categories: &'a [Category],
}

impl<'a> Classes<'a> {
    fn new(
        arguments: &'a Arguments,
        head: &Head,
        categories: &'a [Category],
    ) -> Result<Self, Failure> {
        let names = arguments.names.as_slice();
        if let Some(classes) = head.classes() {
            for (what, count) in
                [("-names has", names.len()), ("the COCO file has", categories.len())]
            {
                if count != 0 && count != classes {
                    return Err(format!("{what} {count} classes, the head {classes}").into());
                }
            }
        }
        Ok(Classes { names, categories })
    }

    fn name(&self, label: usize) -> String {
        let category = || self.categories.get(label).map(|category| &category.name);
        let name = self.names.get(label).or_else(category);
        name.map_or_else(|| format!("class {label}"), |name| cli::plain(name).into_owned())
    }

    /// The category of a label: the COCO file's, or the number of the class, from 1.
    fn category(&self, label: usize) -> Result<u64, Failure> {
        if self.categories.is_empty() {
            return Ok(label as u64 + 1);
        }
        let category = self.categories.get(label).map(|category| category.id);
        category.ok_or_else(|| {
            let count = self.categories.len();
            format!("the net found class {label}, counted from 0; the COCO file has {count}").into()
        })
    }
}

/// Prints the average precision of all classes and of each.
fn say_precision(precision: &Precision, classes: &Classes<'_>) {
    let text = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |ap| format!("{ap:.4}"));
    cli::say!("{:30} {:>7} {:>10} {:>7} {:>7}", "class", "boxes", "AP@.5:.95", "AP@.5", "AP@.75");
    for (label, class) in precision.categories.iter().enumerate() {
        let [ap, ap50, ap75] = [class.ap, class.ap50, class.ap75].map(text);
        let name = classes.name(label);
        cli::say!("{name:30} {:7} {ap:>10} {ap50:>7} {ap75:>7}", class.truths);
    }
    let [ap, ap50, ap75] = [precision.ap, precision.ap50, precision.ap75].map(text);
    let truths: usize = precision.categories.iter().map(|class| class.truths).sum();
    cli::say!("{:30} {truths:7} {ap:>10} {ap50:>7} {ap75:>7}", "all");
}
