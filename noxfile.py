"""Everything that is run on this repository: `nox --list` shows it, `nox -s NAME` runs one.

Needs nothing but Python and pip: `pip install nox`.
"""

import json
import os
import shutil
import tempfile
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
MATRIX = [
    nox.param(python, django, id=f"py{python}_django{django}".replace(".", ""))
    for django, pythons in SUPPORTED.items()
    for python in pythons
]
NO_BROWSER = "--ignore=tests/browser"
# Some thousand hostile answers, each refused alike by every Python and session: once for each database is enough, and
# with the oldest libraries.
NO_CORPUS = ("--ignore=tests/hostile", "--ignore-glob=tests/test_fuzz*")


def install(session: nox.Session, *requirements: str, groups: tuple[str, ...] = ("tests",)) -> None:
    """Install the package as it stands here, and what the session needs beside it.

    :param requirements: more for pip, such as a release of Django.
    :param groups: dependency groups of pyproject.toml.
    """
    listed = nox.project.dependency_groups(PYPROJECT, *groups)
    session.install("--editable", ".", *listed, *requirements)


def suite(session: nox.Session, *options: str, **environment: str) -> None:
    """Run the suite without a browser on what the environment names."""
    session.run("pytest", NO_BROWSER, *options, *session.posargs, env=environment)


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
    suite(session, *NO_CORPUS)


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
@nox.parametrize("database", ["postgresql", "mariadb"])
def races(session: nox.Session, database: str) -> None:
    """Race many requests against each other in a thousand rounds, and say what each heard; it takes long."""
    install(session, groups=("tests", database))
    rounds = os.environ.get("RACE_ROUNDS", "1000")
    posargs = session.posargs or ["tests/races"]
    session.run("pytest", *posargs, env={"DATABASE": database, "RACE_ROUNDS": rounds})


@nox.session
@nox.parametrize("engine", ["cache", "cached_db", "signed_cookies"])
def sessions(session: nox.Session, engine: str) -> None:
    """Run the suite with sessions in Redis or in signed cookies; REDIS_URL names the Redis."""
    install(session, groups=("tests", "redis"))
    suite(
        session,
        *NO_CORPUS,
        SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}",
        REDIS_URL=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    )


@nox.session
def api(session: nox.Session) -> None:
    """Send what the OpenAPI description allows, and what it does not, to every address of the JSON interface."""
    install(session, groups=("tests", "api"))
    session.run("pytest", "tests/test_openapi_fuzz.py", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """Let many clients sign in at once, on gunicorn and PostgreSQL, and lose no sign-in.

    `nox -s load -- --seconds 10 --clients 4` is a shorter one.
    """
    install(session, groups=("load",))
    session.run("python", "-m", "benchmarks.load", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Compare sign-ins on a table of a million passkeys with an empty one, and print other ratios.

    `nox -s benchmarks -- --rows 20000` is a quick one; DATABASE limits it to one database.
    """
    install(session, groups=("postgresql", "mariadb"))
    chosen = os.environ.get("DATABASE")
    for database in [chosen] if chosen else ["sqlite", "postgresql", "mariadb"]:
        session.run(
            "python", "-m", "benchmarks.sign_in", *session.posargs, env={"DATABASE": database}
        )
    session.run("python", "-m", "benchmarks.start_up")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Flip bits in 100 000 valid answers: none may be taken that means something else. `-- 5000` tries fewer."""
    install(session)
    tries = session.posargs[0] if session.posargs else "100000"
    session.run("pytest", "tests/test_fuzz_flips.py", env={"FUZZ_TRIES": tries})


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, likely bugs and formatting of all Python."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
def audit(session: nox.Session) -> None:
    """Look for insecure patterns in the package, and for known vulnerabilities in what it depends on."""
    install(session, groups=("audit",))
    session.run("bandit", "--quiet", "--recursive", str(PACKAGE))
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ("--format=json", f"--output={report}", "--skip-editable", "--desc=off")
        session.run("pip-audit", "--progress-spinner=off", *options, success_codes=[0, 1])
        found = json.loads(report.read_text())["dependencies"]
    if vulnerable := [one["name"] for one in found if one.get("vulns")]:
        session.error(f"Known vulnerabilities in: {', '.join(vulnerable)}")
    # A machine that does not reach the service proves nothing, and says so.
    if unknown := [one["name"] for one in found if "skip_reason" in one]:
        session.warn(f"Not looked up: {', '.join(unknown)}")


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
    session.run("python", "-m", "docs.screenshots", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the code in every small way, one at a time, and count the changes that no test notices.

    It takes about an hour. `nox -s mutation -- "otp_passkeys.challenges*"` changes a part.
    """
    install(session, groups=("tests", "mutation"))
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session
def build(session: nox.Session) -> None:
    """Build sdist and wheel into dist/, and run a new site on the wheel in an empty environment."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "build"))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        session.run("python", "-m", "build", "--outdir", folder)
        session.run("twine", "check", "--strict", *map(str, made.iterdir()))
        (wheel,) = made.glob("*.whl")
        session.run("python", ".ci/check_wheel.py", str(wheel))
        for artefact in [wheel, *made.glob("*.tar.gz")]:
            (ROOT / "dist").mkdir(exist_ok=True)
            shutil.move(artefact, ROOT / "dist" / artefact.name)
