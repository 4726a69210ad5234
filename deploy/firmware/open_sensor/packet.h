// What an open sensor sends and takes, byte by byte: docs/open-sensor.md.
//
// Plain C++11 without allocation and without Arduino, so that it is compiled and tested on any
// computer: tests/deploy/test_firmware.py.

#ifndef OPEN_SENSOR_PACKET_H
#define OPEN_SENSOR_PACKET_H

#include <atomic>
#include <stddef.h>
#include <stdint.h>

namespace open_sensor {

const uint8_t kVersion = 1;
const uint8_t kSamplesLost = 0x01;  // flag: samples are missing before the first of this packet

const size_t kHeaderBytes = 11;
const size_t kSampleBytes = 12;
const size_t kMaxSamples = 20;
const size_t kMaxPacketBytes = kHeaderBytes + kMaxSamples * kSampleBytes;

const size_t kRates = 4;
const size_t kSettingsBytes = 6;                                 // what is written
const size_t kConfigurationBytes = kSettingsBytes + 2 * kRates;  // what is read

struct Sample {
  uint32_t time_us;
  bool lost_before;   // whether samples are missing just before it
  int16_t values[6];  // acc x y z, gyr x y z, in counts of the declared ranges
};

// A part's count, worth `step`, as a count of a range of so much; beyond the range it clips.
// Both in the same unit: g or deg/s.
int16_t to_counts(int16_t raw, float step, float range);

// A BMI270's turning rate about x without what it picks up of that about z. factor: its own
// GYR_CAS.factor_zx, signed, of 7 bits, in 512ths.
int16_t without_cross_axis(int16_t gyr_x, int16_t gyr_z, uint8_t factor);

// Percent left in a lithium polymer cell, by its voltage under this small load; a coarse guess.
uint8_t battery_pct(uint32_t millivolts);

// When samples were taken, from when they were read. A sample is read up to a poll later than it
// was ready; the part's own pace is even, so the times are smoothed by a second-order loop.
class SampleClock {
 public:
  void start(uint16_t rate_hz);
  // Time of the sample that was just read; whether others were overwritten before it was.
  uint32_t at(uint32_t read_us, bool *lost_before);

 private:
  bool started_ = false;
  uint32_t last_us_ = 0;
  float fraction_us_ = 0;  // of the last time, beyond last_us_
  float nominal_us_ = 0;
  float period_us_ = 0;
};

// Samples on their way from the thread that reads the part to the one that talks to the radio.
class Ring {
 public:
  // A sample that finds no room is lost, and the next one says so.
  void push(Sample sample);
  bool pop(Sample *sample);

 private:
  static const size_t kRoom = 256;
  Sample samples_[kRoom];
  std::atomic<size_t> begin_{0};
  std::atomic<size_t> end_{0};
  bool lost_ = false;
};

// Evenly spaced samples -> packets.
class Packer {
 public:
  // mtu: of the connection. What waits is dropped; the packets' number goes on.
  void start(uint16_t rate_hz, size_t mtu);
  // Add a sample; returns the bytes of the packet that is complete now, or 0. packet must have
  // room for kMaxPacketBytes.
  size_t add(const Sample &sample, uint8_t *packet);

 private:
  size_t finish(uint8_t *packet);

  uint16_t number_ = 0;
  uint16_t nominal_us_ = 0;
  size_t room_ = 1;  // samples in a full packet
  size_t count_ = 0;
  Sample samples_[kMaxSamples];
};

// Ranges, rate and the rates there are. rates: ascending, 0 where there are fewer.
class Configuration {
 public:
  explicit Configuration(const uint16_t (&rates)[kRates]);
  // A central's write; false, and nothing changes, if it cannot be.
  bool write(const uint8_t *data, size_t length);
  void read(uint8_t (&data)[kConfigurationBytes]) const;
  void stop() { rate_hz_ = 0; }
  uint16_t rate_hz() const { return rate_hz_; }  // 0: it does not sample
  uint8_t acc_range_g() const { return acc_range_g_; }
  uint16_t gyr_range_dps() const { return gyr_range_dps_; }

 private:
  bool offers(uint16_t rate_hz) const;

  uint8_t acc_range_g_ = 16;
  uint16_t gyr_range_dps_ = 2000;
  uint16_t rate_hz_ = 0;
  uint16_t rates_[kRates];
};

}  // namespace open_sensor

#endif
