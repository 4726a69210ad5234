// hiprep open sensor for Seeed XIAO nRF52840 Sense and Arduino Nano 33 BLE (both revisions).
// What it says over Bluetooth, and how to flash it: docs/open-sensor.md.
//
// One thread reads the motion sensor and gives each sample its time; the main loop makes packets
// of them and talks to the radio, which may keep it waiting.

#include <ArduinoBLE.h>
#include <Wire.h>
#include <mbed.h>
#include <utility/ATT.h>  // of ArduinoBLE: there is no other way to learn the MTU

#include "packet.h"

#if defined(TARGET_SEEED_XIAO_NRF52840_SENSE) || defined(ARDUINO_SEEED_XIAO_NRF52840_SENSE)
#define XIAO 1
#else
#define XIAO 0
#include <Arduino_BMI270_BMM150.h>  // loads the BMI270 with its program
#endif

using namespace open_sensor;

const char kFirmware[] = "1";

// The parts. All of them measure up to 16 g and 2000 deg/s here; counts are converted to the
// ranges that were asked for. Register values: datasheets of ST (LSM6DS3TR-C DocID030071, LSM9DS1
// DocID025715) and Bosch (BMI270 BST-BMI270-DS000).
struct Part {
  const char *model;
  uint8_t address;
  uint8_t id_register, id;
  uint8_t status_register, ready_mask;
  uint8_t acc_register, gyr_register;
  float acc_step_g, gyr_step_dps;
  // The LSM9DS1's axes are left-handed: with z turned round in both they are right-handed.
  bool mirrored;
  uint16_t rates[kRates];
};

const Part kLsm6ds3 = {"XIAO nRF52840 Sense, LSM6DS3TR-C", 0x6A, 0x0F, 0x6A, 0x1E, 0x03, 0x28,
                       0x22, 0.488e-3f, 70e-3f, false, {52, 104, 208, 0}};
const Part kLsm9ds1 = {"Nano 33 BLE, LSM9DS1", 0x6B, 0x0F, 0x68, 0x17, 0x03, 0x28,
                       0x18, 0.732e-3f, 70e-3f, true, {60, 119, 238, 0}};
const Part kBmi270 = {"Nano 33 BLE, BMI270", 0x68, 0x00, 0x24, 0x03, 0xC0, 0x0C,
                      0x12, 1.0f / 2048, 2000.0f / 32768, false, {50, 100, 200, 0}};

const Part *part = nullptr;
uint8_t crossAxis = 0;  // of the BMI270

BLEService service("0a2f0001-08c1-4c31-a61a-d79e8fbd7ccc");
BLECharacteristic dataValue("0a2f0002-08c1-4c31-a61a-d79e8fbd7ccc", BLENotify, kMaxPacketBytes);
BLECharacteristic settingsValue("0a2f0003-08c1-4c31-a61a-d79e8fbd7ccc", BLERead | BLEWrite,
                                kConfigurationBytes);
BLEService batteryService("180F");
BLEByteCharacteristic batteryValue("2A19", BLERead);
BLEService informationService("180A");
BLECharacteristic modelValue("2A24", BLERead, 40);
BLECharacteristic firmwareValue("2A26", BLERead, 8);

Configuration *configuration = nullptr;
Packer packer;
Ring ring;
std::atomic<uint16_t> wantedHz{0};
rtos::Thread reader(osPriorityHigh);

void writeRegister(uint8_t address, uint8_t value) {
  Wire1.beginTransmission(part->address);
  Wire1.write(address);
  Wire1.write(value);
  Wire1.endTransmission();
}

bool readRegisters(const Part &from, uint8_t address, uint8_t *data, size_t length) {
  Wire1.beginTransmission(from.address);
  Wire1.write(address);
  if (Wire1.endTransmission(false) != 0 || Wire1.requestFrom(from.address, length) != length) {
    return false;
  }
  for (size_t i = 0; i < length; i++) {
    data[i] = Wire1.read();
  }
  return true;
}

bool answers(const Part &candidate) {
  uint8_t id = 0;
  return readRegisters(candidate, candidate.id_register, &id, 1) && id == candidate.id;
}

// Set the part to one of its rates, 0 for asleep.
void setUp(uint16_t rateHz) {
  uint8_t index = 0;  // of the rate
  while (index < kRates - 1 && part->rates[index] != rateHz) {
    index++;
  }
  if (part == &kBmi270) {
    writeRegister(0x40, 0xA0 | (7 + index));    // accelerometer: 50, 100, 200 Hz
    writeRegister(0x41, 0x03);                  // 16 g
    writeRegister(0x42, 0xE0 | (7 + index));    // gyroscope: the same
    writeRegister(0x43, 0x00);                  // 2000 deg/s
    writeRegister(0x7D, rateHz ? 0x06 : 0x00);  // both on, or off
  } else if (part == &kLsm9ds1) {
    const uint8_t rate = rateHz ? (2 + index) << 5 : 0;  // 59.5, 119, 238 Hz
    writeRegister(0x22, 0x44);                           // whole samples, addresses count up
    writeRegister(0x20, rate | 0x08);                    // 16 g
    writeRegister(0x10, rate | 0x18);                    // 2000 deg/s
  } else {
    const uint8_t rate = rateHz ? (3 + index) << 4 : 0;  // 52, 104, 208 Hz
    writeRegister(0x12, 0x44);                           // whole samples, addresses count up
    writeRegister(0x10, rate | 0x04);                    // 16 g
    writeRegister(0x11, rate | 0x0C);                    // 2000 deg/s
  }
}

bool readSample(Sample *sample) {
  uint8_t bytes[12];  // acc x y z, gyr x y z
  if (!readRegisters(*part, part->acc_register, bytes, 6) ||
      !readRegisters(*part, part->gyr_register, bytes + 6, 6)) {
    return false;
  }
  int16_t raw[6];
  for (size_t i = 0; i < 6; i++) {
    raw[i] = static_cast<int16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
  }
  raw[3] = without_cross_axis(raw[3], raw[5], crossAxis);
  for (size_t i = 0; i < 6; i++) {
    const bool turned = part->mirrored && i % 3 == 2;
    const float step = i < 3 ? part->acc_step_g : part->gyr_step_dps;
    const float range = i < 3 ? configuration->acc_range_g() : configuration->gyr_range_dps();
    sample->values[i] = to_counts(raw[i], turned ? -step : step, range);
  }
  return true;
}

void readForever() {
  SampleClock clock;
  uint16_t rateHz = 0;
  for (;;) {
    const uint16_t wanted = wantedHz;
    if (wanted != rateHz) {
      rateHz = wanted;
      setUp(rateHz);
      if (rateHz) {
        clock.start(rateHz);
      }
    }
    uint8_t status = 0;
    if (rateHz && readRegisters(*part, part->status_register, &status, 1) &&
        (status & part->ready_mask) == part->ready_mask) {
      Sample sample;
      const uint32_t now_us = micros();
      if (readSample(&sample)) {
        sample.time_us = clock.at(now_us, &sample.lost_before);
        ring.push(sample);
      }
    }
    rtos::ThisThread::sleep_for(std::chrono::milliseconds(rateHz ? 1 : 20));
  }
}

// Only one central is connected at a time, and handles that are not in use say 23.
size_t mtu() {
  size_t most = 23;
  for (uint16_t handle = 0; handle < 0x0F00; handle++) {
    most = max(most, static_cast<size_t>(ATT.mtu(handle)));
  }
  return most;
}

void showSettings() {
  uint8_t data[kConfigurationBytes];
  configuration->read(data);
  settingsValue.writeValue(data, sizeof data);
}

// ArduinoBLE has stored what was written, and cannot refuse it: put back what is true.
void onSettings(BLEDevice, BLECharacteristic) {
  const bool taken = configuration->write(settingsValue.value(), settingsValue.valueLength());
  showSettings();
  if (taken && configuration->rate_hz()) {
    packer.start(configuration->rate_hz(), mtu());
  }
  wantedHz = configuration->rate_hz();
}

void onDisconnected(BLEDevice) {
  configuration->stop();
  wantedHz = 0;
  showSettings();
}

#if XIAO
mbed::AnalogIn cell(P0_31);
// Low connects the divider of 1 M and 510 k. It stays low: high would endanger P0_31 while charging.
mbed::DigitalOut divider(P0_14, 0);

void showBattery() {
  const float millivolts = cell.read() * 3300 * (1000 + 510) / 510;
  batteryValue.writeValue(battery_pct(static_cast<uint32_t>(millivolts)));
}
#endif

void stopHere() {
  pinMode(LED_BUILTIN, OUTPUT);
  for (;;) {  // a quick blink: no motion sensor, or no radio
    digitalWrite(LED_BUILTIN, !digitalRead(LED_BUILTIN));
    delay(100);
  }
}

void findPart() {
#if XIAO
  static mbed::DigitalOut power(P1_8, 1);
  delay(50);
#endif
  Wire1.begin();
  for (const Part *candidate : {&kLsm6ds3, &kLsm9ds1, &kBmi270}) {
    if (answers(*candidate)) {
      part = candidate;
      break;
    }
  }
#if !XIAO
  if (part == &kBmi270 && !IMU.begin()) {
    part = nullptr;
  }
  if (part == &kBmi270) {
    writeRegister(0x7C, 0x00);  // no advanced power saving: it would not answer at once
    writeRegister(0x2F, 0x00);  // page 0 of its features
    readRegisters(kBmi270, 0x3C, &crossAxis, 1);
  }
#endif
  if (!part) {
    stopHere();
  }
  Wire1.setClock(400000);  // IMU.begin() had set it back
}

void setup() {
  findPart();
  static Configuration theConfiguration(part->rates);
  configuration = &theConfiguration;
  if (!BLE.begin()) {
    stopHere();
  }
  String name = String("hiprep-") + BLE.address().substring(12);
  name.replace(":", "");
  BLE.setLocalName(name.c_str());
  BLE.setDeviceName(name.c_str());
  BLE.setConnectionInterval(12, 24);  // of 1.25 ms
  service.addCharacteristic(dataValue);
  service.addCharacteristic(settingsValue);
  BLE.addService(service);
  informationService.addCharacteristic(modelValue);
  informationService.addCharacteristic(firmwareValue);
  BLE.addService(informationService);
  modelValue.writeValue(part->model);
  firmwareValue.writeValue(kFirmware);
#if XIAO
  batteryService.addCharacteristic(batteryValue);
  BLE.addService(batteryService);
  showBattery();
#endif
  showSettings();
  settingsValue.setEventHandler(BLEWritten, onSettings);
  BLE.setEventHandler(BLEDisconnected, onDisconnected);
  BLE.setAdvertisedService(service);
  reader.start(readForever);
  BLE.advertise();
}

void loop() {
  BLE.poll();
  Sample sample;
  while (ring.pop(&sample)) {
    uint8_t packet[kMaxPacketBytes];
    const size_t length = configuration->rate_hz() ? packer.add(sample, packet) : 0;
    if (length && dataValue.subscribed()) {
      dataValue.writeValue(packet, length);
    }
  }
#if XIAO
  static uint32_t shown_ms = 0;
  if (millis() - shown_ms >= 60000) {
    shown_ms = millis();
    showBattery();
  }
#endif
  delay(1);
}
