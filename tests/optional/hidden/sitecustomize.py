"""In front of PYTHONPATH, this hides installed packages from an interpreter, as if pip had never installed them.

KIR_HIDDEN names modules with their distributions: "PIL:pillow skimage:scikit-image". Only what is installed is hidden:
a folder of the same name in sys.path is found in its place, as it would be without the package.
"""

import importlib.metadata
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path

HIDDEN = dict(pair.split(":") for pair in os.environ["KIR_HIDDEN"].split())
MODULES = set(HIDDEN)
DISTRIBUTIONS = {importlib.metadata.Prepared(name).normalized for name in HIDDEN.values()}


def is_installed_in(entry: str, module: str) -> bool:
    folder = Path(entry or ".")
    return (folder / module / "__init__.py").is_file() or (folder / f"{module}.py").is_file()


def hide_modules() -> None:
    find_spec = PathFinder.find_spec

    @classmethod
    def find_another(cls, name, path=None, target=None):
        if name in MODULES and path is None:
            path = [entry for entry in sys.path if not is_installed_in(entry, name)]
        return find_spec(name, path, target)

    PathFinder.find_spec = find_another


def hide_distributions() -> None:
    find_distributions = PathFinder.find_distributions

    @classmethod
    def find_others(cls, *arguments, **keywords):
        for found in find_distributions(*arguments, **keywords):
            if importlib.metadata.Prepared(found.metadata["Name"] or "").normalized not in DISTRIBUTIONS:
                yield found

    PathFinder.find_distributions = find_others


hide_modules()
hide_distributions()
