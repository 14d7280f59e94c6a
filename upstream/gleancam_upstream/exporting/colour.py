"""Colours of classes, where a tool shows one."""

from __future__ import annotations

import colorsys


def colour(place: int) -> tuple[int, int, int]:
    """Return the colour of the class at a place, 0…255: hues by the golden ratio, no two near."""
    red, green, blue = colorsys.hsv_to_rgb(place * 0.618034 % 1, 0.75, 0.9)
    return round(red * 255), round(green * 255), round(blue * 255)


def hex_colour(place: int) -> str:
    """Return the same as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour(place))
