"""`nox -s release_check` refuses a release that is not ready: each fault is made once, in a repository of its own."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from otp_passkeys import __version__

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".ci" / "check_release.py"
PREPARED = {
    "CHANGELOG.rst": f"Changelog\n\n{__version__} (2026-01-31)\n----\n",
    "README.rst": "Released.\n",
    "LICENSE": "BSD\n",
    "pyproject.toml": '"Development Status :: 4 - Beta",\n[project.urls]\n'
    + "".join(f'{name} = "https://example.org/"\n' for name in ("Documentation", "Source"))
    + "".join(f'{name} = "https://example.org/"\n' for name in ("Changelog", "Issues", "Security"))
    + "\n[tool.x]\n",
    "src/otp_passkeys/__init__.py": f'__version__ = "{__version__}"\n',
    "src/otp_passkeys/migrations/0001_initial.py": "",
}
UNPREPARED = {
    "CHANGELOG.rst": f"{__version__} (unreleased)\n----\n",
    "README.rst": "In development, not released.\n",
    "pyproject.toml": PREPARED["pyproject.toml"].replace("4 - Beta", "2 - Pre-Alpha"),
}
STEM = f"django_otp_passkeys-{__version__}"
INFO = f"{STEM}.dist-info"
WHEEL = {
    f"{INFO}/METADATA": f"Version: {__version__}\nLicense-File: LICENSE\nRequires-Dist: Django>=5\n",
    f"{INFO}/licenses/LICENSE": PREPARED["LICENSE"],
    "otp_passkeys/locale/de/LC_MESSAGES/django.po": "",
    "otp_passkeys/locale/de/LC_MESSAGES/django.mo": "",
    "otp_passkeys/migrations/0001_initial.py": "",
}
BILL = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"version": __version__}},
    "components": [{"name": "django"}],
}

pytestmark = pytest.mark.skipif(
    not SCRIPT.exists() or shutil.which("git") is None, reason="needs a clone and git"
)


def git(folder: Path, *arguments: str) -> None:
    """Run git, whatever the configuration of this machine."""
    who = ["-c", "user.name=alice", "-c", "user.email=alice@example.org"]
    unsigned = ["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"]
    command = ["git", "-C", str(folder), *who, *unsigned, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a repository with a release that is ready, but for the tag."""
    folder = tmp_path / "clone"
    for name, text in PREPARED.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=Release")
    return folder


def said(clone: Path, *arguments: str) -> tuple[bool, str]:
    """Return whether the check holds, and what it says."""
    command = [sys.executable, str(clone / ".ci" / SCRIPT.name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode == 0, done.stdout + done.stderr


def refused(clone: Path, *arguments: str) -> str:
    """Return why the check does not hold."""
    holds, text = said(clone, *arguments)
    assert not holds
    return text


def test_ready(clone: Path) -> None:
    """A rehearsal has nothing left to do, and the tag may be made."""
    assert said(clone, "source")[1].endswith("nothing is left to do.\n")
    git(clone, "tag", f"v{__version__}")
    holds, text = said(clone, "source")
    assert holds
    assert "may be released" in text


@pytest.mark.parametrize("name", UNPREPARED)
def test_not_released(clone: Path, name: str) -> None:
    """What says "not released" is named in a rehearsal, and refused with a tag."""
    (clone / name).write_text(UNPREPARED[name], "utf-8")
    git(clone, "commit", "--all", "--quiet", "--message=Develop")
    holds, text = said(clone, "source")
    assert holds
    assert f"\n{name}: " in text
    git(clone, "tag", f"v{__version__}")
    assert f"{name}: " in refused(clone, "source")


def test_no_addresses(clone: Path) -> None:
    """A release says where its source, its documentation and its issues are."""
    project = clone / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace("Source", "Homepage"), "utf-8")
    git(clone, "commit", "--all", "--quiet", "--message=Move")
    git(clone, "tag", f"v{__version__}")
    assert "[project.urls] lacks Source." in refused(clone, "source")


def test_another_tag(clone: Path) -> None:
    """A tag of another version publishes nothing."""
    git(clone, "tag", "v99.0")
    assert "has the tag v99.0" in refused(clone, "source")


def test_another_version(clone: Path) -> None:
    """A changelog that begins with another version does not belong to this one, tag or no tag."""
    (clone / "CHANGELOG.rst").write_text("99.0 (2026-01-31)\n----\n", "utf-8")
    git(clone, "commit", "--all", "--quiet", "--message=Write")
    assert "begins with 99.0" in refused(clone, "source")


def test_unclean(clone: Path) -> None:
    """What is not committed would be in the artefacts, and in no commit."""
    (clone / "src" / "otp_passkeys" / "forgotten.py").touch()
    assert "forgotten.py" in refused(clone, "source")


def make(folder: Path, wheel: dict[str, str], bill: object) -> None:
    """Write a wheel, an sdist and a bill of materials."""
    folder.mkdir()
    with zipfile.ZipFile(folder / f"{STEM}-py3-none-any.whl", "w") as archive:
        for name, text in wheel.items():
            archive.writestr(name, text)
    with tarfile.open(folder / f"{STEM}.tar.gz", "w:gz") as archive:
        archive.add(Path(__file__).parent / "__init__.py", f"{STEM}/LICENSE")
    (folder / f"{STEM}.cdx.json").write_text(json.dumps(bill), "utf-8")


def test_artefacts(clone: Path, tmp_path: Path) -> None:
    """What has all that it must have is taken."""
    make(tmp_path / "made", WHEEL, BILL)
    holds, text = said(clone, "artefacts", str(tmp_path / "made"))
    assert holds, text


def without(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """Return what leaves a file out of the wheel."""
    return lambda files: {key: text for key, text in files.items() if not key.endswith(name)}


FAULTS = {
    "no licence": without("licenses/LICENSE"),
    "Catalogues": without(".mo"),
    "The migrations": without("0001_initial.py"),
    "another version": lambda f: {**f, f"{INFO}/METADATA": "Version: 99\nLicense-File: LICENSE\n"},
    "Not in the bill of materials: webauthn": lambda files: {
        **files,
        f"{INFO}/METADATA": files[f"{INFO}/METADATA"] + "Requires-Dist: webauthn>=3\n",
    },
    "a path of this machine": lambda files: {**files, "x.py": f"made = '{Path.home()}/x'"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_artefacts(clone: Path, tmp_path: Path, fault: str) -> None:
    """Each fault of a wheel is named."""
    make(tmp_path / "made", FAULTS[fault](WHEEL), BILL)
    assert fault in refused(clone, "artefacts", str(tmp_path / "made"))


def test_another_file(clone: Path, tmp_path: Path) -> None:
    """What is left of another version is not published with this one."""
    make(tmp_path / "made", WHEEL, BILL)
    (tmp_path / "made" / "django_otp_passkeys-0.0.1.tar.gz").touch()
    assert "0.0.1" in refused(clone, "artefacts", str(tmp_path / "made"))
