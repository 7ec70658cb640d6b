"""The documentation says what the code does, no less and no more."""

import functools
import re
import subprocess
import sys
from pathlib import Path

from django.core.management import get_commands
from django.dispatch import Signal
from django.urls import get_resolver

from docs import floors
from otp_passkeys import signals
from otp_passkeys.conf import Settings
from tests.repository.test_architecture import FLOORS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "otp_passkeys"
DOCS = ROOT / "docs"
PAGES = {path: path.read_text() for path in [*DOCS.rglob("*.rst"), *ROOT.glob("*.rst")]}


def reference(name):
    """Return a page of the reference."""
    return PAGES[DOCS / "reference" / f"{name}.rst"]


def source(pattern):
    """Return the text of all files of the package that fit a pattern."""
    return "\n".join(path.read_text() for path in sorted(SOURCE.rglob(pattern)))


def test_settings():
    """Every setting is documented, and every documented setting is read."""
    settings = {name for name in vars(Settings) if name.startswith("OTP_PASSKEYS_")}
    assert set(re.findall(r"^\.\. setting:: (\S+)", reference("settings"), re.M)) == settings
    for path, text in PAGES.items():
        if path.name not in {
            "CONTRIBUTING.rst",
            "CHANGELOG.rst",
        }:  # a variable of the tests, and what was
            assert set(re.findall(r"OTP_PASSKEYS_[A-Z_]+", text)) <= settings, path


def test_checks():
    """Every system check is documented under its ID, and every documented ID exists."""
    ids = {f"otp_passkeys.{n}" for n in re.findall(r"\b[EW]\d{3}\b", source("checks/*.py"))}
    assert ids
    assert set(re.findall(r"^\.\. check:: (\S+)", reference("checks"), re.M)) == ids


def test_signals():
    """Every Django signal is documented, with its arguments, where it is defined."""
    names = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert set(re.findall(r"^\.\. autodata:: (\S+)", reference("signals"), re.M)) == names


def test_url_names():
    """Every address is documented with its path, and every documented address exists."""
    patterns = get_resolver("otp_passkeys.urls").url_patterns
    names = {pattern.name for pattern in patterns}
    table = reference("http").split("All POST requests")[0]
    assert set(re.findall(r"\* - ``([a-z-]+)``", table)) == names


def test_template_tags():
    """Every template tag is documented, and every documented tag exists."""
    tags = re.findall(
        r"^@register\.(?:simple|inclusion)_tag.*?^def (\w+)",
        source("templatetags/otp_passkeys.py"),
        re.M | re.S,
    )
    assert tags
    assert set(re.findall(r"^\.\. template-tag:: (\S+)", reference("tags"), re.M)) == set(tags)


def test_dom_events():
    """Every DOM event of the scripts is documented, and every documented event exists."""
    # A script writes the name whole, or has its part after the colon named once.
    spellings = r"""["'`]otp-passkeys:([a-z-]+)|NAME \+ ":([a-z-]+)|\btell\("([a-z-]+)"""
    found = re.findall(spellings, source("*.js"))
    events = {f"otp-passkeys:{name}" for names in found for name in names if name}
    assert events
    assert set(re.findall(r"\* - ``(otp-passkeys:\S+)``", reference("events"))) == events


def test_custom_properties():
    """Every custom property that a site may set is documented, and no other."""
    pattern = r"--otp-passkeys-[a-z-]+"
    page = PAGES[DOCS / "how-to" / "templates.rst"]
    assert set(re.findall(pattern, page)) == set(re.findall(pattern, source("*.css")))


def test_templates():
    """Every template is listed, and every listed one exists."""
    folder = SOURCE / "templates"
    templates = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")}
    page = PAGES[DOCS / "how-to" / "templates.rst"]
    assert set(re.findall(r"\* - ``((?:admin/)?otp_passkeys/\S+)``", page)) == templates


def test_commands():
    """Every command that the pages name exists, and every command of the app is named."""
    known = get_commands()
    named = {name for text in PAGES.values() for name in re.findall(r"manage\.py ([a-z_]+)", text)}
    assert named <= set(known)
    assert {name for name, app in known.items() if app == "otp_passkeys"} <= named


def test_sessions():
    """CONTRIBUTING lists the sessions of nox."""
    sessions = re.findall(
        r"^@nox\.session.*?^def (\w+)", (ROOT / "noxfile.py").read_text(), re.M | re.S
    )
    assert re.findall(r"\* - ``(\w+)``", PAGES[ROOT / "CONTRIBUTING.rst"]) == sessions


def test_floors():
    """ARCHITECTURE shows the floors that tests/repository/test_architecture.py asserts, as far as they are built."""
    table = re.findall(r"\* - (\d)\n     - (.*)\n", PAGES[ROOT / "ARCHITECTURE.rst"])
    built = {path.stem for path in SOURCE.iterdir()}
    assert {int(floor): set(re.findall(r"``(\w+)/?``", rooms)) for floor, rooms in table} == {
        floor: rooms & built for floor, rooms in FLOORS.items()
    }


def test_picture_of_the_floors():
    """It is the one that the table makes."""
    assert floors.FILE.read_text("utf-8") == floors.picture()


def test_versions():
    """The changelog's first entry is the version of the package."""
    from otp_passkeys import __version__

    assert re.search(r"^(\d\S*) ", PAGES[ROOT / "CHANGELOG.rst"], re.M).group(1) == __version__


def code_blocks(text, language):
    """Return the code blocks of a page in one language, without their indentation."""
    blocks = re.findall(rf"\.\. code-block:: {language}\n\n((?:   .*\n|\n)+)", text)
    return [re.sub(r"^   ", "", block, flags=re.M) for block in blocks]


def run_python(folder, *arguments):
    """Run Python in a folder on the package of this repository, and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_readme(tmp_path):
    """The README's lines, added to a new Django project, make a working site: 404s and a NameError were met there."""
    readme = PAGES[ROOT / "README.rst"]
    settings, urls = code_blocks(readme, "python")
    (template,) = code_blocks(readme, r"html\+django")
    run = functools.partial(run_python, tmp_path)
    run("-m", "django", "startproject", "site_", ".")
    with (tmp_path / "site_" / "settings.py").open("a") as file:
        file.write(
            settings + "\nTEMPLATES[0]['DIRS'] = [BASE_DIR]\nALLOWED_HOSTS = ['localhost']\n"
        )
    with (tmp_path / "site_" / "urls.py").open("a") as file:
        file.write(f"\n{urls}\nfrom django.views.generic import TemplateView\n")
        file.write("urlpatterns += [path('', TemplateView.as_view(template_name='base.html'))]\n")
    (tmp_path / "base.html").write_text(f"<!doctype html><body>{template}</body>")
    (tmp_path / "walk.py").write_text(WALK)
    run("manage.py", "check", "--fail-level=WARNING")
    run("manage.py", "migrate")
    assert run("walk.py").split() == ["True", "False"]


# A user adds a passkey, signs out, signs in with it; the next page syncs, a visitor's does not.
WALK = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "site_.settings"
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from otp_passkeys.testing import Authenticator, register, sign_in

client, authenticator = Client(), Authenticator(origin="http://localhost:8000")
client.force_login(User.objects.create_user("alice"), "django.contrib.auth.backends.ModelBackend")
assert register(client, authenticator).status_code == 201
client.logout()
assert sign_in(client, authenticator).status_code == 200
assert client.get("/passkeys/", headers={"host": "localhost"}).status_code == 200
print("otp-passkey-sync" in client.get("/", headers={"host": "localhost"}).content.decode())
print("otp-passkey-sync" in Client().get("/", headers={"host": "localhost"}).content.decode())
"""


def test_pictures():
    """Every picture is on a page, and every page's pictures exist."""
    shown = {
        (path.parent / name).resolve()
        for path, text in PAGES.items()
        for name in re.findall(r"\.\. image:: (\S+)", text)
    }
    assert shown == set((DOCS / "images").iterdir())


def test_threats():
    """Every line of the threat model is tried by a test that names it."""
    threats = PAGES[DOCS / "explanation" / "threats.rst"]
    numbers = set(re.findall(r"^   \* - ([TPYN]\d+)$", threats, re.M))
    for letter in "TPYN":
        of_it = {int(number[1:]) for number in numbers if number[0] == letter}
        assert of_it == set(range(1, len(of_it) + 1))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert numbers - set(re.findall(r"\b[TPYN]\d+\b", tests)) == set()
