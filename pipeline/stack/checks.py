"""``hiprep doctor --stack``: all that the settings name, looked at from here."""

import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pipeline.doctor import Finding
from pipeline.settings import Settings, SettingsError, load
from pipeline.stack import certificate_check
from pipeline.stack.broker_checks import broker_findings
from pipeline.stack.file_checks import folder_findings, named_findings, secret_findings
from pipeline.stack.grafana_checks import grafana_findings
from pipeline.stack.port_checks import health_findings, published_findings

Look = Callable[[], list[Finding]]

_WITHIN_S = 15.0


def stack_findings(
    path: Path,
    *,
    secrets: Path | None = None,
    grafana: str | None = None,
    ports: bool = False,
    within_s: float = _WITHIN_S,
) -> list[Finding]:
    """path: of the settings. secrets: the folder of all. grafana: its address. ports: those, too.

    No longer than within_s, whoever does not answer; raises nothing, shows no secret.
    """
    settings, findings = _settings(path)
    looks: dict[str, Look] = {}
    if settings:
        looks["secret"] = partial(named_findings, path, settings)
    if secrets:
        host = settings.mqtt.host if settings and settings.mqtt and settings.mqtt.tls else None
        looks["secrets"] = partial(secret_findings, secrets)
        looks["certificate"] = partial(certificate_check.file_findings, secrets, host)
    if settings:
        looks["folders"] = partial(folder_findings, settings)
        looks["port"] = partial(health_findings, settings.health)
    if ports:
        looks["ports"] = published_findings
    if settings:
        looks["broker"] = partial(broker_findings, settings)
        looks["database"] = partial(_database_findings, settings, secrets)
    looks["Grafana"] = partial(grafana_findings, grafana)
    return [*findings, *_at_once(looks, within_s)]


def _settings(path: Path) -> tuple[Settings | None, list[Finding]]:
    """The settings, None if they cannot be used; and what is to be said of their file."""
    try:
        path.stat()
        settings = load(path)
    except FileNotFoundError:
        cure = "hiprep init writes one; one elsewhere: --config FILE"
        return None, [Finding("problem", "settings", f"there is no {path}", cure)]
    except OSError as error:
        text = f"{path} cannot be read: {error.strerror}"
        return None, [Finding("problem", "settings", text, "let this user read it, and its folder")]
    except SettingsError as error:
        cure = f"correct {path}: docs/settings.md explains it"
        return None, [Finding("problem", "settings", one, cure) for one in error.problems]
    there = [name for name in ("mqtt", "influx", "store", "health") if getattr(settings, name)]
    tables = ", ".join(f"[{name}]" for name in there) or "no table of a server"
    count = len(settings.sensors) or "no"
    text = f"{path}: {tables}, {count} sensor{'s' * (count != 1)}"
    return settings, [Finding("ok", "settings", text)]


def _database_findings(settings: Settings, secrets: Path | None) -> list[Finding]:
    from pipeline.stack.database_checks import database_findings  # noqa: PLC0415  # takes a while

    return database_findings(settings.influx, secrets)


def _at_once(looks: dict[str, Look], within_s: float) -> Iterable[Finding]:
    """All of them beside each other, since each may wait for somebody; in their order."""
    threads = [_Thread(about, look) for about, look in looks.items()]
    for thread in threads:
        thread.start()
    until_s = time.monotonic() + within_s
    for thread in threads:
        thread.join(max(0.0, until_s - time.monotonic()))
        yield from thread.found


class _Thread(threading.Thread):
    """One look. found: what it found, or that it did not come to its end."""

    def __init__(self, about: str, look: Look) -> None:
        super().__init__(name=f"look at {about}", daemon=True)
        self._about, self._look = about, look
        cure = "see whether a server or a disk hangs, then try again"
        self.found = [Finding("problem", about, "did not answer in time", cure)]

    def run(self) -> None:
        """Whatever goes wrong is a finding. Of an error its kind is told: that is no secret."""
        try:
            self.found = self._look()
        except Exception as error:  # noqa: BLE001
            text = f"this check has failed itself: {type(error).__name__}"
            self.found = [Finding("problem", self._about, text, "report this")]
