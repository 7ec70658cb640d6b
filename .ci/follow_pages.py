"""Follows README, quickstart and tutorial word by word: on an empty folder, with the wheel that the command line names.

The commands and the files are read from the pages. What a page says in prose about a file is this:
a settings file is changed setting by setting, any other is replaced when it is shown first and continued afterwards.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from site_files import compare, write

ROOT = Path(__file__).resolve().parent.parent
WALK = ROOT / ".ci" / "walk_site.py"
DIRECTIVE = re.compile(r"^( *)\.\. (code-block|literalinclude):: (\S+)\n((?:\1   :.*\n)*)", re.M)
PASSWORD = "correct horse battery"
# What a console block cannot be given literally: a terminal for the password, and a port that may be taken.
INSTEAD = {"createsuperuser": " --noinput", "runserver": " {port}"}


class Page(NamedTuple):
    """A page, and how a user walks on the site that it makes."""

    name: str
    settings: str  # the module of the settings
    account: str  # as walk_site.py takes it
    section: str = ""  # the heading that is followed, where it is not the whole page
    folder: str = ""  # where README's reader has their site already
    result: str = ""  # the folder of the repository that the page promises


PAGES = [
    Page("README.rst", "mysite.settings", "make", "Install", "mysite"),
    Page("docs/quickstart.rst", "mysite.settings", "alice"),
    Page("docs/tutorial.rst", "example.settings", "sign-up", result="example_project"),
]


class Step(NamedTuple):
    """Commands, or a file if it has a name."""

    text: str
    file: str = ""


def part(text: str, options: dict[str, str]) -> str:
    """Return what a `literalinclude` with these options shows."""
    if "pyobject" in options:
        return re.search(
            rf"^(?:@.*\n)*class {options['pyobject']}\b.*\n(?:[ \n].*\n?)*", text, re.M
        )[0]
    for option, keeps in (("start-after", False), ("start-at", True)):
        if option in options:
            start = text.index(options[option])
            text = text[start:] if keeps else text[text.index("\n", start) + 1 :]
    if "end-before" in options:
        text = text[: text.rindex("\n", 0, text.index(options["end-before"])) + 1]
    if "end-at" in options:
        text = text[: text.index("\n", text.index(options["end-at"])) + 1]
    return text


def steps(page: Page) -> Iterator[Step]:
    """Read a page from top to bottom."""
    path = ROOT / page.name
    text = path.read_text("utf-8")
    if page.section:
        text = re.search(rf"^{page.section}\n-+\n(.*?)(?=^[^\n]+\n---)", text, re.M | re.S)[1]
    for found in DIRECTIVE.finditer(text):
        indent, kind, argument, options = found.groups()
        given = dict(re.findall(r":([\w-]+): (.*)\n", options))
        if kind == "literalinclude":
            code = part((path.parent / argument).read_text("utf-8"), given)
        else:
            body = re.match(rf"\n((?:{indent}   .*\n|\n)+)", text[found.end() :])[1]
            code = re.sub(rf"^{indent}   ", "", body, flags=re.M).strip() + "\n"
        name = given.get("caption", "")
        if kind == "code-block" and argument == "console":
            yield Step("\n".join(re.findall(r"^\$ (.*)", code, re.M)))
        elif name or (name := in_first_line(code, page)):
            yield Step(code, name)
        else:
            raise SystemExit(f"{page.name} shows code without saying where it goes:\n{code}")


def in_first_line(code: str, page: Page) -> str:
    """Return the name of a file that is in a comment: an index renders no captions."""
    found = re.match(r"(?:#|{#) ([\w.]+),", code)
    folder = "templates" if found and found[1].endswith(".html") else page.folder
    return f"{folder}/{found[1]}" if found else ""


class Reader:
    """Somebody at a shell, who does what the page says.

    :param folder: where they begin.
    :param pip: variables of the environment that let pip find the wheel.
    """

    def __init__(self, folder: Path, pip: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, **pip, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        self.environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        self.environment.pop("PYTHONPATH", None)
        self.shown: set[str] = set()
        self.has_served = False
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]

    def type(self, line: str) -> None:
        """Run a command; `cd` and what it exports hold for the next."""
        print(f"$ {line}", flush=True)
        after = f"{line}\n{shlex.quote(sys.executable)} -c {shlex.quote(REPORT)}"
        done = subprocess.run(
            ["bash", "-euc", after],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{done.stdout}\n`{line}` failed.")
        pairs = done.stdout.rpartition("\0\0")[2].split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs)
        self.folder = Path(self.environment["PWD"])

    def do(self, typed: str, addresses: list[str]) -> None:
        """Type a line of the page, with what a script must put in the place of a terminal."""
        line = typed.replace("pip install", "pip install --quiet")
        for command, more in INSTEAD.items():
            if f"manage.py {command}" in line:
                line += more.format(port=self.port)
        if "runserver" in line:
            self.serve(line, addresses)
            self.has_served = True
        else:
            self.type(line)

    def serve(self, line: str, addresses: list[str]) -> None:
        """Start the server, and open each address that the page names."""
        print(f"$ {line}", flush=True)
        server = subprocess.Popen(
            ["bash", "-c", f"exec {line}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for address in addresses:
                self.open(address.replace(":8000", f":{self.port}"), server)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)

    def open(self, address: str, server: subprocess.Popen[bytes]) -> None:
        """Open an address as soon as the server answers."""
        print(f"  opens {address}", flush=True)
        for _ in range(150):
            try:
                urllib.request.urlopen(address, timeout=60).close()
                return
            except urllib.error.HTTPError as error:
                raise SystemExit(f"{address} answers {error.code}.") from error
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.2)
        raise SystemExit("The server does not answer.")


# Written after each command: where the shell is, and its environment.
REPORT = """
import os, sys
sys.stdout.write("\\0\\0" + "\\0".join(f"{k}={v}" for k, v in {**os.environ, "PWD": os.getcwd()}.items()))
"""


def follow(page: Page, folder: Path, pip: dict[str, str]) -> None:
    """Do what a page says, and then walk on the site as its user."""
    print(f"\n--- {page.name}", flush=True)
    reader = Reader(folder, pip)
    addresses = re.findall(r"(?<!`)http://localhost:8000/[\w/-]*", (ROOT / page.name).read_text())
    if page.folder:
        for line in ("python -m venv venv", ". venv/bin/activate", "pip install --quiet Django"):
            reader.type(line)
        reader.type(f"django-admin startproject {page.folder} .")
    for step in steps(page):
        if step.file:
            write(
                reader.folder / step.file, step.text, step.file in reader.shown, bool(page.folder)
            )
            reader.shown.add(step.file)
        else:
            for line in step.text.split("\n"):
                reader.do(line, addresses)
    if not (reader.has_served and addresses):
        raise SystemExit(f"{page.name} starts no server, or names no address.")
    if page.result:
        compare(reader.folder, ROOT / page.result)
    reader.type("python -W error manage.py check --fail-level=WARNING")
    reader.type("python -W error manage.py migrate --check")
    reader.type(f"python {WALK} {page.settings} {page.account} {shlex.quote(PASSWORD)}")


def fetch(folder: Path, pip: dict[str, str]) -> dict[str, str]:
    """Fetch once what each page installs, and return what lets pip find it without the index."""
    wheels = folder / "wheels"
    download = f"{shlex.quote(sys.executable)} -m pip download --quiet --dest {wheels}"
    Reader(folder, pip).type(f"{download} django-otp-passkeys")
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}


def main() -> None:
    """Follow each page with the wheel and the release of Django that the command line names."""
    wheel, django, lock = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        # The name alone would be looked up on the index.
        ours = f"django-otp-passkeys @ {Path(wheel).resolve().as_uri()}\nDjango~={django}.0\n"
        constraints.write_text(Path(lock).read_text() + ours)
        pip = {"PIP_CONSTRAINT": str(constraints), "PIP_NO_COMPILE": "1"}
        pip |= fetch(Path(folder), pip)
        for number, page in enumerate(PAGES):
            place = Path(folder) / str(number)
            place.mkdir()
            follow(page, place, pip)


if __name__ == "__main__":
    main()
