"""Who may do what at the broker: the ACL file of mosquitto, a paragraph for each user.

The paragraphs of `hiprep stack` begin with a comment that says whose they are; it is read back, so
that they can be written anew. All others are somebody's own and stay as they are.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.delivery.messages import EVENT_KINDS, ROOT

_HEAD = """\
# Who may do what at the broker, read by mosquitto. What is not allowed here is denied.
# `hiprep stack` writes each paragraph that begins with "# hiprep:" anew, and leaves all others
# alone: rights of your own go into paragraphs of their own, with an empty line before and after."""
_MARK = re.compile(r"# hiprep: ([A-Za-z0-9_-]+), ([a-z]+) of ([A-Za-z0-9_-]+)")
_ANY_VERSION = ROOT.split("/", maxsplit=1)[0] + "/+"


@dataclass(frozen=True, slots=True)
class _Role:
    """about: a comment of one line or more. rights: access and topic filter, with {site}."""

    about: str
    rights: tuple[tuple[str, str], ...]


ROLES = {
    "gateway": _Role(
        "Tracks the lifters of its site: says all of it, and hears commands and receipts.",
        (("readwrite", f"{ROOT}/{{site}}/#"),),
    ),
    "store": _Role(
        "Keeps what all sites say; sends receipts for it, and tells how it is itself.\n"
        "It neither gives nor hears commands, and cannot say that anything was lifted.\n"
        "Of services of another version it hears that they are there, to warn of them.",
        (
            *(("read", f"{ROOT}/+/+/+/{kind}") for kind in EVENT_KINDS),
            *(("read", f"{ROOT}/+/+/{name}") for name in ("state", "live", "sensor", "health")),
            ("read", f"{_ANY_VERSION}/+/+/status"),
            ("write", f"{ROOT}/+/+/receipt"),
            ("write", f"{ROOT}/{{site}}/+/status"),
            ("write", f"{ROOT}/{{site}}/+/health"),
        ),
    ),
    "page": _Role(
        "A page or a board: sees all of its site, changes nothing.",
        (("read", f"{ROOT}/{{site}}/#"),),
    ),
    "coach": _Role(
        "A page for someone who may put things right, too.",
        (("read", f"{ROOT}/{{site}}/#"), ("write", f"{ROOT}/{{site}}/+/command")),
    ),
}


@dataclass(frozen=True, slots=True)
class User:
    """role: a key of `ROLES`. All three have the letters that an id may have."""

    name: str
    role: str
    site: str


def users_in(text: str) -> list[User]:
    """The users whose paragraphs `hiprep stack` wrote, in order."""
    return [user for user in map(_user, _paragraphs(text)) if user]


def updated(text: str, users: Iterable[User] = ()) -> str:
    """The text with our paragraphs as they are to be; those of users that are new at its end."""
    wanted = {user.name: user for user in users}
    paragraphs = _paragraphs(text) or [_HEAD]
    for number, paragraph in enumerate(paragraphs):
        if user := _user(paragraph):
            paragraphs[number] = _paragraph(wanted.pop(user.name, user))
    return "\n\n".join([*paragraphs, *map(_paragraph, wanted.values())]) + "\n"


def _paragraphs(text: str) -> list[str]:
    return [one.strip("\n") for one in re.split(r"\n(?:[ \t]*\n)+", text) if one.strip()]


def _user(paragraph: str) -> User | None:
    mark = _MARK.fullmatch(paragraph.partition("\n")[0].rstrip())
    # A role that is not known here is one of a later version.
    return User(*mark.groups()) if mark and mark[2] in ROLES else None


def _paragraph(user: User) -> str:
    role = ROLES[user.role]
    return "\n".join(
        [
            f"# hiprep: {user.name}, {user.role} of {user.site}",
            *(f"# {line}" for line in role.about.splitlines()),
            f"user {user.name}",
            *(f"topic {access} {topic.format(site=user.site)}" for access, topic in role.rights),
        ]
    )
