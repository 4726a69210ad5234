"""What is well, what is not, and that every problem comes with its cure."""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.commands import CommandError, doctor
from pipeline.doctor import Finding, bluetooth_findings, python_findings, settings_findings
from pipeline.settings import SensorEntry, Settings
from sensor.adapter import Adapter, Bluetooth
from sensor.drivers import Setup, dot
from sensor.link import Advertisement, SensorError
from sensor.records import Battery, Connected, Disconnected, Packet, Record
from sensor.simulator import peripherals
from sensor.supervisor import State
from tests.pipeline.fake_radio import FakeRadio, lying_still
from tests.pipeline.test_display import shown

DOT = "D4:22:CD:00:00:07"
ON = Adapter("hci0", "00:1A:7D:DA:71:13", powered=True, blocked=False, central=True)
HOST = Bluetooth("Linux", bluez_version=(5, 66), adapters=(ON,))
SETUP = Setup("dot", "Movella DOT", 60.0, 16.0, 2000.0, "2.1.0")

Capture = pytest.CaptureFixture[str]


def about(findings: list[Finding], word: str) -> Finding:
    (finding,) = [one for one in findings if one.about == word]
    return finding


def asked(*, seconds: float = 0.05, as_json: bool = False) -> argparse.Namespace:
    return argparse.Namespace(seconds=seconds, json=as_json)


# The host


def test_a_good_host_has_no_problem() -> None:
    findings = [
        *python_findings({"Bleak": "3.1.0"}),
        *bluetooth_findings(HOST, None),
        *settings_findings("settings.toml", (), 2),
    ]
    assert {finding.level for finding in findings} == {"ok"}


@pytest.mark.parametrize(
    ("host", "wanted", "word", "cure"),
    [
        (replace(HOST, fault="no bus", detail="No such file"), None, "D-Bus", "systemctl"),
        (replace(HOST, fault="no BlueZ", detail="x"), None, "BlueZ", "install bluez"),
        (replace(HOST, fault="no permission", detail="x"), None, "permission", "usermod"),
        (replace(HOST, bluez_version=(5, 50)), None, "BlueZ version", "upgrade"),
        (replace(HOST, adapters=()), None, "adapter", "plug in"),
        (HOST, "hci1", "adapter", "settings"),
        (replace(HOST, adapters=(replace(ON, powered=False),)), None, "adapter", "power on"),
        (
            replace(HOST, adapters=(replace(ON, powered=False, blocked=True),)),
            None,
            "adapter",
            "rfkill unblock",
        ),
        (replace(HOST, adapters=(replace(ON, central=False),)), None, "adapter", "another"),
        (Bluetooth("FreeBSD"), None, "Bluetooth", "Linux"),
    ],
)
def test_each_fault_of_the_host_has_its_cure(
    host: Bluetooth, wanted: str | None, word: str, cure: str
) -> None:
    problems = [one for one in bluetooth_findings(host, wanted) if one.level == "problem"]
    assert cure in about(problems, word).cure
    assert len(problems) == 1


def test_newer_than_a_version_is_not_older_by_its_letters() -> None:
    for version in ((5, 55), (5, 100), (6, 0)):
        assert (
            about(
                bluetooth_findings(replace(HOST, bluez_version=version), None), "BlueZ version"
            ).level
            == "ok"
        )


def test_a_second_adapter_that_is_off_is_no_problem_unless_it_is_the_one_wanted() -> None:
    host = replace(HOST, adapters=(ON, replace(ON, name="hci1", powered=False)))
    levels = [one.level for one in bluetooth_findings(host, None) if one.about == "adapter"]
    assert levels == ["ok", "warning"]
    assert about(bluetooth_findings(host, "hci0"), "adapter").level == "ok"
    assert about(bluetooth_findings(host, "hci1"), "adapter").level == "problem"


def test_wifi_is_named_on_a_raspberry_pi_alone() -> None:
    on_pi = replace(HOST, board="Raspberry Pi 4 Model B Rev 1.4", wifi=True)
    assert about(bluetooth_findings(on_pi, None), "Wi-Fi").level == "warning"
    for other in (replace(on_pi, wifi=False), replace(on_pi, board=None)):
        assert not [one for one in bluetooth_findings(other, None) if one.about == "Wi-Fi"]


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_elsewhere_it_says_where_bluetooth_is_allowed(system: str) -> None:
    (finding,) = bluetooth_findings(Bluetooth(system), None)
    assert finding.level == "ok"
    assert "Settings" in finding.cure


def test_a_missing_package_is_a_problem() -> None:
    assert about(python_findings({"Bleak": None}), "Bleak").level == "problem"


def test_each_problem_of_the_settings_is_one() -> None:
    findings = settings_findings("/etc/s.toml", ("a: unknown", "b: unknown"), 0)
    assert [(one.level, one.text) for one in findings] == [
        ("problem", "a: unknown"),
        ("problem", "b: unknown"),
    ]
    assert settings_findings("/etc/s.toml", None, 0)[0].level == "ok"


# The records of a session


def streamed(lose: Callable[[int], bool] = lambda _: False) -> list[Record]:
    """Ten seconds of a model DOT on a table, packets as the radio brings them."""
    model = peripherals.make("dot", address=DOT)
    records: list[Record] = [Connected(0, SETUP)]
    model.connected()
    for uuid in {one.uuid for one in model.characteristics if "notify" in one.flags}:
        model.listen(uuid, on=True)
    model.write(dot.MEASUREMENT, bytes((1, 1, 21)))
    for index, sent in enumerate(model.packets(lying_still())):
        assert sent.at_s is not None
        if not lose(index):
            records.append(Packet(round(sent.at_s * 1e6) + 20_000, 0, sent.data))
    return [*records, Battery(10_000_000, 64.0), Disconnected(10_100_000, "stopped")]


STATES = [
    State("searching", "searching for belt", 0),
    State("streaming", "Movella DOT at 60 Hz", 0, DOT, "Movella DOT", "Movella DOT", -60),
]


def test_the_records_of_a_session_are_judged() -> None:
    findings = doctor.findings_of(streamed(), STATES, SensorEntry(address=DOT))
    assert {finding.level for finding in findings} == {"ok"}
    assert DOT in about(findings, "sensor").text
    assert about(findings, "rate").text.startswith("60.0 Hz")
    assert about(findings, "battery").text == "64 %"
    assert "0.30 deg/s" in about(findings, "gyroscope").text


def test_packets_that_never_came_are_counted() -> None:
    lossy = streamed(lambda index: index % 10 == 5)
    finding = about(doctor.findings_of(lossy, STATES, SensorEntry(address=DOT)), "loss")
    assert finding.level == "problem"
    assert "(60 of 600)" in finding.text


def test_a_connection_that_failed_in_between_is_said() -> None:
    states = [STATES[0], State("failed", "it does not answer: bring it nearer", 0), STATES[1]]
    finding = about(doctor.findings_of(streamed(), states, SensorEntry(address=DOT)), "connection")
    assert finding.level == "problem"
    assert "once" in finding.text


def test_a_sensor_that_is_not_found_is_a_problem_with_its_cure() -> None:
    states = [State("searching", "belt is not found: switch it on", 0)]
    (finding,) = doctor.findings_of([], states, SensorEntry(name="belt"))
    assert (finding.level, finding.text) == ("problem", "belt is not found")
    assert finding.cure == "switch it on"


# With a radio


def test_a_sensor_is_found_connected_and_let_go(capsys: Capture) -> None:
    radio = FakeRadio([peripherals.make("dot", address=DOT)], samples=lying_still())
    assert doctor.examine(radio, SensorEntry(address=DOT), asked()) == 0
    captured = capsys.readouterr()
    assert "-60 dBm" in captured.out
    assert "600" in captured.out
    assert "connecting to" in captured.err
    (link,) = radio.links
    assert link.closed
    assert not link.peripheral.streaming


def test_json_is_one_finding_a_line(capsys: Capture) -> None:
    radio = FakeRadio([peripherals.make("dot", address=DOT)])
    assert doctor.examine(radio, SensorEntry(address=DOT), asked(as_json=True)) == 1
    captured = capsys.readouterr()
    findings = [json.loads(line) for line in captured.out.splitlines()]
    assert all(set(one) == {"level", "about", "text", "cure"} for one in findings)
    assert [one["about"] for one in findings if one["level"] == "problem"] == ["samples"]
    assert captured.err == ""


def test_a_radio_that_is_off_ends_it_at_once(capsys: Capture) -> None:
    radio = FakeRadio(fault=SensorError("Bluetooth is off: switch it on"))
    assert doctor.examine(radio, SensorEntry(address=DOT), asked(seconds=1e6)) == 1
    assert "switch it on" in capsys.readouterr().out


def test_what_no_driver_knows_is_said(capsys: Capture) -> None:
    radio = FakeRadio(others=[Advertisement(DOT, "Headphones")])
    assert doctor.examine(radio, SensorEntry(name="headphones"), asked()) == 1
    assert "no sensor that is recognised" in capsys.readouterr().out


def test_a_sensor_that_never_connects_is_given_up(capsys: Capture) -> None:
    radio = FakeRadio(others=[Advertisement(DOT, "Movella DOT")])
    assert doctor.examine(radio, SensorEntry(address=DOT), asked(seconds=1e6)) == 1
    assert "does not answer" in capsys.readouterr().out


# The command


def test_a_sensor_of_the_settings_goes_by_its_key_address_or_name() -> None:
    entry = SensorEntry(address=DOT, rate_hz=30.0)
    settings = Settings(sensors={"belt": entry})
    assert doctor.entry_of(settings, "belt") is entry
    assert doctor.entry_of(settings, DOT.lower()) is entry
    assert doctor.entry_of(settings, "Movella DOT").wanted == "Movella DOT"
    with pytest.raises(CommandError):
        doctor.entry_of(settings, " ")


def test_findings_fit_eighty_columns_and_cures_stand_below() -> None:
    long = Finding("problem", "a long name", "what is wrong " * 12, "what to do " * 12)
    text = shown(doctor.finding_view([long, Finding("ok", "adapter", "hci0 is on")]))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.index("wrong") < text.index("→ what to do") < text.index("hci0 is on")


def test_broken_settings_are_a_finding_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("min_rep = 3\n")
    monkeypatch.setenv("HIPREP_SETTINGS", str(path))
    # No bus: the same on every machine.
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    assert main(["doctor", "--json"]) == 1
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (finding,) = [one for one in findings if one["about"] == "settings"]
    assert finding["text"] == "min_rep: unknown, probably min_reps"
