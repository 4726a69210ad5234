"""``hiprep db init``: make the database ready for the store."""

import argparse

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.sinks import SinkUnavailableError
from pipeline.settings import SettingsError, default_path


def run(_: argparse.Namespace) -> int:
    """Make what is missing, and say what there is."""
    influx = usable_settings().influx
    if influx is None:
        raise CommandError(
            f"{default_path()} has no table [influx]: which database? (without one, hiprep store "
            "keeps all in a file of its own, which needs no init)"
        )
    try:
        lines = init_database(influx)
    except (SettingsError, SinkUnavailableError) as error:
        raise CommandError(str(error)) from error
    for line in lines:
        print(line)
    return 0
