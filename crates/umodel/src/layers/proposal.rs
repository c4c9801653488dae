use super::LayerParam;
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Region proposals from scores and offsets of anchors.
///
/// # Shapes
/// bottoms: scores `[N, 2·anchors, H, W]`, offsets `[N, 4·anchors, H, W]`, picture sizes; tops: at most
/// `[N·post_nms_topn, 5]`, and their scores `[N·post_nms_topn]`.
///
/// # Source
/// Faster R-CNN in C++, ProposalLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Pixels of the picture for each of the map.
    pub feat_stride: usize,
    /// Side of the anchor that ratios and scales change.
    pub base_size: usize,
    /// Smaller regions go.
    pub min_size: usize,
    /// Aspect ratios of anchors.
    pub ratios: Vec<f32>,
    /// Scales of anchors.
    pub scales: Vec<f32>,
    /// How many regions are looked at.
    pub pre_nms_topn: usize,
    /// How many are kept.
    pub post_nms_topn: usize,
    /// Regions that overlap more than this with a better one go.
    pub nms_thresh: f32,
}

impl LayerParam for Proposal {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.proposal_param;
        Ok(Proposal {
            feat_stride: p.feat_stride() as usize,
            base_size: p.base_size() as usize,
            min_size: p.min_size() as usize,
            ratios: p.ratio.clone(),
            scales: p.scale.clone(),
            pre_nms_topn: p.pre_nms_topn() as usize,
            post_nms_topn: p.post_nms_topn() as usize,
            nms_thresh: p.nms_thresh(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.proposal_param.mut_or_insert_default();
        p.feat_stride = Some(self.feat_stride as u32);
        p.base_size = Some(self.base_size as u32);
        p.min_size = Some(self.min_size as u32);
        p.ratio = self.ratios.clone();
        p.scale = self.scales.clone();
        p.pre_nms_topn = Some(self.pre_nms_topn as u32);
        p.post_nms_topn = Some(self.post_nms_topn as u32);
        p.nms_thresh = Some(self.nms_thresh);
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [scores, _, _] = bottoms else {
            return Err(LayerError::BottomCount { expected: "3", found: bottoms.len() });
        };
        let count = scores.first().copied().unwrap_or(1).saturating_mul(self.post_nms_topn);
        match tops {
            1 => Ok(vec![vec![count, 5]]),
            2 => Ok(vec![vec![count, 5], vec![count]]),
            found => Err(LayerError::TopCount { expected: "1 or 2", found }),
        }
    }
}
