//! Flags of the vendor's tool, so that its command lines work here.

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args};
use quantization_tools::prelude::*;
use quantization_tools::umodel::LayerOp;
use quantization_tools::umodel::layers::Convolution;
use quantization_tools_cli::cli::Failure;

/// Flags of the vendor's tool that need nothing here, or say why they cannot act.
#[derive(Args)]
#[command(next_help_heading = "Flags of the vendor's tool")]
pub(crate) struct VendorFlags {
    /// The chip
    #[arg(long, default_value = "BM1684", value_parser = PossibleValuesParser::new(["BM1684"]))]
    target: String,
    /// Keep depthwise convolutions in fp32
    #[arg(long = "accuracy_opt", default_value_t = false, action = ArgAction::Set)]
    accuracy_opt: bool,
    /// Bins of the histograms of entropy methods: always 4096
    #[arg(long = "th_binnum", default_value_t = BINS)]
    th_binnum: usize,
    /// Scales for channels: see -equalize
    #[arg(long = "per_channel", action = ArgAction::Set)]
    per_channel: Option<bool>,
    /// Shifts for parts of the channels: each 64 have one, see -vendor_rules
    #[arg(long = "conv_group", action = ArgAction::Set)]
    conv_group: Option<bool>,
    /// Nothing: convolutions are not computed in Winograd's form
    #[arg(long, action = ArgAction::Set)]
    winograd: Option<bool>,
    /// Nothing: the net is always brought into the form of the mode graph_transform
    #[arg(long = "graph_transform", action = ArgAction::Set)]
    graph_transform: Option<bool>,
    /// Fold the preprocessing into the first convolution: int8_scale has its factor, means stay with who feeds the net
    #[arg(long = "fuse_preprocess", action = ArgAction::Set)]
    fuse_preprocess: Option<bool>,
    /// Nothing: Scale layers are folded wherever that is possible
    #[arg(long = "merge_scale_to_conv", action = ArgAction::Set)]
    merge_scale_to_conv: Option<bool>,
    /// Nothing: Concats share a scale with their bottoms
    #[arg(long = "fold_concat_scale", action = ArgAction::Set)]
    fold_concat_scale: Option<bool>,
    /// Write the test prototxts, too: always
    #[arg(long = "save_test_proto", default_value_t = true, action = ArgAction::Set)]
    save_test_proto: bool,
    /// Write the model: always
    #[arg(long = "save_model", default_value_t = true, action = ArgAction::Set)]
    save_model: bool,
    /// Nothing: the tolerance of a check of folded weights, which tests of this tool make once for all
    #[arg(long = "fp32_diff")]
    fp32_diff: Option<f32>,
    /// The value of padding: 0
    #[arg(long = "pad_value", default_value_t = 0.0)]
    pad_value: f32,
}

/// Bins of a histogram.
const BINS: usize = 4096;

impl VendorFlags {
    /// Refuses what cannot be done.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let refused = if self.th_binnum != BINS {
            "-th_binnum: histograms have 4096 bins, whose width is fitted to the values"
        } else if self.fuse_preprocess == Some(true) {
            "-fuse_preprocess=true: the int8 net takes preprocessed pictures, multiplied by int8_scale, so that padding \
             stays 0"
        } else if self.merge_scale_to_conv == Some(false) {
            "-merge_scale_to_conv=false: BM1684 has no layer for what is not folded"
        } else if !self.save_test_proto {
            "-save_test_proto=false: all five files are written, or none"
        } else if !self.save_model {
            "-save_model=false: all five files are written, or none"
        } else if self.pad_value != 0.0 {
            "-pad_value: padding is 0, as the net computes in fp32"
        } else {
            return Ok(());
        };
        Err(refused.into())
    }

    /// The net with what the flags ask of its layers.
    pub(crate) fn applied(&self, net: &Net) -> Result<Net, Failure> {
        if !self.accuracy_opt {
            return Ok(net.clone());
        }
        let depthwise = |p: &Convolution| p.group > 1 && p.group == p.num_output;
        let mut specs = net.specs();
        for spec in &mut specs {
            let float = match &spec.op {
                LayerOp::Convolution(p) => depthwise(p),
                LayerOp::ConvolutionDepthwise(_) | LayerOp::DepthwiseConvolution(_) => true,
                _ => false,
            };
            if float {
                spec.set_forward_with_float(true);
            }
        }
        Ok(Net::from_specs(net.name(), specs)?)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};
    use quantization_tools::umodel::LayerSpec;

    use super::*;

    fn flags(arguments: &[&str]) -> VendorFlags {
        let command = VendorFlags::augment_args(Command::new("tool").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments).expect("flags");
        VendorFlags::from_arg_matches(&matches).expect("flags")
    }

    /// Exact: depthwise convolutions of all types, and no others.
    #[test]
    fn accuracy_opt_keeps_depthwise_convolutions() {
        let net = "
            layer { name: 'data' type: 'Input' top: 'data' input_param { shape { dim: 1 dim: 4 dim: 8 dim: 8 } } }
            layer { name: 'a' type: 'Convolution' bottom: 'data' top: 'a' convolution_param { num_output: 4 kernel_size: 1 } }
            layer { name: 'b' type: 'Convolution' bottom: 'a' top: 'b' convolution_param { num_output: 4 group: 2 kernel_size: 1 } }
            layer { name: 'c' type: 'Convolution' bottom: 'b' top: 'c' convolution_param { num_output: 4 group: 4 kernel_size: 1 } }
            layer { name: 'd' type: 'DepthwiseConvolution' bottom: 'c' top: 'd' convolution_param { num_output: 4 group: 4 kernel_size: 1 } }";
        let model = NetParameter::parse_text(net).expect("a prototxt");
        let net = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
        let float = |arguments: &[&str]| -> Vec<String> {
            let applied = flags(arguments).applied(&net).expect("a net");
            let specs = applied.specs().into_iter().filter(LayerSpec::forward_with_float);
            specs.map(|spec| spec.name).collect()
        };
        assert_eq!(float(&["--accuracy_opt=true"]), ["c", "d"]);
        assert!(float(&[]).is_empty());
    }
}
