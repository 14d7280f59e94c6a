"""XML files, indented, with what XML reserves escaped."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET


def leaf(parent: ET.Element, name: str, text: str) -> None:
    """Add an element that holds nothing but text."""
    ET.SubElement(parent, name).text = text


def write_xml(path: Path, root: ET.Element) -> None:
    """Write a document in UTF-8.

    Raises:
        OSError: it cannot be written.
    """
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
