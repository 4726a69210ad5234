"""HTML and SVG as text, in which nobody's name becomes markup."""

from html import escape


class Markup(str):
    """Text that is markup already. Any other text is escaped before it gets between tags."""

    __slots__ = ()


_VOID = {"meta", "br"}


def element(tag: str, *content: str, **attributes: str | float | None) -> Markup:
    """One element. class_ is class, stroke_width is stroke-width.

    Attributes that are None are left out. Numbers have as many digits as a picture needs.
    """
    parts = [tag]
    for name, value in attributes.items():
        if value is not None:
            shown = value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
            parts.append(f'{_attribute(name)}="{escape(shown)}"')
    opened = f"<{' '.join(parts)}>"
    return Markup(opened if tag in _VOID else f"{opened}{together(*content)}</{tag}>")


def together(*content: str) -> Markup:
    """One after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in content))


def _attribute(name: str) -> str:
    # SVG has names with capitals; Python has words of its own.
    return name.rstrip("_") if name in ("class_", "for_") else name.replace("_", "-")
