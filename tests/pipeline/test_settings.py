"""The settings file: what it may say, and how it says what is wrong."""

import string
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import exercises
from pipeline.coaching.rules import every
from pipeline.coaching.templates import TEMPLATES
from pipeline.settings import (
    Athlete,
    CoachingSettings,
    HealthSettings,
    InfluxSettings,
    MqttSettings,
    PageSettings,
    SensorEntry,
    Settings,
    SettingsError,
    StoreSettings,
    default_path,
    dumps,
    load,
    loads,
    warnings,
)
from pipeline.settings_coaching_table import NO_PLAN, UNITS, Plates, Unit, Weight
from sensor import drivers

GOOD = """\
recordings = "/srv/hiprep"
min_reps = 1

[athletes.anna]
name = "Anna Å."

[sensors.belt-7]
address = "C0:FF:EE:00:00:01"
rate_hz = 100
athlete = "anna"
exercise = "glute_bridge"

[sensors.spare]
name = "Movella DOT"
driver = "dot"
"""

DELIVERED = """\
site = "gym-2"

[mqtt]
url = "mqtts://broker.example"
user = "gateway"
password = "pa55word"
ca = "/etc/ca.crt"

[influx]
url = "https://db.example/influx"
token = "t0ken"
org = "home"
bucket = "hiprep"

[store]
file = "/srv/store.db"

[health]
port = 9500

[page]
lan = true
"""

COACHED = """\
[coaching]
off = ["consistency", "records"]
reps = [6, 10]
step_lb = 5
plan = "strength"

[athletes.anna.coaching]
unit = "lb"
weekly = 2
bar_lb = 45
plates_lb = { "45" = 2, "2.5" = 1 }
bands = ["light", "strong"]
plan = "/srv/plan.toml"
lockout_deg = { hip_thrust = 52.0 }
"""

ports = st.integers(1, 65535)
keys = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=12)
# What no file can hold, and no name has: half a surrogate pair.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)


secrets = texts.filter(str.isprintable)
files = texts.filter(lambda text: "\0" not in text).map(lambda text: Path("/") / text.strip("/"))
hosts = st.sampled_from(["localhost", "broker.example:99", "10.0.0.1", "[::1]:8883"])


@st.composite
def mqtts(draw: st.DrawFn) -> MqttSettings:
    tls = draw(st.booleans())
    user = draw(st.none() | texts)
    password = draw(st.none() | secrets) if user else None
    key = draw(st.none() | files) if tls else None
    return MqttSettings(
        url=f"{'mqtts' if tls else 'mqtt'}://{draw(hosts)}",
        user=user,
        password=password,
        password_file=draw(st.none() | files) if user and not password else None,
        ca=draw(st.none() | files) if tls else None,
        cert=draw(files if key else st.none() | files) if tls else None,
        key=key,
        receipts=draw(st.booleans()),
    )


@st.composite
def influxes(draw: st.DrawFn) -> InfluxSettings:
    url = f"http://{draw(hosts)}"
    if draw(st.booleans()):
        user = draw(st.none() | texts)
        password = draw(secrets) if user else None
        return InfluxSettings(url, database=draw(texts), user=user, password=password)
    token = draw(st.none() | secrets)
    file = None if token else draw(files)
    return InfluxSettings(url, token, file, org=draw(texts), bucket=draw(texts))


@st.composite
def addresses(draw: st.DrawFn) -> str:
    return ":".join(f"{byte:02X}" for byte in draw(st.binary(min_size=6, max_size=6)))


spans = st.tuples(st.integers(1, 14), st.integers(0, 9)).map(lambda two: (two[0], sum(two)))
units: st.SearchStrategy[Unit] = st.sampled_from(UNITS)
weights = st.builds(Weight, st.floats(0.05, 250), units)


@st.composite
def coachings(draw: st.DrawFn) -> CoachingSettings:
    rules = st.sampled_from([rule.name for rule in every()])
    pairs = st.dictionaries(st.floats(0.05, 250), st.integers(1, 50), min_size=1, max_size=4)
    plates = draw(st.none() | st.builds(Plates, pairs, units))
    lockouts = st.dictionaries(st.sampled_from(exercises.names()), st.floats(5, 180), max_size=2)
    named = st.sampled_from([*TEMPLATES, NO_PLAN])
    return CoachingSettings(
        off=draw(st.none() | st.lists(rules, unique=True, max_size=3).map(tuple)),
        unit=draw(st.none() | units),
        reps=draw(st.none() | spans),
        weekly=draw(st.none() | spans.filter(lambda span: span[1] <= 14)),
        step=None if plates else draw(st.none() | weights),
        bar=draw(st.none() | weights),
        plates=plates,
        bands=draw(st.none() | st.just(()) | st.just(("light", "x_strong"))),
        plan=draw(st.none() | named | files.filter(lambda path: len(path.parts) > 1)),
        lockout_deg=draw(lockouts),
    )


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    athletes = draw(st.dictionaries(keys, st.builds(Athlete, texts, coachings()), max_size=3))
    found = draw(st.lists(addresses(), unique=True, max_size=3))
    sensors = {
        draw(keys.filter(lambda key: key not in found)) + str(index): SensorEntry(
            address=address,
            name=draw(st.none() | texts),
            driver=draw(st.none() | st.sampled_from(drivers.names())),
            rate_hz=draw(st.none() | st.floats(25, 400)),
            athlete=draw(st.none() | st.sampled_from(sorted(athletes))) if athletes else None,
            exercise=draw(st.sampled_from(exercises.names())),
        )
        for index, address in enumerate(found)
    }
    return Settings(
        recordings=draw(files),
        set_timeout_s=draw(st.floats(1, 3600)),
        min_reps=draw(st.integers(1, 100)),
        adapter=draw(st.none() | texts),
        site=draw(keys),
        athletes=athletes,
        sensors=sensors,
        mqtt=draw(st.none() | mqtts()),
        influx=draw(st.none() | influxes()),
        store=draw(st.none() | files.map(StoreSettings)),
        health=draw(st.none() | st.integers(1, 65535).map(HealthSettings)),
        page=draw(st.none() | st.builds(PageSettings, ports, st.booleans(), st.booleans())),
        coaching=draw(coachings()),
    )


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        loads(text)
    return caught.value.problems


def test_a_file_says_who_lifts_with_what() -> None:
    read = loads(GOOD)
    assert read.recordings == Path("/srv/hiprep")
    assert (read.min_reps, read.set_timeout_s) == (1, Settings().set_timeout_s)
    assert read.athletes == {"anna": Athlete("Anna Å.")}
    assert read.sensors["belt-7"] == SensorEntry(
        address="C0:FF:EE:00:00:01", rate_hz=100.0, athlete="anna", exercise="glute_bridge"
    )
    assert read.sensors["spare"].exercise == "hip_thrust"


def test_a_file_says_where_results_go() -> None:
    read = loads(DELIVERED)
    assert read.site == "gym-2"
    assert read.mqtt == MqttSettings(
        "mqtts://broker.example", "gateway", "pa55word", ca=Path("/etc/ca.crt"), receipts=True
    )
    url = "https://db.example/influx"
    assert read.influx == InfluxSettings(url, "t0ken", org="home", bucket="hiprep")
    assert read.store == StoreSettings(Path("/srv/store.db"))
    assert read.health == HealthSettings(9500)
    assert read.page == PageSettings(port=8765, lan=True, tls=False)


def test_a_file_says_what_is_wanted_of_the_coach() -> None:
    read = loads(COACHED)
    assert read.coaching == CoachingSettings(
        off=("consistency", "records"), reps=(6, 10), step=Weight(5.0, "lb"), plan="strength"
    )
    assert read.athletes["anna"].coaching == CoachingSettings(
        unit="lb",
        weekly=(2, 2),
        bar=Weight(45.0, "lb"),
        plates=Plates({45.0: 2, 2.5: 1}, "lb"),
        bands=("light", "strong"),
        plan=Path("/srv/plan.toml"),
        lockout_deg={"hip_thrust": 52.0},
    )


def test_without_tables_nothing_is_sent_anywhere() -> None:
    read = loads("")
    assert read.site == "home"
    assert {read.mqtt, read.influx, read.store, read.health, read.page} == {None}


def test_receipts_are_waited_for_where_a_store_is_configured() -> None:
    broker = "[mqtt]\nurl = 'mqtt://a'\n"
    asked = {text: loads(text).mqtt for text in (broker, broker + "[store]\n")}
    assert [mqtt and mqtt.receipts for mqtt in asked.values()] == [False, True]
    refused = loads(broker + "receipts = false\n[store]\n").mqtt
    assert refused
    assert not refused.receipts


@pytest.mark.parametrize(
    ("url", "host", "port", "tls"),
    [
        ("mqtt://a.example", "a.example", 1883, False),
        ("mqtts://a.example", "a.example", 8883, True),
        ("mqtts://a.example:99/", "a.example", 99, True),
        ("mqtt://[::1]:1884", "::1", 1884, False),
    ],
)
def test_an_address_is_host_port_and_tls(url: str, host: str, port: int, *, tls: bool) -> None:
    mqtt = loads(f"[mqtt]\nurl = '{url}'").mqtt
    assert mqtt
    assert (mqtt.host, mqtt.port, mqtt.tls) == (host, port, tls)


def test_a_store_without_a_place_is_with_our_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert loads("[store]").store == StoreSettings(tmp_path / "hiprep" / "store.db")


@pytest.mark.parametrize(
    "text",
    [
        DELIVERED,
        DELIVERED + "min_reps = 0",
        "[influx]\nurl = 'http://a'\ndatabase = 'd'\nuser = 'u'\npassword = 'pa55word'",
        "[mqtt]\nurl = 'mqtt://gateway:pa55word@a'",
        "[mqtt]\nurl = 'http://gateway:pa55word@a'\nuser = 3",
        "[mqtt]\nurl = 'mqtt://a'\nuser = 'u'\npassword = ['pa55word']",
        "[mqtt]\nurl = 'mqtt://a'\nuser = 'u'\npassword = 'pa55word\\nt0ken'",
        '[mqtt]\nurl = "mqtt://a"\nuser = "u"\npassword = "pa55word\\nt0ken"',
        "[mqtt]\nurl = 'mqtt://a'\npasword = 'pa55word'",
        "mqtt = 'mqtt://gateway:pa55word@a'",
        "[influx]\nurl = 'http://a'\ntoken = { t0ken = 1 }\nbucket = 'b'",
        "[influx]\nurl = 'http://t0ken@a'\nbucket = 'b'",
        "[mqtt]\npassword = 'pa55word",
        "[mqtt]\npassword = 'pa55word'\npassword = 't0ken'",
    ],
)
def test_no_secret_is_ever_told(text: str) -> None:
    try:
        told = repr(loads(text))
    except SettingsError as error:
        told = f"{error} {error!r} {error.problems}"
    assert "pa55word" not in told
    assert "t0ken" not in told


def test_settings_can_be_shown_without_their_secrets() -> None:
    shown = dumps(loads(DELIVERED), secrets=False)
    assert "pa55word" not in shown
    assert "t0ken" not in shown
    assert 'user = "gateway"' in shown
    assert "pa55word" in dumps(loads(DELIVERED))


def test_a_secret_can_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("pa55 word\n")
    assert MqttSettings("mqtt://a", "u", password_file=path).read_password() == "pa55 word"
    assert InfluxSettings("http://a", token_file=path).read_token() == "pa55 word"
    assert MqttSettings("mqtt://a").read_password() is None
    assert MqttSettings("mqtt://a", "u", "pa55word").read_password() == "pa55word"


@pytest.mark.parametrize("data", [None, b"", b"pa55word\nt0ken\n", b"\xffpa55word"])
def test_a_file_without_a_usable_secret_is_named(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "secret"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SettingsError, match=r"^influx\.token_file: ") as caught:
        InfluxSettings("http://a", token_file=path).read_token()
    assert str(path) in str(caught.value)
    assert "pa55word" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_secret_that_anybody_may_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(DELIVERED)
    path.chmod(0o644)
    (warning,) = warnings(path, load(path))
    assert f"chmod o-rwx {path}" in warning
    path.chmod(0o640)
    assert warnings(path, load(path)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_files_with_secrets_are_warned_of(tmp_path: Path) -> None:
    path, secret = tmp_path / "settings.toml", tmp_path / "secret"
    text = f"[mqtt]\nurl = 'mqtt://a'\nuser = 'u'\npassword_file = '{secret}'\n"
    path.write_text(text)
    path.chmod(0o644)
    assert warnings(path, load(path)) == []
    secret.write_text("pa55word")
    secret.chmod(0o644)
    (warning,) = warnings(path, load(path))
    assert warning.startswith(f"{secret} ")
    assert warnings(tmp_path / "absent", Settings()) == []


def test_a_sensor_is_looked_for_by_address_before_name() -> None:
    assert loads(GOOD).sensors["belt-7"].wanted == "C0:FF:EE:00:00:01"
    assert loads(GOOD).sensors["spare"].wanted == "Movella DOT"
    assert SensorEntry(address="a", name="b").wanted == "a"


@given(settings())
def test_what_is_written_is_read_again(written: Settings) -> None:
    assert loads(dumps(written)) == written


@given(st.text())
def test_any_text_is_settings_or_a_settings_error(text: str) -> None:
    with suppress(SettingsError):
        loads(text)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("min_rep = 3", "min_rep", "unknown, probably min_reps"),
        ("colour = 3", "colour", "unknown"),
        ("min_reps = 0", "min_reps", "0 is not a whole number from 1"),
        ("min_reps = true", "min_reps", "true is not"),
        ("min_reps = 2.5", "min_reps", "2.5 is not a whole number"),
        ("set_timeout_s = nan", "set_timeout_s", "nan is not a number"),
        ("set_timeout_s = '15'", "set_timeout_s", "'15' is not a number"),
        (f"set_timeout_s = 0x{'f' * 5000}", "set_timeout_s", "so large a number"),
        ("recordings = 'here'", "recordings", "not a whole path"),
        ("recordings = '~nobody-of-that-name/a'", "recordings", "no such home"),
        ("adapter = ''", "adapter", "not a text"),
        ("athletes = 3", "athletes", "[athletes.NAME]"),
        ("[athletes]\nanna = 'Anna'", "athletes.anna", "[athletes.anna]"),
        ("[athletes.'an na']", "athletes.'an na'", "A-Z a-z 0-9"),
        ("[athletes.anna]\nnam = 'A'", "athletes.anna.nam", "probably name"),
        ("[sensors.a]", "sensors.a.address", "missing"),
        ("[sensors.a]\naddress = 'C0:FF'", "sensors.a.address", "'C0:FF' is not like"),
        ("[sensors.a]\nname = 'x'\nrate_hz = 1000", "sensors.a.rate_hz", "25 to 400"),
        ("[sensors.a]\nname = 'x'\ndriver = 'dott'", "sensors.a.driver", "probably dot"),
        ("[sensors.a]\nname = 'x'\nexercise = 'curl'", "sensors.a.exercise", "squat"),
        ("[sensors.a]\nname = 'x'\nathlete = 'bob'", "sensors.a.athlete", "no 'bob'"),
        (
            "[sensors.a]\nname = 'x'\nathlete = 'ana'\n[athletes.anna]",
            "sensors.a.athlete",
            "probably anna",
        ),
        (
            "[sensors.a]\naddress='C0:FF:EE:00:00:0A'\n[sensors.b]\naddress='c0:ff:ee:00:00:0a'",
            "sensors.b.address",
            "sensors.a has the same",
        ),
        ("site = 'our gym'", "site", "'our gym' has more than"),
        ("mqtt = 'mqtt://a'", "mqtt", "a table [mqtt]"),
        ("[mqtt]", "mqtt.url", "missing, such as mqtt://"),
        ("[mqtt]\nurl = 3", "mqtt.url", "3 is not a text"),
        ("[mqtt]\nurl = 'http://a'", "mqtt.url", "'http://a' is not like mqtt://"),
        ("[mqtt]\nurl = 'mqtt://a:port'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://a:0'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://a:70000'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://[::1'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://a/topic'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://a b'", "mqtt.url", "is not like"),
        ("[mqtt]\nurl = 'mqtt://a'\npassword = 'x'", "mqtt.user", "missing"),
        ("[mqtt]\nurl = 'mqtt://a'\nreceipts = 1", "mqtt.receipts", "1 is not true or false"),
        ("[mqtt]\nurl = 'mqtt://a'\nca = '/a'", "mqtt.ca", "mqtts://"),
        ("[mqtt]\nurl = 'mqtts://a'\nca = 'a'", "mqtt.ca", "not a whole path"),
        ("[mqtt]\nurl = 'mqtts://a'\nkey = '/a'", "mqtt.cert", "missing"),
        (
            "[mqtt]\nurl = 'mqtt://a'\nuser = 'u'\npassword = 'x'\npassword_file = '/x'",
            "mqtt.password_file",
            "keep one of the two",
        ),
        ("[influx]\nurl = 'http://a'", "influx.bucket", "missing, with token and org"),
        ("[influx]\nurl = 'a:8086'\ndatabase = 'd'", "influx.url", "is not like http://"),
        ("[influx]\nurl = 'http://a'\ntoken = 't'\norg = 'o'", "influx.bucket", "missing"),
        ("[influx]\nurl = 'http://a'\nbucket = 'b'\norg = 'o'", "influx.token", "missing"),
        ("[influx]\nurl = 'http://a'\ndatabase = 'd'\nuser = 'u'", "influx.password", "missing"),
        ("[influx]\nurl = 'http://a'\nuser = 'u'\npassword = 'p'", "influx.database", "missing"),
        (
            "[influx]\nurl = 'http://a'\ndatabase = 'd'\nbucket = 'b'",
            "influx.database",
            "keep one of the two",
        ),
        ("coaching = 3", "coaching", "a table [coaching]"),
        ("[coaching]\nof = ['records']", "coaching.of", "unknown, probably off"),
        ("[coaching]\noff = 'records'", "coaching.off", "not a list of texts"),
        ("[coaching]\noff = ['record']", "coaching.off", "no rule 'record', probably records"),
        ("[coaching]\noff = ['xyzzy']", "coaching.off", "docs/coaching.md"),
        ("[coaching]\noff = ['hold', 'hold']", "coaching.off", "'hold' more than once"),
        ("[coaching]\nunit = 'lbs'", "coaching.unit", "probably lb"),
        ("[coaching]\nreps = [12, 8]", "coaching.reps", "from 12 to 8 is the wrong way round"),
        ("[coaching]\nreps = [0, 8]", "coaching.reps", "from 1 to 100"),
        ("[coaching]\nweekly = [2, 3, 4]", "coaching.weekly", "or two as in"),
        ("[coaching]\nstep_kg = 0", "coaching.step_kg", "0 is not a number from 0.05"),
        ("[coaching]\nbar_kg = 20\nbar_lb = 45", "coaching.bar_lb", "there is bar_kg too"),
        (
            "[coaching]\nstep_kg = 1\nplates_lb = { '5' = 1 }",
            "coaching.plates_lb",
            "there is step_kg too",
        ),
        ("[coaching]\nplates_kg = [20, 10]", "coaching.plates_kg", "a table"),
        ("[coaching]\nplates_kg = {}", "coaching.plates_kg", "is empty"),
        ("[coaching]\nplates_kg = { '0' = 1 }", "coaching.plates_kg.0", "not the weight of"),
        ("[coaching]\nplates_kg = { nan = 1 }", "coaching.plates_kg.nan", "not the weight of"),
        ("[coaching]\nplates_kg = { '20' = 0 }", "coaching.plates_kg.20", "from 1 to 50"),
        ("[coaching]\nplates_kg = { 1.25 = 2 }", "coaching.plates_kg.1", "whole number"),
        (
            "[coaching]\nplates_kg = { '20' = 1, '20.0' = 1 }",
            "coaching.plates_kg.'20.0'",
            "stands there twice",
        ),
        ("[coaching]\nbands = ['Light']", "coaching.bands", "a to z"),
        ("[coaching]\nplan = 'strenth'", "coaching.plan", "probably strength"),
        ("[coaching]\nplan = 'mine'", "coaching.plan", "known are strength"),
        ("[coaching]\nplan = 'plan.toml'", "coaching.plan", "not a whole path"),
        (
            "[coaching.lockout_deg]\nhip_trust = 50",
            "coaching.lockout_deg.hip_trust",
            "probably hip_thrust",
        ),
        (
            "[athletes.anna.coaching]\nlockout_deg = { squat = 0 }",
            "athletes.anna.coaching.lockout_deg.squat",
            "from 5 to 180",
        ),
        ("[store]\nfile = 'store.db'", "store.file", "not a whole path"),
        ("[store]\npath = '/a'", "store.path", "unknown"),
        ("[sensors.a]\nname = 'X'\n[sensors.b]\nname = 'x'", "sensors.b.name", "sensors.a"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(text: str, place: str, reason: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"{place}: ")
    assert reason in problem


def test_everything_wrong_is_named_at_once() -> None:
    text = "min_rep = 3\nset_timeout_s = -1\n[sensors.a]\nname = 'x'\nrate_hz = 1\ndrivr = 'dot'"
    places = {problem.partition(":")[0] for problem in problems(text)}
    assert places == {"min_rep", "set_timeout_s", "sensors.a.rate_hz", "sensors.a.drivr"}


def test_a_fault_of_syntax_is_named_with_its_line() -> None:
    (problem,) = problems("min_reps = 3\nset_timeout_s =\n")
    assert "line 2" in problem
    assert "column" in problem


def test_nesting_without_end_is_no_crash() -> None:
    (problem,) = problems("a = " + "[" * 100_000)
    assert "not TOML" in problem


def test_a_file_that_is_not_there_is_the_default(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.toml") == Settings()


@pytest.mark.parametrize("data", [b"min_reps = 0", b"min_reps = 'a", b"\xff\xfe"])
def test_an_unusable_file_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbfmin_reps = 5\r\n")
    assert load(path).min_reps == 5


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert loads("recordings = '~/lifts'").recordings == tmp_path / "lifts"


def test_where_the_file_is_can_be_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "mine.toml"))
    assert default_path() == tmp_path / "mine.toml"
    monkeypatch.delenv("HIPREP_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_path() == tmp_path / "hiprep" / "settings.toml"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().recordings == tmp_path / "hiprep" / "recordings"


def test_a_relative_folder_of_the_system_is_void(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HIPREP_SETTINGS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    assert default_path().is_relative_to(tmp_path)
