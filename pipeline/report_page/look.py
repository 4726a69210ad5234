"""Colours of the report, those of Okabe and Ito; each has the same meaning as on the boards.

Nothing is said by colour alone: paper may be black and white.
"""

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
YELLOW, ORANGE, RED, PURPLE = "#F0E442", "#E69F00", "#D55E00", "#CC79A7"
GREY, DARK_GREY = "#8E8E8E", "#555555"

GOOD, WATCH, STOP = GREEN, ORANGE, RED
TARGET, PLAIN = GREY, BLUE

# In the order of tempo text: what it is called, its colour, and that of a number on it.
PHASES = {
    "eccentric": ("down", BLUE, "#ffffff"),
    "bottom": ("bottom", GREY, "#000000"),
    "concentric": ("up", ORANGE, "#000000"),
    "top": ("hold", GREEN, "#ffffff"),
}
