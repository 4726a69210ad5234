"""What commands that use a radio share."""

from pipeline.commands import CommandError
from pipeline.settings import Settings, SettingsError, default_path, load
from sensor.link import Radio


def usable_settings() -> Settings:
    """The settings file, or the defaults where there is none. Raises CommandError."""
    try:
        return load(default_path())
    except SettingsError as error:
        raise CommandError(str(error)) from error


def radio_of(settings: Settings) -> Radio:
    """The radio that the settings name."""
    from sensor.ble import BleRadio  # noqa: PLC0415  # Bleak takes a while to import

    return BleRadio(settings.adapter)


def athlete_key(settings: Settings, asked: str) -> str:
    """The key of an athlete who may be named as they are shown. Raises CommandError."""
    keys = [key for key, one in settings.athletes.items() if one.name == asked]
    if asked in settings.athletes or not keys:
        return asked
    if len(keys) > 1:
        raise CommandError(f"several are called {asked}: say which, {' or '.join(keys)}")
    return keys[0]
