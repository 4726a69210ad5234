// The plain part of the open sensor's firmware behind standard input: a command a line, an answer
// a line. See tests/deploy/test_firmware.py.

#include "packet.h"

#include <iostream>
#include <sstream>
#include <string>

using namespace open_sensor;

namespace {

std::string hex(const uint8_t *data, size_t length) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < length; i++) {
    text += digits[data[i] >> 4];
    text += digits[data[i] & 15];
  }
  return text;
}

std::string described(const Configuration &configuration) {
  uint8_t data[kConfigurationBytes];
  configuration.read(data);
  return hex(data, sizeof data);
}

}  // namespace

int main() {
  const uint16_t rates[kRates] = {50, 100, 200, 0};
  Configuration configuration(rates);
  Packer packer;
  SampleClock clock;
  Ring ring;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream in(line);
    std::string command;
    in >> command;
    if (command == "write") {
      uint8_t data[64];
      size_t length = 0;
      int value;
      while (in >> value) {
        data[length++] = static_cast<uint8_t>(value);
      }
      const bool taken = configuration.write(data, length);
      std::cout << (taken ? "taken " : "refused ") << described(configuration);
    } else if (command == "start") {
      uint16_t rate_hz;
      size_t mtu;
      in >> rate_hz >> mtu;
      packer.start(rate_hz, mtu);
    } else if (command == "sample") {
      Sample sample;
      in >> sample.time_us >> sample.lost_before;
      for (int16_t &value : sample.values) {
        in >> value;
      }
      uint8_t packet[kMaxPacketBytes];
      std::cout << hex(packet, packer.add(sample, packet));
    } else if (command == "clock") {
      uint16_t rate_hz;
      in >> rate_hz;
      clock.start(rate_hz);
    } else if (command == "at") {
      uint32_t read_us;
      in >> read_us;
      bool lost;
      const uint32_t time_us = clock.at(read_us, &lost);
      std::cout << time_us << ' ' << lost;
    } else if (command == "push") {
      Sample sample = {};
      in >> sample.time_us;
      ring.push(sample);
    } else if (command == "pop") {
      Sample sample;
      if (ring.pop(&sample)) {
        std::cout << sample.time_us << ' ' << sample.lost_before;
      }
    } else if (command == "counts") {
      int16_t raw;
      float step, range;
      in >> raw >> step >> range;
      std::cout << to_counts(raw, step, range);
    } else if (command == "cross") {
      int16_t x, z;
      int factor;
      in >> x >> z >> factor;
      std::cout << without_cross_axis(x, z, static_cast<uint8_t>(factor));
    } else if (command == "battery") {
      uint32_t millivolts;
      in >> millivolts;
      std::cout << static_cast<int>(battery_pct(millivolts));
    } else {
      std::cerr << "unknown command: " << line << '\n';
      return 1;
    }
    std::cout << '\n';
  }
}
