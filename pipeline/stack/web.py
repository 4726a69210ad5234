"""One question over HTTP that needs no password, without proxies and without patience."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

PATIENCE_S = 3.0

_MOST_BYTES = 65_536


class NoAnswerError(Exception):
    """Nobody there, or nobody who speaks HTTP; why, in a few words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """headers: looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(url: str) -> Answer:
    """What stands at an address that begins with http:// or https://. Raises NoAnswerError."""
    if not url.startswith(("http://", "https://")):
        raise NoAnswerError("it is not like http://HOST:PORT")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            answer = opener.open(url, timeout=PATIENCE_S)
        except urllib.error.HTTPError as error:  # an answer, too
            answer = error
        with answer:
            return Answer(answer.status, answer.headers, answer.read(_MOST_BYTES))
    except urllib.error.URLError as error:
        raise NoAnswerError(_words(error.reason)) from error
    except (OSError, HTTPException, ValueError) as error:  # ValueError: a host that is none
        raise NoAnswerError(_words(error)) from error


def _words(reason: BaseException | str) -> str:
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror
    return " ".join(str(reason).split())[:200] or type(reason).__name__
