"""Everything that is run on this repository: `nox --list` shows it, `nox -s NAME` runs one.

Needs nothing but Python and pip: `pip install nox`.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.16"  # the first with download_python
nox.options.sessions = ["lint", "types", "tests", "docs"]
# uv makes environments in a fraction of the time, where it is installed; `pip install nox` does not bring it.
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

ROOT = Path(__file__).parent
PACKAGE = ROOT / "src" / "otp_passkeys"
PYPROJECT = nox.project.load_toml("pyproject.toml")
# The release of everything that the sessions install, for each Python; `nox -s lock` renews it.
LOCK = ROOT / "constraints.txt"

# Each release of Django, and the Pythons that both it and we run on.
SUPPORTED = {
    "5.2": ["3.10", "3.11", "3.12", "3.13", "3.14"],
    "6.0": ["3.12", "3.13", "3.14"],
    "6.1": ["3.12", "3.13", "3.14", "3.15"],
}
MATRIX = [
    nox.param(python, django, id=f"py{python}_django{django}".replace(".", ""))
    for django, pythons in SUPPORTED.items()
    for python in pythons
]
# The oldest Django on the oldest Python, and the newest Django: what a page tells its readers must hold on both.
ENDS = [
    nox.param("3.10", "5.2", id="oldest"),
    nox.param("3.13", "6.1", id="newest"),
]
NO_BROWSER = "--ignore=tests/browser"
WORKFLOWS = (".github", ".pre-commit-config.yaml")  # what zizmor reads
# What the suite says about the package as it is shipped: files, migrations, translations, lock and documentation.
SHIPPED = ("tests/repository", "tests/docs/test_docs.py")
# Two shares that leave nothing out: a parameter set of each test, and the rest.
FIRST, REST = {"SETS": "first"}, {"SETS": "rest"}
# What proves the same once more: each test, but not all of its parameter sets (tests/sampling.py). On every Python,
# Django, database and session engine one of them is enough, and mostly nothing of what takes long.
SAMPLE = {"SAMPLE": "1"}
SMALL = ("-m", "not extended and not in_turn")
# A test without a database has nothing to say about another one, nor about where sessions are kept.
WITH_DATABASE = {"ONLY": "database"}
# The browser tests of a registration, two sign-ins, a deletion, and of what the browser keeps after it.
COMMONEST = (
    "panel_add.py::test_events",
    "sign_in.py::test_by_button",
    "sign_in.py::test_by_autofill",
    "sign_in.py::test_deleted_on_the_server_is_forgotten",
    "panel_delete.py::test_by_keyboard",
)
# The packages that passkeys are imported from, and releases of them beside the locked ones.
IMPORTED = (
    "django-otp-webauthn",
    "allauth",
    "django-passkeys",
    "django-mfa2",
    "two-factor-auth",
    "django-mfa",
)
OTHER_RELEASES = {"django-otp-webauthn": "0.11.0a5", "django-passkeys": "2.1b2"}
# The packages beside which this app is tried, each on a small site of its own.
NEIGHBOURS = ("allauth", "wagtail", "unfold", "jazzmin")
# What reads their tables; all else of the import is measured with the rest of the package.
READERS = [f"src/otp_passkeys/importing/{source.replace('-', '_')}.py" for source in IMPORTED]
SERVERS = [nox.param(name, id=name) for name in ("postgresql", "mariadb")]
ENGINES = [nox.param(name, id=name) for name in ("cache", "cached_db", "signed_cookies")]
# One process for each processor; PYTEST_XDIST_AUTO_NUM_WORKERS makes it another number.
PARALLEL = ("--numprocesses=auto", "--dist=worksteal")


def install(
    session: nox.Session,
    *requirements: str,
    groups: tuple[str, ...] = ("tests",),
    lock: Path | None = LOCK,
) -> None:
    """Install the package as it stands here, and what the session needs beside it.

    :param requirements: more for pip, such as a release of Django.
    :param groups: dependency groups of pyproject.toml.
    :param lock: the constraints that say which releases; None for the newest.
    """
    listed = nox.project.dependency_groups(PYPROJECT, *groups)
    constraints = () if lock is None else ("--constraint", str(lock))
    session.install(*constraints, "--editable", ".", *listed, *requirements)


def lock_without(session: nox.Session, *names: str) -> Path:
    """Write the lock anew without the lines of some distributions, for a session that chooses their releases."""
    lines = LOCK.read_text().splitlines(keepends=True)
    path = Path(session.create_tmp()) / LOCK.name
    path.write_text("".join(line for line in lines if line.split("==")[0] not in names))
    return path


def suite(session: nox.Session, *options: str, **environment: str) -> None:
    """Run the suite without a browser on what the environment names."""
    session.run("pytest", *PARALLEL, NO_BROWSER, *options, *session.posargs, env=environment)


@nox.session
def demo(session: nox.Session) -> None:
    """Serve the example site at http://localhost:8000, with an account that it prints.

    `nox -s demo -- localhost:8123` serves it there.
    """
    address = session.posargs[0] if session.posargs else "localhost:8000"
    session.install("--constraint", str(LOCK), ".")
    manage = ("python", "example_project/manage.py")
    session.run(*manage, "migrate", "--verbosity=0")
    session.run(*manage, "create_demo_account", f"--site=http://{address}")
    session.run(*manage, "runserver", "--noreload", address)


@nox.session
def tests(session: nox.Session) -> None:
    """Run every test on SQLite, in the browsers of this machine too, with the first of its parameter sets.

    With COVERAGE=1 in the environment, fail if there is a branch that none of them takes.
    """
    install(session, groups=("tests", "browser"))
    if os.environ.get("COVERAGE"):
        trace(session, *session.posargs)
    else:
        session.run("pytest", *PARALLEL, *session.posargs, env=FIRST)


@nox.session
def browsers(session: nox.Session) -> None:
    """Run what `tests` leaves out of the tests in a browser."""
    install(session, groups=("tests", "browser"))
    posargs = session.posargs or ["tests/browser"]
    session.run("pytest", *PARALLEL, *posargs, env=REST)


@nox.session
def rest(session: nox.Session) -> None:
    """Run what `tests` leaves out of the tests without a browser: each hostile answer is sent in every way."""
    install(session)
    suite(session, **REST, CORPUS="whole")


@nox.session
def chromium(session: nox.Session) -> None:
    """Run the commonest ceremonies in the complete Chromium, where other sessions take its headless shell."""
    install(session, groups=("tests", "browser"))
    complete = {"CHROMIUM": "complete", **SAMPLE}
    posargs = session.posargs or [f"tests/browser/test_{name}" for name in COMMONEST]
    session.run("pytest", *PARALLEL, *posargs, env=complete)


@nox.session
def quick(session: nox.Session) -> None:
    """Run a small sample that needs neither a browser nor a server: less than a minute at the keyboard."""
    install(session)
    suite(session, *SMALL, **SAMPLE)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure which branches the tests without a browser take, with the parameter sets of `tests`: all of them."""
    install(session)
    trace(session, NO_BROWSER)


def trace(session: nox.Session, *options: str) -> None:
    """Run the first share of the suite, and fail if there is a branch that it does not take."""
    measure_anew(session)
    session.run("coverage", "run", "-m", "pytest", *PARALLEL, *options, env=FIRST)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", f"--omit={','.join(READERS)}")


def measure_anew(session: nox.Session) -> None:
    """Forget what was measured, and keep apart what another session measures at the same time."""
    session.env["COVERAGE_FILE"] = str(ROOT / f".coverage.{session.name}")
    session.run("coverage", "erase")


@nox.session
def imports(session: nox.Session) -> None:
    """Import from each other package what its own code registered, and measure the code that reads its tables.

    They do not go together, so each has a run of its own. DATABASE names the database. `-- allauth` runs one.
    """
    install(session, groups=("tests", "browser", "imports", "postgresql", "mariadb"))
    measure_anew(session)
    for source in session.posargs or IMPORTED:
        import_from(session, source)
    if session.posargs:
        return
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", f"--include={','.join(READERS)}")
    for source, release in OTHER_RELEASES.items():
        session.install("--no-deps", f"{source}=={release}")
        import_from(session, source)


def import_from(session: nox.Session, source: str) -> None:
    """Run the tests with one other package beside this app."""
    pytest = ("-m", "pytest", "--ds=tests.imports.settings", "--quiet", "tests/imports")
    session.run("coverage", "run", "--parallel-mode", *pytest, env={"IMPORTS_SOURCE": source})


@nox.session
def neighbours(session: nox.Session) -> None:
    """Use passkeys on a small site with each package that has its own sign-in or account pages, as the how-tos say.

    `-- wagtail` runs one. With PICTURES=docs/images in the environment their pictures are made anew.
    """
    install(session, groups=("tests", "browser", "neighbours"))
    # What is deprecated in a package, and its migrations, are its own business.
    lenient = ("-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning")
    options = ("--ds=tests.neighbours.settings", "--no-migrations", *lenient, "--quiet")
    for name in session.posargs or NEIGHBOURS:
        session.run("pytest", *options, "tests/neighbours", env={"NEIGHBOUR": name})


@nox.session
def order(session: nox.Session) -> None:
    """Run the whole suite twice in random order: no test may depend on another."""
    install(session, groups=("tests", "browser", "order"))
    for _ in range(2):
        session.run("pytest", *PARALLEL, *session.posargs)


@nox.session
def newest(session: nox.Session) -> None:
    """Run a small sample on the newest release of everything, whatever the lock says."""
    install(session, lock=None)
    suite(session, *SMALL, **SAMPLE)


@nox.session(python="3.10")
def lowest(session: nox.Session) -> None:
    """Run a sample with the oldest releases that pyproject.toml allows."""
    oldest = [r.lower().replace(">=", "==") for r in PYPROJECT["project"]["dependencies"]]
    names = [pin.split("==")[0] for pin in oldest]
    install(session, *oldest, lock=lock_without(session, *names))
    suite(session, **SAMPLE)


@nox.session
@nox.parametrize(["python", "django"], MATRIX)
def matrix(session: nox.Session, django: str) -> None:
    """Run a small sample on each pair of Python and Django; a Python that is missing is skipped."""
    install(session, f"Django~={django}.0", lock=lock_without(session, "django"))
    suite(session, *SMALL, **SAMPLE)


@nox.session
@nox.parametrize("database", SERVERS)
def databases(session: nox.Session, database: str) -> None:
    """Run a sample, and all that needs a server, on PostgreSQL and MariaDB; tests/settings.py says how to name it."""
    install(session, groups=("tests", database))
    suite(session, DATABASE=database, **SAMPLE, **WITH_DATABASE)


@nox.session
@nox.parametrize("database", SERVERS)
def races(session: nox.Session, database: str) -> None:
    """Race many requests against each other in a thousand rounds, and say what each heard; it takes long."""
    install(session, groups=("tests", database))
    rounds = os.environ.get("RACE_ROUNDS", "1000")
    posargs = session.posargs or ["tests/races"]
    session.run("pytest", *posargs, env={"DATABASE": database, "RACE_ROUNDS": rounds})


@nox.session
@nox.parametrize("engine", ENGINES)
def sessions(session: nox.Session, engine: str) -> None:
    """Run a small sample with sessions in Redis or in signed cookies; REDIS_URL names the Redis."""
    install(session, groups=("tests", "redis"))
    suite(
        session,
        "--maxprocesses=16",  # each has a database of Redis for itself, which has 16
        *SMALL,
        **SAMPLE,
        **WITH_DATABASE,
        SESSION_ENGINE=f"django.contrib.sessions.backends.{engine}",
        REDIS_URL=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    )


@nox.session
def api(session: nox.Session) -> None:
    """Send what the OpenAPI description allows, and what it does not, to every address of the JSON interface."""
    install(session, groups=("tests", "api"))
    session.run("pytest", "tests/openapi/test_fuzz.py", *session.posargs)


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
def compare(session: nox.Session) -> None:
    """Print what this app costs beside the least that does its job, and beside other packages: one table.

    `nox -s compare -- --only sign-in` is a short one; without valgrind there are no instructions, without PostgreSQL
    no bytes.
    """
    install(session, groups=("compare",))
    releases = Path(session.create_tmp())
    for package in ("django-otp-webauthn",):
        release = f"{package}=={OTHER_RELEASES[package]}"
        session.install("--no-deps", "--upgrade", f"--target={releases / release}", release)
    environment = {"COMPARE_RELEASES": str(releases)}
    session.run("python", "-m", "benchmarks.compare", *session.posargs, env=environment)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Flip bits in 100 000 valid answers: none may be taken that means something else. `-- 5000` tries fewer."""
    install(session)
    tries = session.posargs[0] if session.posargs else "100000"
    session.run("pytest", "tests/fuzz/test_flips.py", env={"FUZZ_TRIES": tries})


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, likely bugs and formatting of all Python, and the workflows of GitHub."""
    session.install("--constraint", str(LOCK), *nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")
    session.run("zizmor", "--offline", "--quiet", "--strict-collection", *WORKFLOWS)


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


def made(session: nox.Session, folder: Path) -> Path:
    """Make sdist and wheel in a folder, run a new site on the wheel in an empty environment, and return the wheel."""
    session.run("python", "-m", "build", "--outdir", str(folder))
    session.run("twine", "check", "--strict", *map(str, folder.iterdir()))
    (wheel,) = folder.glob("*.whl")
    session.run("python", ".ci/check_wheel.py", str(wheel))
    return wheel


def keep(folder: Path) -> None:
    """Put what was made into dist/, in place of what was there."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    shutil.copytree(folder, ROOT / "dist")


@nox.session
def build(session: nox.Session) -> None:
    """Build sdist and wheel into dist/, and run a new site on the wheel in an empty environment."""
    session.install("--constraint", str(LOCK), *nox.project.dependency_groups(PYPROJECT, "build"))
    with tempfile.TemporaryDirectory() as folder:
        artefacts = Path(folder) / "artefacts"
        made(session, artefacts)
        keep(artefacts)


@nox.session
def release_check(session: nox.Session) -> None:
    """Prove all of a release but the upload: version, tag, tree, tests of what is shipped, docs, artefacts, SBOM.

    At a commit without a tag it is a rehearsal, and prints what a tag would want besides.
    """
    session.run("python", ".ci/check_release.py", "source")
    install(session, groups=("tests", "docs", "build", "sbom"))
    session.run("pytest", "--quiet", *SHIPPED)
    with tempfile.TemporaryDirectory() as folder:
        artefacts, pages = Path(folder) / "artefacts", Path(folder) / "pages"
        session.run(
            "sphinx-build", "-W", "--keep-going", "--quiet", "-b", "html", "docs", str(pages)
        )
        wheel = made(session, artefacts)
        session.run("python", ".ci/make_sbom.py", str(wheel))
        session.run("python", ".ci/check_release.py", "artefacts", str(artefacts))
        keep(artefacts)


@nox.session
@nox.parametrize(["python", "django"], ENDS)
def pages(session: nox.Session, django: str) -> None:
    """Follow README, quickstart and tutorial word by word, with the wheel, on the oldest and the newest Django."""
    # `build` proves that what pyproject.toml names is enough to build with; here it need not be fetched anew.
    builds_with = (*PYPROJECT["build-system"]["requires"], "pip")
    listed = nox.project.dependency_groups(PYPROJECT, "build")
    session.install("--constraint", str(LOCK), *listed, *builds_with)
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
        (wheel,) = Path(folder).glob("*.whl")
        lock = lock_without(session, "django")
        session.run("python", ".ci/follow_pages.py", str(wheel), django, str(lock))


@nox.session
def lock(session: nox.Session) -> None:
    """Renew the lock: the newest releases that pyproject.toml allows, for every Python that is supported.

    It covers every session, what builds the package (pip reads no constraints for that, so pyproject.toml has it),
    and the hooks of pre-commit.
    """
    session.install("--constraint", str(LOCK), *nox.project.dependency_groups(PYPROJECT, "lock"))
    session.run("python", ".ci/renew_lock.py", *PYPROJECT["dependency-groups"])
