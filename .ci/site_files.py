"""Writes what a page shows into the files of a site, as its reader would, and compares the site with a promised one."""

import ast
import re
from pathlib import Path


def write(path: Path, code: str, is_shown_before: bool, is_only_added: bool) -> None:
    """Write what a page shows of one file.

    :param path: the file.
    :param code: what the page shows.
    :param is_shown_before: whether the page has shown a part of it already, which this continues.
    :param is_only_added: whether the page says to add at the end of every file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else ""
    if path.suffix == ".html" and is_only_added:
        code = have_base_template(path.parent, code)
    elif path.name == "settings.py":
        code = with_settings(before, code)
    elif is_shown_before:
        code = f"{before.rstrip()}\n\n\n{code}"
    elif is_only_added:
        code = f"{before}\n{code}"
    path.write_text(code, "utf-8")


def have_base_template(folder: Path, tag: str) -> str:
    """Return the base template that a site has already, with what the page adds; the app's pages extend it too."""
    (folder / "otp_passkeys").mkdir()
    (folder / "otp_passkeys" / "base.html").write_text('{% extends "base.html" %}')
    for settings in folder.parent.glob("*/settings.py"):
        with settings.open("a") as file:
            file.write('TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates"]\n')
    return (
        f"<!doctype html>\n<html><body>{{% block content %}}{{% endblock %}}\n{tag}</body></html>\n"
    )


def with_settings(source: str, code: str) -> str:
    """Replace settings that are there, put imports at the top, and add what else there is at the end."""
    end = 0
    for node in ast.parse(code).body:
        lines = code.splitlines()[end : node.end_lineno]  # with the comments above it
        end = node.end_lineno
        text = "\n".join(lines)
        old = [one for one in ast.parse(source).body if name(node) and name(one) == name(node)]
        kept = source.splitlines()
        if isinstance(node, ast.Import | ast.ImportFrom):
            first = next(one for one in ast.parse(source).body if name(one) or is_import(one))
            kept.insert(first.lineno - 1, text)
        elif old:
            kept[old[0].lineno - 1 : old[0].end_lineno] = lines
        else:
            kept.append(text)
        source = "\n".join(kept) + "\n"
    return source


def is_import(node: ast.stmt) -> bool:
    """Say whether a statement imports."""
    return isinstance(node, ast.Import | ast.ImportFrom)


def name(node: ast.stmt) -> str:
    """Return the setting that a statement sets, if it sets one."""
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""


def compare(made: Path, promised: Path) -> None:
    """Compare what a reader has with what the page promises, but for what is its own on each side."""
    for path in promised.rglob("*"):
        name = path.relative_to(promised).as_posix()
        own = re.search(r"settings\.py|manage\.py|apps\.py|admin[./]|management/|__|sqlite3", name)
        if path.is_file() and not own and (made / name).read_text() != path.read_text():
            raise SystemExit(f"{name} is not as in {promised.name}/.")
