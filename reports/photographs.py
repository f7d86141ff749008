"""The photographs in the installed scikit-image wheel, and what that wheel says about their origin and licence."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

# Function of skimage.data -> file. Its docstring is the credit that the report quotes.
FILES = {
    "astronaut": "astronaut.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
}


@dataclass(frozen=True)
class Photograph:
    name: str
    path: Path


def data_folder() -> Path:
    """Where the wheel keeps its pictures; found without importing scikit-image (which takes a second)."""
    spec = importlib.util.find_spec("skimage")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("scikit-image is not installed: its wheel holds the photographs")
    return Path(spec.submodule_search_locations[0]) / "data"


def find(name: str) -> Photograph:
    path = data_folder() / FILES[name]
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not in the installed scikit-image wheel")
    return Photograph(name, path)


def credit(docstring: str) -> dict:
    """Title, licence and source links of a `skimage.data` docstring. Sentences are quoted, not rephrased."""
    text = re.split(r"\n\s*References\s*\n", docstring)[0]
    text = re.sub(r"\n\s*(Notes|Returns)\s*\n\s*-+\n", "\n\n", text)
    text = re.sub(r"\.\. versionchanged.*", "", text, flags=re.S)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
    sentences = [
        # reST links to plain words; their addresses are listed apart.
        re.sub(r"\s*<https?://[^>]*>`?_*", "", sentence).replace("`", "").replace("_.", ".").strip()
        for paragraph in paragraphs
        for sentence in re.split(r"(?<=[a-z)>_]\.)\s+(?=[A-Z])", paragraph)
    ]
    is_licence = re.compile(r"CC0|public domain|copyright|licen[cs]e", re.I)
    is_origin = re.compile(r"download|courtesy|captured|photograph of|launch photo", re.I)
    return {
        "title": paragraphs[0].rstrip("."),
        "licence": " ".join(s for s in sentences if is_licence.search(s)),
        "origin": " ".join(s for s in sentences[1:] if is_origin.search(s) and not is_licence.search(s)),
        "links": re.findall(r"<(https?://[^>]+)>", text),
    }


def catalogue(names: list[str]) -> dict:
    """What the report says about the photographs that it shows."""
    fetchers = data_folder() / "_fetchers.py"
    functions = {node.name: node for node in ast.parse(fetchers.read_text()).body if isinstance(node, ast.FunctionDef)}
    photographs = []
    for name in names:
        photograph = find(name)
        docstring = ast.get_docstring(functions[name]) if name in functions else None
        with Image.open(photograph.path) as image:
            size = {"width": image.width, "height": image.height, "mode": image.mode}
        facts = credit(docstring) if docstring else {"title": name, "licence": "", "origin": "", "links": []}
        photographs.append({"name": name, "file": photograph.path.name, **size, **facts})
    return {
        "package": "scikit-image",
        "version": importlib.metadata.version("scikit-image"),
        "facts_from": "the docstrings of skimage.data",
        "photographs": photographs,
    }
