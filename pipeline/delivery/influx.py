"""InfluxDB as a sink: 2.x first, 1.8 and later too, 3 Core for writing.

Written with influxdb-client, of which this is the only importer; its errors become ours here.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from pipeline.delivery.sinks import (
    TAGS,
    Field,
    Point,
    Refused,
    SinkSettingsError,
    SinkUnavailableError,
)
from pipeline.settings import InfluxSettings

OLDEST = (1, 8)

_TIMEOUT_MS = 10_000
_REFUSED = (400, 413, 422)
_CANNOT_DELETE = (404, 405, 501)


class InfluxRefusedError(Exception):
    """What was sent is at fault, not the settings: it would be refused again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where points go. events: for ever; live: some days; rollup: live ones by the second, weeks.

    On 1.x a name is that of a database with a retention policy. database, policies: what a query
    in InfluxQL calls them, on any version.
    """

    database: str
    events: str
    live: str
    rollup: str
    policies: tuple[str, str, str] = ("events", "live", "rollup")


def place_of(settings: InfluxSettings) -> Place:
    """The names that follow from the settings."""
    if settings.database is not None:
        name = settings.database
        return Place(name, f"{name}/events", f"{name}/live", f"{name}/rollup")
    name = settings.bucket or ""
    return Place(name, name, f"{name}_live", f"{name}_rollup")


class Influx:
    """Requests to one InfluxDB. Raises SinkUnavailableError, InfluxRefusedError and no other."""

    def __init__(self, settings: InfluxSettings) -> None:
        self.settings = settings
        older = settings.database is not None
        login = f"{settings.user}:{settings.password}" if settings.user else None
        self.org = "-" if older else settings.org or ""
        self._client = _client(settings, login if older else settings.read_token())
        # What 1.x had before 2.x knows no tokens.
        self._basic = _client(settings, login, basic=True) if older else self._client
        self._write = self._client.write_api(write_options=SYNCHRONOUS)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()  # type: ignore[no-untyped-call]
        self._basic.close()  # type: ignore[no-untyped-call]

    def version(self) -> str:
        """As the server says it."""
        with self._errors():
            return str(self._client.version()).removeprefix("v")

    def write(self, bucket: str, lines: str) -> None:
        """Points as line protocol, nanoseconds."""
        with self._errors():
            self._write.write(bucket, self.org, lines.encode("utf-8", "replace"))

    def delete(self, bucket: str, point: Point) -> None:
        """Delete the point that stands in the place of this one; 3 Core cannot, and keeps it."""
        if self.settings.database is not None:
            self.query(_deletion(point))
            return
        start, stop = _rfc3339(point.time_ns), _rfc3339(point.time_ns + 1)
        tags = " AND ".join(f'{name}="{text}"' for name, text in point.tags.items())
        predicate = f'_measurement="{point.measurement}" AND {tags}'
        with self._errors():
            try:
                self._client.delete_api().delete(start, stop, predicate, bucket, self.org)
            except ApiException as error:
                if error.status not in _CANNOT_DELETE:
                    raise

    def query(self, text: str) -> list[dict[str, Any]]:
        """InfluxQL that changes something, at the one place where 1.x takes it -> its results."""
        form = [("db", self.settings.database), ("q", text)]
        answer = self.request("POST", "/query", query=form)
        results: list[dict[str, Any]] = (answer or {}).get("results", [])
        for result in results:
            if "error" in result:
                raise InfluxRefusedError(result["error"])
        return results

    def request(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, Any]] = (),
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Any request -> the JSON of its answer."""
        with self._errors():
            answer = self._basic.api_client.call_api(  # type: ignore[no-untyped-call]
                path,
                method,
                query_params=list(query),
                header_params={"Accept": "application/json", "Content-Type": "application/json"},
                body=body,
                response_type=object,
                auth_settings=[],
                _return_http_data_only=True,
            )
        return answer or None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except ApiException as error:
            raise _explained(self.settings, error) from error
        except InfluxDBError as error:
            raise SinkSettingsError(f"influx.org: {error.message}") from error
        except UnicodeEncodeError as error:
            raise SinkSettingsError(
                f"{_secret(self.settings)}: has letters that cannot be sent; use ASCII"
            ) from error
        except (HTTPError, OSError) as error:
            raise SinkUnavailableError(
                f"influx.url: {self.settings.url} does not answer ({_reason(error)}): "
                "is the database running?"
            ) from error


class InfluxSink:
    """The events of a store in InfluxDB; live: what is kept for days only."""

    name = "InfluxDB"

    def __init__(self, settings: InfluxSettings, *, live: bool = False) -> None:
        self._influx = Influx(settings)
        place = place_of(settings)
        self._bucket = place.live if live else place.events

    def check(self) -> None:
        """Raises SinkUnavailableError, where it would not take a point now."""
        check_version(self._influx)
        # 2.x wants points, once it has looked at token and bucket.
        with suppress(InfluxRefusedError):
            self._influx.write(self._bucket, "# Nothing: may we write?")

    def write(self, points: Sequence[Point]) -> list[Refused]:
        """Write all that it takes -> the others. Raises SinkUnavailableError."""
        for point in points:
            if point.anew:
                self._influx.delete(self._bucket, point)
        return self._put(points)

    def close(self) -> None:
        """Let go of its connections."""
        self._influx.close()

    def _put(self, points: Sequence[Point]) -> list[Refused]:
        """In halves where a part is refused: writing the rest once more changes nothing."""
        if not points:
            return []
        try:
            self._influx.write(self._bucket, "\n".join(map(to_line, points)))
        except InfluxRefusedError as error:
            if len(points) == 1:
                return [Refused(points[0], str(error))]
            middle = len(points) // 2
            return self._put(points[:middle]) + self._put(points[middle:])
        return []


def check_version(influx: Influx) -> None:
    """Raises SinkSettingsError where it is too old, or the settings are for another version."""
    url, version = influx.settings.url, influx.version()
    number = re.match(r"(\d+)\.(\d+)", version)
    if number is None:  # some that can be written to like it do not say
        return
    major, minor = int(number[1]), int(number[2])
    if (major, minor) < OLDEST:
        raise SinkSettingsError(f"influx.url: {url} is InfluxDB {version}: 1.8 or newer is needed")
    if major == 1 and influx.settings.database is None:
        raise SinkSettingsError(
            f"influx.bucket: {url} is InfluxDB {version}: set influx.database instead, "
            "with user and password"
        )
    if major > 1 and influx.settings.database is not None:
        raise SinkSettingsError(
            f"influx.database: {url} is InfluxDB {version}: set influx.bucket instead, "
            "with org and token"
        )


def to_line(point: Point) -> str:
    """Line protocol. Names and tags have no letter that it would have to escape."""
    tags = "".join([f",{name}={text}" for name, text in sorted(point.tags.items())])
    fields = ",".join(
        [
            f"{name}={value!r}" if type(value) is float else f"{name}={_literal(value)}"
            for name, value in point.fields.items()
        ]
    )
    return f"{point.measurement}{tags} {fields} {point.time_ns}"


def _literal(value: Field) -> str:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value}i"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _client(settings: InfluxSettings, login: str | None, *, basic: bool = False) -> InfluxDBClient:
    return InfluxDBClient(
        settings.url.rstrip("/"),
        login or "",
        timeout=_TIMEOUT_MS,
        auth_basic=basic and login is not None,
    )


def _deletion(point: Point) -> str:
    tags = " AND ".join(f"\"{name}\" = '{point.tags.get(name, '')}'" for name in TAGS)
    where = f"time = {point.time_ns} AND {tags}"
    return f'DELETE FROM "{point.measurement}" WHERE {where}'  # noqa: S608  # names of our own


def _rfc3339(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _explained(
    settings: InfluxSettings, error: ApiException
) -> SinkUnavailableError | InfluxRefusedError:
    """What an answer that is no success means, with the setting that cures it."""
    status, url = error.status, settings.url
    said, ours = _said(error)
    place = "influx.bucket" if settings.database is None else "influx.database"
    if status == 0:  # the library's own: TLS
        return SinkSettingsError(f"influx.url: {url} has no certificate that holds: {said}")
    if status == 401:
        return SinkSettingsError(f"{_secret(settings)}: {url} does not accept it: {said}")
    if status == 403:
        return SinkSettingsError(f"{_secret(settings)}: has no right to do this at {url}: {said}")
    if (status == 404 and ours) or said.startswith("retention policy not found"):
        which = "influx.org" if "organization" in said else place
        return SinkSettingsError(f"{which}: {said}; hiprep db init makes what is missing")
    if status in _REFUSED and ours:
        return InfluxRefusedError(said)
    if status == 429 or status >= 500:
        return SinkUnavailableError(f"influx.url: {url} takes nothing now ({status}): {said}")
    return SinkSettingsError(f"influx.url: {url} is no InfluxDB 1.8 or newer ({status}): {said}")


def _said(error: ApiException) -> tuple[str, bool]:
    """The server's own words in a line, and whether an InfluxDB speaks so."""
    text = error.body or error.reason or ""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if isinstance(body, dict):
        words = body.get("message") or body.get("error")
        if isinstance(words, str):
            return _one_line(words), True
    return _one_line(text), False


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _reason(error: BaseException) -> str:
    """The words of the system, where there are any."""
    deepest = error
    while (cause := deepest.__cause__ or deepest.__context__) is not None:
        deepest = cause
    if isinstance(deepest, OSError) and deepest.strerror:
        return deepest.strerror
    return _one_line(str(deepest).rsplit(": ", 1)[-1])


def _secret(settings: InfluxSettings) -> str:
    if settings.database is not None:
        return "influx.password"
    return "influx.token" if settings.token else "influx.token_file"
