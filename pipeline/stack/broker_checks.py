"""The broker: there, with a certificate that holds, and lets this part do what it must."""

import json
import secrets
import socket
import ssl
import threading
import time

from pipeline.delivery.messages import device_topic
from pipeline.delivery.mqtt import Broker, Client, Connection, MqttError, Received
from pipeline.delivery.payloads import ServiceStatus, content
from pipeline.doctor import Finding
from pipeline.settings import MqttSettings, Settings, SettingsError
from pipeline.stack import certificate_check
from pipeline.stack.web import PATIENCE_S

_SERVICE = "doctor"
_LOGIN_S = 5.0
_CHECK_S = 0.02
_START = (
    "start it: docker compose up -d mosquitto, or systemctl start mosquitto; or correct mqtt.url"
)
_LOGIN = (
    "mqtt.password_file must be of the same hiprep stack init as the broker's passwd file, "
    "which it reads when it starts again"
)


def broker_findings(settings: Settings) -> list[Finding]:
    """What a client of these settings meets. Nothing retained is touched."""
    mqtt = settings.mqtt
    if mqtt is None:
        return [Finding("ok", "broker", "no [mqtt] in the settings: nothing is sent")]
    try:
        broker = Broker(mqtt.url, mqtt.user, None, mqtt.ca, mqtt.cert, mqtt.key)
        findings = _reached(broker)
    except MqttError as error:
        return [Finding("problem", "broker", str(error), _START)]
    if any(finding.level == "problem" for finding in findings):
        return findings
    try:
        return [*findings, _login(mqtt, settings.site)]
    except SettingsError:
        return findings  # the file is a finding of its own


def _reached(broker: Broker) -> list[Finding]:
    """Connect, and look at the certificate. Raises MqttError."""
    context = broker.context() if broker.tls else None
    place = f"{broker.host}:{broker.port}"
    try:
        with socket.create_connection((broker.host, broker.port), PATIENCE_S) as plain:
            if context is None:
                return []
            with context.wrap_socket(plain, server_hostname=broker.host) as secured:
                ends = (secured.getpeercert() or {})["notAfter"]
    except ssl.SSLCertVerificationError as error:
        return [certificate_check.distrusted(f"the one of {place}", broker.host, error)]
    except (OSError, ValueError) as error:  # ValueError: a name that can be no host's
        raise broker.unreachable(error) from error
    return [certificate_check.lifetime(f"the one of {place}", str(ends))]


def _login(mqtt: MqttSettings, site: str) -> Finding:
    """Publish and hear it. Raises SettingsError."""
    password = mqtt.read_password()
    broker = Broker(mqtt.url, mqtt.user, password, mqtt.ca, mqtt.cert, mqtt.key)
    place, who = f"{broker.host}:{broker.port}", mqtt.user or "anybody"
    echo = _Echo(broker, site)
    try:
        if echo.came_back():
            return Finding("ok", "broker", f"{place}: {who} can write and read for {site}")
    finally:
        echo.close()
    if echo.greeted:
        text = f"{place}: {who} is let in, but what it writes to {echo.topic} does not come back"
        cure = (
            f"let {who} write and read that in the broker's ACL (docs/mqtt.md, Who may do what); "
            f"is its site there {site}, too?"
        )
        return Finding("problem", "broker", text, cure)
    text = echo.problem or f"{place} takes connections, but is silent: is it an MQTT broker?"
    return Finding("problem", "broker", text, _LOGIN if echo.problem else _START)


class _Echo:
    """Says something that nobody needs, and listens for it.

    A broker of MQTT 3.1.1 acknowledges what its ACL denies, and drops it: only what comes back was
    allowed.
    """

    def __init__(self, broker: Broker, site: str) -> None:
        self.topic = device_topic(site, _SERVICE, "status")
        self.greeted = False
        self._mark = secrets.token_hex(8)
        self._heard = threading.Event()
        self._client = Client(
            broker,
            f"hiprep-{site}-{_SERVICE}-{self._mark}",
            on_connect=self._speak,
            on_message=self._listen,
        )

    @property
    def problem(self) -> str | None:
        """Why not, in the client's words."""
        return self._client.problem

    def came_back(self) -> bool:
        """Whether it did, within some seconds."""
        self._client.start()
        until_s = time.monotonic() + _LOGIN_S
        while time.monotonic() < until_s:
            if self._heard.wait(_CHECK_S):
                return True
            if self._client.problem:
                return False
        return False

    def close(self) -> None:
        """Go, without waiting for one who does not answer."""
        self._client.close(1.0)

    def _speak(self, connection: Connection) -> None:
        self.greeted = True
        connection.subscribe([self.topic])
        status = {**content(ServiceStatus(_SERVICE, online=False)), "mark": self._mark}
        connection.publish(self.topic, json.dumps(status).encode())

    def _listen(self, received: Received) -> None:
        if self._mark.encode() in received.payload:
            self._heard.set()
