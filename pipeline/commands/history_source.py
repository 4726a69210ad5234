"""Where commands read history."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.commands import CommandError
from pipeline.delivery.history import HistorySource
from pipeline.delivery.history_sources import BookHistory, InfluxHistory
from pipeline.settings import Settings, StoreSettings


@contextmanager
def history_source(settings: Settings) -> Iterator[HistorySource]:
    """The store's own file if it is on this computer, else InfluxDB.

    Raises CommandError where there is neither, SettingsError where they cannot be used.
    """
    path = (settings.store or StoreSettings()).file
    if path.exists():
        yield BookHistory(path)
    elif settings.influx:
        # It takes a while to import.
        from pipeline.delivery.influx import Influx  # noqa: PLC0415
        from pipeline.delivery.influx_select import select  # noqa: PLC0415

        influx = Influx(settings.influx)
        try:
            yield InfluxHistory(lambda text: select(influx, text))
        finally:
            influx.close()
    else:
        raise CommandError(
            f"no history yet: {path} is not there, and no [influx] in the settings; "
            "hiprep store keeps what is lifted"
        )
