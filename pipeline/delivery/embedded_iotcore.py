"""The process of the embedded broker where there is no mosquitto. It ends with its input.

The only importer of iotcore.
"""

import os
import sys
import threading

from iotcore.iotcore import IotCoreBroker


def main() -> None:
    """Serve MQTT 3.1.1 on loopback. Of MQTT 5 nothing: one such client can end all others."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    IotCoreBroker(
        listen="127.0.0.1",
        port=int(sys.argv[1]),
        max_connections=200,
        max_payload_size=1 << 20,
        max_inflight_count=500,
    ).run_forever()


def _end_with_input() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
