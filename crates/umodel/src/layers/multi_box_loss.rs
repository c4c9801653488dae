use super::detection_output::check_boxes;
use super::softmax_with_loss::{parse_loss, write_loss};
use super::{
    BoxCode, Facts, LayerParam, Normalization, Suppression, check_given, fit, legacy, loss, size,
    wire,
};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{
    LayerParameter, MultiBoxLossParameter, multi_box_loss_parameter as proto,
    prior_box_parameter::CodeType,
};

/// The loss of a matched prior's location, summed over its four numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationLoss {
    /// Half the squared distance.
    L2,
    /// The same below a distance of 1, linear beyond.
    SmoothL1,
}

/// The loss of a prior's confidences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfidenceLoss {
    /// One class for each prior.
    Softmax,
    /// Each class by itself.
    Logistic,
}

/// Which priors without an object count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mining {
    /// All of them.
    None,
    /// Those of the largest losses.
    MaxNegative {
        /// How many for each prior with an object.
        ratio: f32,
        /// Only those that overlap less than this with every object.
        overlap: f32,
    },
    /// The priors of the largest losses, with or without an object.
    HardExample {
        /// How many of a picture.
        count: i32,
    },
}

/// Loss of box locations and classes.
///
/// # Shapes
/// locations `[N, priors·4]` (times classes if not shared), confidences `[N, priors·classes]`, priors
/// `[1, 2, priors·4]`, ground truth `[1, 1, boxes, 8]`; top a scalar. Of how many boxes the ground truth consists is
/// only known when it runs.
///
/// # Formula
/// Each box of the ground truth takes the prior with the largest overlap, in the order of overlaps; then, unless
/// matching is bipartite, each other prior takes the box that it overlaps most, from the threshold on. Mining chooses
/// among the rest. `(loc_weight · Σ location losses + Σ confidence losses) / normalizer`, the normalizer by default the
/// number of matched priors, at least 1.
///
/// # Source
/// SSD, MultiBoxLossLayer in the TEST phase. Like there, logistic losses without mining take the targets of
/// picture i from `i · priors` on, counted in single values.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiBoxLoss {
    /// Classes, the background among them.
    pub num_classes: usize,
    /// One location for all classes.
    pub share_location: bool,
    /// The loss of locations.
    pub localization: LocationLoss,
    /// The loss of confidences.
    pub confidence: ConfidenceLoss,
    /// Factor of the locations' loss.
    pub loc_weight: f32,
    /// Whether each box of the ground truth is matched to one prior only.
    pub bipartite: bool,
    /// From which overlap on further priors are matched.
    pub overlap_threshold: f32,
    /// Whether priors are matched, or else the boxes that are predicted.
    pub use_prior_for_matching: bool,
    /// The class that is no object.
    pub background_label_id: usize,
    /// Whether difficult boxes of the ground truth count.
    pub use_difficult_gt: bool,
    /// Which priors without an object count.
    pub mining: Mining,
    /// Whether boxes of smaller losses that overlap are left out of mining. Its `eta` is not used.
    pub nms: Option<Suppression>,
    /// Whether that looks at priors, or else at the boxes that are predicted.
    pub use_prior_for_nms: bool,
    /// How boxes are coded.
    pub code: BoxCode,
    /// Whether variances divide the difference of coded boxes instead of the boxes.
    pub encode_variance_in_target: bool,
    /// Whether all objects are of one class.
    pub map_object_to_agnostic: bool,
    /// Whether priors that reach beyond the picture are left out.
    pub ignore_cross_boundary_bbox: bool,
    /// Whether sides of priors beyond the picture cost nothing.
    pub bp_inside: bool,
    /// What the sums are divided by.
    pub normalization: Normalization,
    /// Whether locations and confidences count: the first two of `propagate_down`.
    pub counts: [bool; 2],
}

impl LayerParam for MultiBoxLoss {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.multibox_loss_param;
        let (_, normalization) = parse_loss(layer, Normalization::Valid)?;
        let mining = match p.mining_type() {
            proto::MiningType::NONE => Mining::None,
            proto::MiningType::MAX_NEGATIVE => {
                Mining::MaxNegative { ratio: p.neg_pos_ratio(), overlap: p.neg_overlap() }
            }
            proto::MiningType::HARD_EXAMPLE => Mining::HardExample { count: p.sample_size() },
        };
        if let Some(mines) = p.do_neg_mining
            && mines == (mining == Mining::None)
        {
            let field = "multibox_loss_param.do_neg_mining";
            return Err(LayerError::bad(field, mines, ValueError::MiningType));
        }
        Ok(MultiBoxLoss {
            num_classes: size(p.num_classes()),
            share_location: p.share_location(),
            localization: match p.loc_loss_type() {
                proto::LocLossType::L2 => LocationLoss::L2,
                proto::LocLossType::SMOOTH_L1 => LocationLoss::SmoothL1,
            },
            confidence: match p.conf_loss_type() {
                proto::ConfLossType::SOFTMAX => ConfidenceLoss::Softmax,
                proto::ConfLossType::LOGISTIC => ConfidenceLoss::Logistic,
            },
            loc_weight: p.loc_weight(),
            bipartite: p.match_type() == proto::MatchType::BIPARTITE,
            overlap_threshold: p.overlap_threshold(),
            use_prior_for_matching: p.use_prior_for_matching(),
            background_label_id: size(p.background_label_id()),
            use_difficult_gt: p.use_difficult_gt(),
            mining,
            nms: p.nms_param.as_ref().map(|nms| Suppression {
                threshold: nms.nms_threshold(),
                top_k: nms.top_k,
                eta: nms.eta(),
            }),
            use_prior_for_nms: p.use_prior_for_nms(),
            code: match p.code_type() {
                CodeType::CORNER => BoxCode::Corner,
                CodeType::CENTER_SIZE => BoxCode::CenterSize,
                CodeType::CORNER_SIZE => BoxCode::CornerSize,
            },
            encode_variance_in_target: p.encode_variance_in_target(),
            map_object_to_agnostic: p.map_object_to_agnostic(),
            ignore_cross_boundary_bbox: p.ignore_cross_boundary_bbox(),
            bp_inside: p.bp_inside(),
            normalization,
            counts: [0, 1].map(|index| layer.propagate_down.get(index) != Some(&false)),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let given = |value: bool, default: bool| (value != default).then_some(value);
        let mut p = MultiBoxLossParameter::new();
        p.num_classes = Some(wire(self.num_classes));
        p.share_location = given(self.share_location, true);
        if self.localization == LocationLoss::L2 {
            p.set_loc_loss_type(proto::LocLossType::L2);
        }
        if self.confidence == ConfidenceLoss::Logistic {
            p.set_conf_loss_type(proto::ConfLossType::LOGISTIC);
        }
        p.set_loc_weight(self.loc_weight);
        if self.bipartite {
            p.set_match_type(proto::MatchType::BIPARTITE);
        }
        p.set_overlap_threshold(self.overlap_threshold);
        p.use_prior_for_matching = given(self.use_prior_for_matching, true);
        p.set_background_label_id(wire(self.background_label_id));
        p.use_difficult_gt = given(self.use_difficult_gt, true);
        match self.mining {
            Mining::None => p.set_mining_type(proto::MiningType::NONE),
            Mining::MaxNegative { ratio, overlap } => {
                (p.neg_pos_ratio, p.neg_overlap) = (Some(ratio), Some(overlap));
            }
            Mining::HardExample { count } => {
                p.set_mining_type(proto::MiningType::HARD_EXAMPLE);
                p.sample_size = Some(count);
            }
        }
        if let Some(nms) = self.nms {
            let message = p.nms_param.mut_or_insert_default();
            message.nms_threshold = Some(nms.threshold);
            message.top_k = nms.top_k;
            message.eta = (nms.eta != 1.0).then_some(nms.eta);
        }
        p.use_prior_for_nms = given(self.use_prior_for_nms, false);
        p.set_code_type(match self.code {
            BoxCode::Corner => CodeType::CORNER,
            BoxCode::CenterSize => CodeType::CENTER_SIZE,
            BoxCode::CornerSize => CodeType::CORNER_SIZE,
        });
        p.encode_variance_in_target = given(self.encode_variance_in_target, false);
        p.map_object_to_agnostic = given(self.map_object_to_agnostic, false);
        p.ignore_cross_boundary_bbox = given(self.ignore_cross_boundary_bbox, false);
        p.bp_inside = given(self.bp_inside, false);
        layer.multibox_loss_param = Some(p).into();
        let ignored = layer.loss_param.ignore_label;
        write_loss(layer, ignored, self.normalization, Normalization::Valid);
        if self.counts != [true; 2] || !layer.propagate_down.is_empty() {
            let [location, confidence] = self.counts;
            layer.propagate_down = vec![location, confidence, false, false];
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("multibox_loss_param.num_classes", self.num_classes)?;
        let background = self.background_label_id;
        fit(&[("multibox_loss_param.background_label_id", background)])?;
        if background >= self.num_classes {
            let field = "multibox_loss_param.background_label_id";
            let most = self.num_classes as u64 - 1;
            return Err(LayerError::bad(field, background, ValueError::Within { least: 0, most }));
        }
        if self.mining != Mining::None && !self.share_location {
            let field = "multibox_loss_param.mining_type";
            return Err(LayerError::bad(field, "not NONE", ValueError::SharedMining));
        }
        if let Mining::HardExample { count } = self.mining
            && count < 1
        {
            let field = "multibox_loss_param.sample_size";
            return Err(LayerError::bad(field, count, ValueError::Positive));
        }
        if self.map_object_to_agnostic && self.num_classes != 2 {
            let field = "multibox_loss_param.map_object_to_agnostic";
            return Err(LayerError::bad(field, true, ValueError::OneObjectClass));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [locations, confidences, priors, boxes] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(4), bottoms.len()));
        };
        check_boxes(
            [locations, confidences, priors],
            self.num_classes,
            if self.share_location { 1 } else { self.num_classes },
        )?;
        let [_, _, count, numbers] = legacy(boxes)?;
        if numbers != 8 {
            let (expected, found) = (vec![1, 1, count, 8], boxes.to_vec());
            return Err(LayerError::BottomShape { index: 3, expected, found });
        }
        loss(bottoms, tops)
    }
}
