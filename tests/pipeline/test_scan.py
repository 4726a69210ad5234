"""What is on the air, and what can be used."""

import argparse
import json
import subprocess
import sys

import pytest

from pipeline.commands import CommandError
from pipeline.commands.scan import scan
from pipeline.commands.sensors import sensor_view
from sensor import drivers
from sensor.link import Advertisement, SensorError
from sensor.scan import Scan, signal_word
from sensor.simulator import peripherals
from tests.pipeline.fake_radio import FakeRadio
from tests.pipeline.test_display import shown

DOT = "D4:22:CD:00:00:07"
HEADPHONES = Advertisement("11:22:33:44:55:66", "Headphones", -40)
NAMELESS = Advertisement("11:22:33:44:55:67")

Capture = pytest.CaptureFixture[str]


def asked(*, battery: bool = False, as_json: bool = False) -> argparse.Namespace:
    # Whatever there is, a fake radio has told before the first pause.
    return argparse.Namespace(seconds=0.01, battery=battery, json=as_json)


def test_supported_sensors_stand_first_whatever_is_nearer(capsys: Capture) -> None:
    radio = FakeRadio([peripherals.make("dot", address=DOT)], [HEADPHONES, NAMELESS])
    assert scan(radio, asked()) == 0
    head, first, second, third = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "address", "model", "signal", "driver", "battery"]
    assert DOT in first
    assert "dot" in first.split()
    assert "Headphones" in second
    assert "not known" in second
    assert "-40 dBm near" in second
    assert NAMELESS.address in third


def test_a_table_fits_eighty_columns(capsys: Capture) -> None:
    radio = FakeRadio(
        [peripherals.make(name) for name in peripherals.names()],
        [Advertisement("11:22:33:44:55:68", "A name of some length that goes on and on", -100)],
    )
    scan(radio, asked())
    assert all(len(line) <= 80 for line in capsys.readouterr().out.splitlines())


def test_a_name_on_the_air_cannot_write_to_the_terminal(capsys: Capture) -> None:
    scan(FakeRadio(others=[Advertisement(DOT, "[/b]\x1b[2J\r[red]x")]), asked())
    text = capsys.readouterr().out
    assert "[/b]?[2J?[red]x" in text
    assert "\x1b" not in text


def test_json_is_one_sensor_a_line(capsys: Capture) -> None:
    radio = FakeRadio([peripherals.make("dot", address=DOT)], [NAMELESS])
    assert scan(radio, asked(as_json=True)) == 0
    known, unknown = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert known["address"] == DOT
    assert known["driver"] == "dot"
    assert isinstance(known["rssi_dbm"], int)
    assert known["battery_pct"] is None
    assert unknown == {
        "address": NAMELESS.address,
        "name": None,
        "rssi_dbm": None,
        "model": None,
        "driver": None,
        "battery_pct": None,
    }


def test_nobody_is_connected_unless_the_battery_is_asked_for(capsys: Capture) -> None:
    radio = FakeRadio([peripherals.make("dot", address=DOT)], [HEADPHONES])
    scan(radio, asked())
    assert radio.links == []
    scan(radio, asked(battery=True))
    (link,) = radio.links
    assert link.closed
    assert not link.peripheral.streaming
    assert "%" in capsys.readouterr().out.splitlines()[-2]


def test_a_battery_that_cannot_be_read_is_said_and_the_next_is_asked(capsys: Capture) -> None:
    gone = Advertisement("D4:22:CD:00:00:08", "Movella DOT", -50)
    radio = FakeRadio([peripherals.make("dot", address=DOT)], [gone])
    assert scan(radio, asked(battery=True)) == 0
    text = capsys.readouterr().out
    assert f"{gone.address}: {gone.address} does not answer" in " ".join(text.split())
    assert "%" in next(line for line in text.splitlines() if DOT in line)


def test_nothing_found_says_what_to_check(capsys: Capture) -> None:
    assert scan(FakeRadio(), asked()) == 0
    assert capsys.readouterr().out.startswith("No sensors found. What to check")
    assert scan(FakeRadio(), asked(as_json=True)) == 0
    assert capsys.readouterr().out == ""


def test_a_radio_that_is_off_is_one_line_with_the_cure() -> None:
    radio = FakeRadio(fault=SensorError("Bluetooth is off: switch it on"))
    with pytest.raises(CommandError, match="switch it on"):
        scan(radio, asked())


def test_what_a_sensor_says_in_two_advertisements_is_put_together() -> None:
    seen = Scan()
    seen.take(Advertisement(DOT, "", -50, (), {0x0886: b"\1"}))
    seen.take(Advertisement(DOT, "Movella DOT", None, ("180f",)))
    seen.take(Advertisement(DOT, "", -50))
    (found,) = seen.found()
    assert found.seen.name == "Movella DOT"
    assert found.seen.services == ("180f",)
    assert found.seen.manufacturer == {0x0886: b"\1"}
    assert found.rssi_dbm == -50


def test_one_strong_packet_does_not_make_a_sensor_near() -> None:
    seen = Scan()
    for heard_dbm in (-90, -90, -50, -90):
        seen.take(Advertisement(DOT, "x", heard_dbm))
    (found,) = seen.found()
    assert found.rssi_dbm is not None
    assert -90 < found.rssi_dbm < -80


def test_a_signal_has_a_word() -> None:
    assert [signal_word(dbm) for dbm in (-40, -75, -95)] == ["near", "fair", "far"]


def test_every_driver_is_listed_with_its_rates_and_limits() -> None:
    known = [drivers.load(name) for name in drivers.names()]
    text = shown(sensor_view(known))
    words = " ".join(text.split())
    for driver in known:
        assert driver.name in words
        assert f"{driver.default_rate_hz:g}" in words
        for limit in driver.cannot:
            # Cells are wrapped: the first words stand on one line.
            assert " ".join(limit.split()[:3]) in words


@pytest.mark.parametrize("command", ["init", "sensors", "scan", "doctor"])
def test_help_is_quick_and_has_examples(command: str) -> None:
    code = (
        "import sys\nfrom pipeline.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    print(sorted({'numpy', 'bleak', 'dbus_fast', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command, "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")
    assert f"hiprep {command}" in done.stdout.partition("examples:")[2]
