"""What tests ask of findings."""

from collections.abc import Iterable

from pipeline.doctor import Finding


def bad(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level != "ok"]


def only(findings: Iterable[Finding]) -> Finding:
    """The one that is not well, with its cure."""
    (finding,) = bad(findings)
    assert finding.cure
    return finding
