"""Everything that is run on this repository: `nox --list` shows it, `nox -s NAME` runs one.

Needs nothing but Python and pip: `pip install nox`.
"""

import os
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "tests", "docs"]
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent
PACKAGE = ROOT / "src" / "otp_passkeys"
PYPROJECT = nox.project.load_toml("pyproject.toml")

# Each release of Django, and the Pythons that both it and we run on.
SUPPORTED = {
    "5.2": ["3.10", "3.11", "3.12", "3.13", "3.14"],
    "6.0": ["3.12", "3.13", "3.14"],
    "6.1": ["3.12", "3.13", "3.14"],
}
MATRIX = [(python, django) for django, pythons in SUPPORTED.items() for python in pythons]
NO_BROWSER = "--ignore=tests/browser"

# What the README tells a site to add to the settings and addresses that startproject makes.
SITE_SETTINGS = """
INSTALLED_APPS += ["django_otp", "otp_passkeys"]
MIDDLEWARE += ["django_otp.middleware.OTPMiddleware"]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend", "otp_passkeys.backends.PasskeyBackend"
]
"""
SITE_ADDRESSES = """
from django.urls import include
urlpatterns += [path("passkeys/", include("otp_passkeys.urls"))]
"""


def install(session: nox.Session, *requirements: str, groups: tuple[str, ...] = ("tests",)) -> None:
    """Install the package as it stands here, and what the session needs beside it.

    :param requirements: more for pip, such as a release of Django.
    :param groups: dependency groups of pyproject.toml.
    """
    listed = nox.project.dependency_groups(PYPROJECT, *groups)
    session.install("--editable", ".", *listed, *requirements)


def suite(session: nox.Session, **environment: str) -> None:
    """Run the suite without a browser on what the environment names."""
    session.run("pytest", NO_BROWSER, *session.posargs, env=environment)


@nox.session
def demo(session: nox.Session) -> None:
    """Serve the example site at http://localhost:8000, with an account that it prints.

    `nox -s demo -- localhost:8123` serves it there.
    """
    address = session.posargs[0] if session.posargs else "localhost:8000"
    session.install(".")
    manage = ("python", "example_project/manage.py")
    session.run(*manage, "migrate", "--verbosity=0")
    session.run(*manage, "create_demo_account", f"--site=http://{address}")
    session.run(*manage, "runserver", "--noreload", address)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the whole suite on SQLite, in the browsers of this machine too, and measure coverage."""
    install(session, groups=("tests", "browser"))
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    if not session.posargs:  # a part of the suite covers a part of the package
        session.run("coverage", "report")


@nox.session
@nox.parametrize(["python", "django"], MATRIX)
def matrix(session: nox.Session, django: str) -> None:
    """Run the suite on each pair of Python and Django; a Python that is missing is skipped."""
    install(session, f"Django~={django}.0")
    suite(session)


@nox.session(python="3.10")
def lowest(session: nox.Session) -> None:
    """Run the suite with the oldest releases that pyproject.toml allows."""
    install(session, *[r.replace(">=", "==") for r in PYPROJECT["project"]["dependencies"]])
    suite(session)


@nox.session
@nox.parametrize("database", ["postgresql", "mariadb"])
def databases(session: nox.Session, database: str) -> None:
    """Run the suite on a database server; tests/settings.py says how to name it."""
    install(session, groups=("tests", database))
    suite(session, DATABASE=database)


@nox.session
@nox.parametrize("engine", ["cache", "cached_db", "signed_cookies"])
def sessions(session: nox.Session, engine: str) -> None:
    """Run the suite with sessions in Redis or in signed cookies; REDIS_URL names the Redis."""
    install(session, groups=("tests", "redis"))
    suite(
        session,
        SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}",
        REDIS_URL=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    )


@nox.session
def api(session: nox.Session) -> None:
    """Send what the OpenAPI description allows, and what it does not, to every address of the JSON interface."""
    install(session, groups=("tests", "api"))
    session.run("pytest", "tests/test_openapi_fuzz.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, likely bugs and formatting of all Python."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types: strictly in the package, by inference in the tests."""
    install(session, groups=("types",))
    session.run("mypy", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build; a warning is an error."""
    install(session, groups=("docs",))
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build")


@nox.session
def screenshots(session: nox.Session) -> None:
    """Make the pictures of the documentation anew, from the example site in Chromium."""
    install(session, groups=("browser",))
    session.run("python", "docs/take_screenshots.py", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build sdist and wheel into dist/, and run a new site on the wheel in an empty environment."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "build"))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        session.run("python", "-m", "build", "--outdir", folder)
        session.run("twine", "check", "--strict", *map(str, made.iterdir()))
        (wheel,) = made.glob("*.whl")
        complete(session, wheel)
        run_new_site(session, wheel, made)
        for artefact in [wheel, *made.glob("*.tar.gz")]:
            (ROOT / "dist").mkdir(exist_ok=True)
            shutil.move(artefact, ROOT / "dist" / artefact.name)


def complete(session: nox.Session, wheel: Path) -> None:
    """Fail if a file of the package is not in the wheel: a template or a script, say."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    files = (path.relative_to(ROOT / "src") for path in PACKAGE.rglob("*") if path.is_file())
    left_behind = re.compile(r"/\.|\.pyc$")  # by tools
    ours = {name for path in files if not left_behind.search(name := path.as_posix())}
    if missing := ours - shipped:
        session.error(f"Not in the wheel: {', '.join(sorted(missing))}")


def run_new_site(session: nox.Session, wheel: Path, folder: Path) -> None:
    """Do with the wheel what the README says, on the site that startproject makes."""
    environment, site = folder / "environment", folder / "site"
    python = str(environment / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    session.run("python", "-m", "venv", str(environment))
    session.run(python, "-m", "pip", "install", "--quiet", str(wheel), external=True)
    site.mkdir()
    session.run(python, "-m", "django", "startproject", "site_of_mine", str(site), external=True)
    for name, lines in {"settings.py": SITE_SETTINGS, "urls.py": SITE_ADDRESSES}.items():
        with (site / "site_of_mine" / name).open("a") as file:
            file.write(lines)
    manage = (python, "-W", "error", str(site / "manage.py"))
    for command in (["check", "--fail-level=WARNING"], ["migrate"], ["migrate", "--check"]):
        session.run(*manage, *command, external=True)
