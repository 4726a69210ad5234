"""``hiprep record``: keep what sensors send, without tracking."""

import argparse

from pipeline.commands import live


def run(args: argparse.Namespace) -> int:
    """Record until ^C, or for the time that was asked for."""
    args.track, args.record, args.json, args.publish = False, True, False, False
    return live.run(args)
