"""Replacing MiniStack's private functions, and noticing when they are no longer the ones that were read."""

import hashlib
import importlib
import inspect
import json
import sys
from importlib.metadata import version
from pathlib import Path

HASHES = Path(__file__).with_name("hashes.json")


class SourceChanged(Exception):
    """The installed MiniStack is not the one that the additions were written against."""


def recorded():
    return json.loads(HASHES.read_text()) if HASHES.exists() else {"version": None, "functions": {}}


def pinned_version():
    line = next(line for line in HASHES.with_name("requirements.txt").read_text().splitlines() if "ministack" in line)
    return line.split("==")[1].strip()


def require_pinned_version():
    """Raise SourceChanged unless the installed MiniStack has the version of requirements.txt."""
    if version("ministack") != pinned_version():
        raise SourceChanged(
            f"MiniStack {version('ministack')} is installed, but the additions were written for {pinned_version()}: "
            "install emulator/requirements.txt, or read what changed, adapt the additions, change requirements.txt "
            "and run launch.py --record-hashes.")


def resolve(dotted):
    """The object of a dotted name such as ministack.services.ecr._list_images, or that of a class's method."""
    owner_name, _, name = dotted.rpartition(".")
    return getattr(owner(owner_name), name)


def owner(dotted):
    """The module of a dotted name, or the class in it."""
    module_name, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module_name), name) if name[:1].isupper() else importlib.import_module(dotted)


def source_hash(dotted):
    """The SHA-256 of a function's source, or of a string constant's text."""
    target = resolve(dotted)
    text = target if isinstance(target, str) else inspect.getsource(target)
    return hashlib.sha256(text.encode()).hexdigest()


def _names(additions):
    return sorted({dotted for addition in additions for dotted in addition.REPLACES})


def record_hashes(additions):
    functions = {dotted: source_hash(dotted) for dotted in _names(additions)}
    HASHES.write_text(json.dumps({"version": version("ministack"), "functions": functions}, indent=2) + "\n")


def require_recorded_source(additions):
    """Raise SourceChanged, naming the function, when one that is replaced has another source than was recorded."""
    known = recorded()["functions"]
    for dotted in _names(additions):
        try:
            current = source_hash(dotted)
        except AttributeError:
            raise SourceChanged(f"MiniStack has no {dotted} any more: adapt the addition that replaces it, "
                                "then run launch.py --record-hashes.") from None
        if current != known.get(dotted):
            raise SourceChanged(f"{dotted} is not the function that was replaced when its hash was recorded: read its "
                                "source, adapt the addition, then run launch.py --record-hashes.")


def replace(dotted, make):
    """Put make(current) in the place of the object that `dotted` names.

    Modules import functions from each other by name and keep them in tables of handlers: every such place in a loaded
    MiniStack module is changed too. Modules that are loaded later import the new function.
    """
    owner_name, _, name = dotted.rpartition(".")
    current = getattr(owner(owner_name), name)
    new = make(current)
    setattr(owner(owner_name), name, new)
    for loaded_name, loaded in list(sys.modules.items()):
        if loaded is None or not loaded_name.startswith("ministack"):
            continue
        for key, value in list(vars(loaded).items()):
            if value is current:
                setattr(loaded, key, new)
            elif isinstance(value, dict) and not key.startswith("__"):
                _replace_in_table(value, current, new, depth=2)
    return current


def _replace_in_table(table, current, new, depth):
    for key, value in list(table.items()):
        if value is current:
            table[key] = new
        elif isinstance(value, dict) and depth > 1:
            _replace_in_table(value, current, new, depth - 1)
