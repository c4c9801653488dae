// caffe_data NET N: seconds that N forward passes of a net of Data layers take in real Caffe, after two that warm up.
// Compile against a CPU build of Caffe (libcaffe.so, its headers, generated ones in gen/, compat.h):
//   g++ -O2 -std=c++17 -w -DCPU_ONLY -DUSE_OPENCV -DUSE_LMDB -DUSE_LEVELDB -include compat.h -I. -Igen -ICAFFE/include \
//     -I/usr/include/opencv4 caffe_data.cpp -o caffe_data -L. -lcaffe -lprotobuf -lglog -lgflags -lboost_system
#include <caffe/caffe.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  FLAGS_minloglevel = 2;
  google::InitGoogleLogging(argv[0]);
  caffe::Caffe::set_mode(caffe::Caffe::CPU);
  caffe::Net<float> net(argv[1], caffe::TEST);
  for (int pass = 0; pass < 2; ++pass) net.Forward();
  const auto start = std::chrono::steady_clock::now();
  for (int pass = 0, passes = std::atoi(argv[2]); pass < passes; ++pass) net.Forward();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("%.9f\n", seconds.count());
  std::fflush(stdout);
  std::_Exit(0);
}
