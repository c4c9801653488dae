//! The tools as a user meets them: what they print and write, bad input, exit codes. Bit-exact except for figures
//! that depend on the order of fp32 sums, whose bounds stand beside them.

mod bm_model;
mod bm_model_run;
mod bmnetu;
mod bmnetu_cut;
mod bmnetu_flags;
mod calibration_use_pb;
mod cf_to_umodel;
mod command_lines;
mod convert_annoset;
mod convert_imageset;
mod data_flags;
mod detector;
mod first_mistakes;
mod fpfwd;
mod guide;
mod hdf5;
mod killed;
mod on_to_umodel;
mod pb_to_umodel;
mod place;
mod ssd300;
mod terminal;
mod timeline;
mod ufw;
mod ufw_detect;
mod ufw_run;
mod umodel_tool;
