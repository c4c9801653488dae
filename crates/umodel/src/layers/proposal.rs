use super::{Facts, LayerParam, fit, nchw, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::proto::LayerParameter;

/// Region proposals from scores and offsets of anchors.
///
/// # Shapes
/// bottoms: scores `[N, 2·anchors, H, W]`, offsets `[N, 4·anchors, H, W]`, picture sizes; tops: at most
/// `[N·post_nms_topn, 5]`, and their scores `[N·post_nms_topn]`.
///
/// # Source
/// Faster R-CNN in C++, ProposalLayer, as in PVANet and in Caffe forks with SSD: regions smaller than `min_size` get score
/// 0 instead of being dropped, and `min_size` is one of the net's input, not of the picture before it was resized.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Pixels of the picture for each of the map.
    pub feat_stride: usize,
    /// Side of the anchor before ratios and scales change it.
    pub base_size: usize,
    /// Smaller regions are dropped.
    pub min_size: usize,
    /// Aspect ratios of anchors.
    pub ratios: Vec<f32>,
    /// Scales of anchors.
    pub scales: Vec<f32>,
    /// How many regions are looked at.
    pub pre_nms_topn: usize,
    /// How many are kept.
    pub post_nms_topn: usize,
    /// Regions that overlap more than this with a better one are dropped.
    pub nms_thresh: f32,
}

impl LayerParam for Proposal {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.proposal_param;
        Ok(Proposal {
            feat_stride: size(p.feat_stride()),
            base_size: size(p.base_size()),
            min_size: size(p.min_size()),
            ratios: p.ratio.clone(),
            scales: p.scale.clone(),
            pre_nms_topn: size(p.pre_nms_topn()),
            post_nms_topn: size(p.post_nms_topn()),
            nms_thresh: p.nms_thresh(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.proposal_param.mut_or_insert_default();
        p.feat_stride = Some(wire(self.feat_stride));
        p.base_size = Some(wire(self.base_size));
        p.min_size = Some(wire(self.min_size));
        p.ratio = self.ratios.clone();
        p.scale = self.scales.clone();
        p.pre_nms_topn = Some(wire(self.pre_nms_topn));
        p.post_nms_topn = Some(wire(self.post_nms_topn));
        p.nms_thresh = Some(self.nms_thresh);
    }

    fn check(&self) -> Result<(), LayerError> {
        fit(&[
            ("proposal_param.feat_stride", self.feat_stride),
            ("proposal_param.base_size", self.base_size),
            ("proposal_param.min_size", self.min_size),
            ("proposal_param.pre_nms_topn", self.pre_nms_topn),
            ("proposal_param.post_nms_topn", self.post_nms_topn),
        ])
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn counted_axis(&self, _: usize, _: &[usize]) -> Option<usize> {
        Some(0)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [scores, offsets, _] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        let anchors = self.ratios.len().saturating_mul(self.scales.len());
        let [items, _, height, width] = nchw(scores)?;
        for (index, found, each) in [(0, scores, 2), (1, offsets, 4)] {
            let expected = vec![items, anchors.saturating_mul(each), height, width];
            if *found != expected.as_slice() {
                return Err(LayerError::BottomShape { index, expected, found: found.to_vec() });
            }
        }
        let count = scores.first().copied().unwrap_or(1).saturating_mul(self.post_nms_topn);
        match tops {
            1 => Ok(vec![vec![count, 5]]),
            2 => Ok(vec![vec![count, 5], vec![count]]),
            found => Err(LayerError::tops(Count::Either(1, 2), found)),
        }
    }
}
