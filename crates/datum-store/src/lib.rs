//! Caffe Datum records in LMDB: typed records, ordered reading, batched writing, image lists.
