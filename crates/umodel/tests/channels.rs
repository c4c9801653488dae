//! Exact: how channels of a blob are stored is written and read, and damaged lists are errors.

use umodel::{Channels, Net, NetParameter, NoSources, Phase, QuantizedNet};

const NET: &str = "
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 3, 2, 2] } } }
    layer { name: 'y' type: 'TanH' bottom: 'x' top: 'y' }
    layer { name: 'z' type: 'TanH' bottom: 'y' top: 'z' }";

fn net() -> QuantizedNet {
    let model = NetParameter::parse_text(NET).expect("text");
    let net = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
    QuantizedNet::from_float(net).expect("fp32")
}

fn stored(factors: &[f32], order: &[u32]) -> Option<Channels> {
    Some(Channels { factors: factors.into(), order: order.into() })
}

/// The net with these channels of y, and what its message says of them.
fn with(channels: Option<Channels>) -> Result<(QuantizedNet, String), String> {
    let of = |blob: &str| channels.clone().filter(|_| blob == "y");
    let net = net().with_channels(of).map_err(|error| chain(&error))?;
    let text = net.to_parameter_with_weights().to_text();
    Ok((net, text))
}

fn chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(|source| format!(": {}", chain(source)));
    format!("{error}{}", source.unwrap_or_default())
}

#[test]
fn channels_are_read_as_they_were_written() {
    let cases = [
        (stored(&[1.0, 0.5, 0.25], &[0, 1, 2]), [true, false]),
        (stored(&[1.0, 1.0, 1.0], &[2, 0, 1]), [false, true]),
        (stored(&[0.5, 1.0, 1.0], &[1, 0, 2]), [true, true]),
        (stored(&[1.0, 1.0, 1.0], &[0, 1, 2]), [false, false]),
    ];
    for (channels, [scaled, sorted]) in cases {
        let (net, text) = with(channels.clone()).expect("valid");
        assert_eq!(text.contains("channel_factor"), scaled, "{channels:?}");
        assert_eq!(text.contains("channel_order"), sorted, "{channels:?}");
        let bytes = net.to_parameter_with_weights().to_bytes().expect("bytes");
        let weights = NetParameter::from_bytes(&bytes).expect("a message");
        let read = QuantizedNet::read(&net.to_parameter(), &weights, Phase::Test, &NoSources);
        let read = read.expect("the same net");
        let id = read.net().blob_id("y").expect("the blob");
        assert_eq!(read.channels(id), channels.as_ref().filter(|_| scaled || sorted));
        assert_eq!(read.channels(read.net().outputs()[0]), None);
        let deployed = read.deploy().expect("deploys");
        let id = deployed.net().blob_id("y").expect("the blob");
        assert_eq!(deployed.channels(id), channels.as_ref().filter(|_| scaled || sorted));
    }
}

#[test]
fn damaged_lists_are_errors() {
    let cases = [
        (stored(&[1.0, 0.5], &[0, 1, 2]), "blob \"y\" has 2 factors of channels, but 3 channels"),
        (stored(&[1.0, 0.0, 1.0], &[0, 1, 2]), "has a channel with the factor 0,"),
        (stored(&[1.0, -0.5, 1.0], &[0, 1, 2]), "has a channel with the factor -0.5,"),
        (stored(&[1.0, f32::NAN, 1.0], &[0, 1, 2]), "has a channel with the factor NaN,"),
        (
            stored(&[1.0; 3], &[0, 1, 1]),
            "the order of channels of blob \"y\" is not one of its 3 channels",
        ),
        (stored(&[1.0; 3], &[0, 3, 1]), "the order of channels of blob \"y\""),
        (stored(&[1.0; 3], &[1, 0]), "the order of channels of blob \"y\""),
        (stored(&[1.0; 3], &[1, 0, 2, 3]), "the order of channels of blob \"y\""),
    ];
    for (channels, expected) in cases {
        let error = with(channels).expect_err(expected);
        assert!(error.contains("\"y\" (TanH)") && error.contains(expected), "{error}");
    }
}
