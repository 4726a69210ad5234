#include "packet.h"

#include <math.h>

namespace open_sensor {

namespace {

const float kFullScale = 32768.0f;

// Critically damped, and settled after some tens of samples.
const float kPhaseGain = 1.0f / 8;
const float kPeriodGain = 1.0f / 256;
const float kMostOff = 0.05f;  // sample clocks of such parts are off by 3 % at most

const size_t kAttBytes = 3;
const uint16_t kPacketsPerSecond = 10;

struct Cell {
  uint16_t millivolts;
  uint8_t percent;
};
const Cell kCell[] = {{3300, 0}, {3600, 10}, {3700, 30}, {3800, 55}, {3900, 70}, {4150, 100}};

uint8_t *put16(uint8_t *to, uint16_t value) {
  to[0] = static_cast<uint8_t>(value);
  to[1] = static_cast<uint8_t>(value >> 8);
  return to + 2;
}

uint16_t get16(const uint8_t *from) {
  return static_cast<uint16_t>(from[0] | from[1] << 8);
}

}  // namespace

int16_t to_counts(int16_t raw, float step, float range) {
  const float counts = roundf(static_cast<float>(raw) * step / range * kFullScale);
  if (counts >= kFullScale - 1) {
    return 32767;
  }
  return counts <= -kFullScale ? -32768 : static_cast<int16_t>(counts);
}

int16_t without_cross_axis(int16_t gyr_x, int16_t gyr_z, uint8_t factor) {
  const int32_t part = static_cast<int32_t>(factor & 0x7F) - ((factor & 0x40) ? 128 : 0);
  const int32_t x = gyr_x - part * gyr_z / 512;
  return static_cast<int16_t>(x > 32767 ? 32767 : x < -32768 ? -32768 : x);
}

uint8_t battery_pct(uint32_t millivolts) {
  const size_t cells = sizeof kCell / sizeof kCell[0];
  if (millivolts <= kCell[0].millivolts) {
    return 0;
  }
  for (size_t i = 1; i < cells; i++) {
    if (millivolts < kCell[i].millivolts) {
      const uint32_t above = millivolts - kCell[i - 1].millivolts;
      const uint32_t width = kCell[i].millivolts - kCell[i - 1].millivolts;
      const uint32_t rise = kCell[i].percent - kCell[i - 1].percent;
      return static_cast<uint8_t>(kCell[i - 1].percent + rise * above / width);
    }
  }
  return 100;
}

void SampleClock::start(uint16_t rate_hz) {
  started_ = false;
  nominal_us_ = period_us_ = 1e6f / static_cast<float>(rate_hz);
}

uint32_t SampleClock::at(uint32_t read_us, bool *lost_before) {
  *lost_before = false;
  if (!started_) {
    started_ = true;
    last_us_ = read_us;
    fraction_us_ = 0;
    return last_us_;
  }
  float late_us = static_cast<float>(static_cast<int32_t>(read_us - last_us_));
  late_us -= fraction_us_ + period_us_;
  float step_us = period_us_;
  const float missing = floorf(late_us / period_us_ + 0.25f);
  if (missing >= 1) {
    *lost_before = true;
    step_us += missing * period_us_;
    late_us -= missing * period_us_;
  }
  // Never back, whatever the reader's clock does.
  late_us = fmaxf(-0.5f * period_us_, fminf(0.75f * period_us_, late_us));
  fraction_us_ += step_us + kPhaseGain * late_us;
  period_us_ += kPeriodGain * late_us;
  period_us_ = fmaxf(period_us_, nominal_us_ * (1 - kMostOff));
  period_us_ = fminf(period_us_, nominal_us_ * (1 + kMostOff));
  const float whole_us = floorf(fraction_us_);
  last_us_ += static_cast<uint32_t>(whole_us);
  fraction_us_ -= whole_us;
  return last_us_;
}

void Ring::push(Sample sample) {
  const size_t end = end_.load(std::memory_order_relaxed);
  const size_t next = (end + 1) % kRoom;
  if (next == begin_.load(std::memory_order_acquire)) {
    lost_ = true;
    return;
  }
  sample.lost_before = sample.lost_before || lost_;
  lost_ = false;
  samples_[end] = sample;
  end_.store(next, std::memory_order_release);
}

bool Ring::pop(Sample *sample) {
  const size_t begin = begin_.load(std::memory_order_relaxed);
  if (begin == end_.load(std::memory_order_acquire)) {
    return false;
  }
  *sample = samples_[begin];
  begin_.store((begin + 1) % kRoom, std::memory_order_release);
  return true;
}

void Packer::start(uint16_t rate_hz, size_t mtu) {
  nominal_us_ = static_cast<uint16_t>((1000000UL + rate_hz / 2) / rate_hz);
  const size_t overhead = kAttBytes + kHeaderBytes;
  room_ = mtu > overhead ? (mtu - overhead) / kSampleBytes : 0;
  if (room_ > rate_hz / kPacketsPerSecond) {
    room_ = rate_hz / kPacketsPerSecond;
  }
  if (room_ > kMaxSamples) {
    room_ = kMaxSamples;
  }
  if (room_ < 1) {
    room_ = 1;
  }
  count_ = 0;
}

size_t Packer::add(const Sample &sample, uint8_t *packet) {
  // What is before a gap goes out first: samples are evenly spaced in a packet. Where one fills
  // it none ever waits, so that two are never complete at once.
  const size_t before = sample.lost_before && count_ > 0 ? finish(packet) : 0;
  samples_[count_++] = sample;
  return before > 0 || count_ < room_ ? before : finish(packet);
}

size_t Packer::finish(uint8_t *packet) {
  const uint32_t first_us = samples_[0].time_us;
  const uint32_t steps = static_cast<uint32_t>(count_ - 1);
  uint32_t period_us = nominal_us_;
  if (steps > 0) {
    period_us = (samples_[steps].time_us - first_us + steps / 2) / steps;
  }
  uint8_t *to = packet;
  *to++ = kVersion;
  *to++ = samples_[0].lost_before ? kSamplesLost : 0;
  to = put16(to, number_++);
  to = put16(to, static_cast<uint16_t>(first_us));
  to = put16(to, static_cast<uint16_t>(first_us >> 16));
  to = put16(to, static_cast<uint16_t>(period_us));
  *to++ = static_cast<uint8_t>(count_);
  for (size_t i = 0; i < count_; i++) {
    for (int16_t value : samples_[i].values) {
      to = put16(to, static_cast<uint16_t>(value));
    }
  }
  count_ = 0;
  return static_cast<size_t>(to - packet);
}

Configuration::Configuration(const uint16_t (&rates)[kRates]) {
  for (size_t i = 0; i < kRates; i++) {
    rates_[i] = rates[i];
  }
}

bool Configuration::write(const uint8_t *data, size_t length) {
  if (length != kSettingsBytes || data[0] != kVersion) {
    return false;
  }
  const uint8_t acc_range_g = data[1];
  const uint16_t gyr_range_dps = get16(data + 2);
  const uint16_t rate_hz = get16(data + 4);
  const bool ranges = (acc_range_g == 8 || acc_range_g == 16) &&
                      (gyr_range_dps == 1000 || gyr_range_dps == 2000);
  if (!ranges || !(rate_hz == 0 || (rate_hz_ == 0 && offers(rate_hz)))) {
    return false;
  }
  acc_range_g_ = acc_range_g;
  gyr_range_dps_ = gyr_range_dps;
  rate_hz_ = rate_hz;
  return true;
}

void Configuration::read(uint8_t (&data)[kConfigurationBytes]) const {
  data[0] = kVersion;
  data[1] = acc_range_g_;
  uint8_t *to = put16(data + 2, gyr_range_dps_);
  to = put16(to, rate_hz_);
  for (uint16_t rate : rates_) {
    to = put16(to, rate);
  }
}

bool Configuration::offers(uint16_t rate_hz) const {
  for (uint16_t rate : rates_) {
    if (rate == rate_hz) {
      return true;
    }
  }
  return false;
}

}  // namespace open_sensor
