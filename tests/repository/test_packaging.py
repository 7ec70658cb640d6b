"""What is shipped: types, one migration that fits the models, one version; and what says how it is shipped."""

import importlib.metadata
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from packaging.version import Version

import otp_passkeys

from .test_lock import GROUPS, LOCKED, PYPROJECT

ROOT = Path(__file__).parents[2]
PACKAGE = Path(otp_passkeys.__file__).parent


def test_typed():
    """Type checkers read the annotations of an installed package only if it has this file."""
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.django_db
def test_migrations_fit_the_models():
    """`makemigrations` would make nothing."""
    call_command("makemigrations", "otp_passkeys", check_changes=True, dry_run=True, verbosity=0)


def test_version_stands_in_one_place():
    """The build reads it from the package."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", otp_passkeys.__version__)
    written = f'"{otp_passkeys.__version__}"'
    sources = [*PACKAGE.rglob("*.py"), ROOT / "pyproject.toml", ROOT / "docs/conf.py"]
    found = [path.relative_to(ROOT) for path in sources if written in path.read_text("utf-8")]
    assert found == [Path("src/otp_passkeys/__init__.py")]


def test_installed_version():
    """The version of the distribution is the package's."""
    try:
        installed = importlib.metadata.version("django-otp-passkeys")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("not installed, only on the path")
    assert installed == otp_passkeys.__version__


def test_readme_renders_elsewhere():
    """The README is the page of the index too, where a path of this repository leads nowhere."""
    readme = (ROOT / "README.rst").read_text("utf-8")
    assert PYPROJECT["project"]["readme"] == "README.rst"
    pictures = re.findall(r"^ *\.\. (?:image|figure):: (\S+)", readme, re.M)
    assert [one for one in pictures if not one.startswith("https://")] == []
    assert re.findall(r"^\.\. include::|^\.\. _[^:]+: (?!https://)\S", readme, re.M) == []
    assert re.findall(r":(?:doc|ref|setting|check|py:\w+):`", readme) == []


def test_not_released_everywhere_or_nowhere():
    """Before the first release the changelog, the README and the classifier say so, and no address is made up."""
    released = re.search(r"^\d\S* \(\d{4}-", (ROOT / "CHANGELOG.rst").read_text("utf-8"), re.M)
    status = next(c for c in PYPROJECT["project"]["classifiers"] if c.startswith("Development"))
    said = "not released" in (ROOT / "README.rst").read_text("utf-8")
    assert (said, status.endswith("Pre-Alpha"), PYPROJECT["project"]["urls"] == {}) == (
        (False, False, False) if released else (True, True, True)
    )


@pytest.mark.parametrize("group", ["the package", *GROUPS])
def test_each_dependency_has_its_reason(group):
    """Whoever reads pyproject.toml sees what a dependency is for; a comment above all of a group says it for all."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    name = "dependencies" if group == "the package" else group
    [lines] = re.findall(rf"^{name} = \[\n(.*?)^\]", text, re.M | re.S)
    for_all = lines.lstrip().startswith("#")
    wanted = [line for line in lines.splitlines() if line.lstrip().startswith('"')]
    assert [line for line in wanted if not for_all and not re.search('", +# .', line)] == []


def test_hooks():
    """The hooks of pre-commit are those of `nox -s lint`, and run the releases of the lock."""
    [local] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert local["repo"] == "local"
    hooks = local["hooks"]
    assert {hook["entry"].split()[0] for hook in hooks} == {"ruff", "zizmor"}
    for hook in hooks:
        [[name, release]] = [pin.split("==") for pin in hook["additional_dependencies"]]
        assert release == max(LOCKED[name], key=Version), hook["id"]


def test_documentation_elsewhere():
    """Read the Docs builds the same pages with the same releases, and fails on a warning too."""
    read_the_docs = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text("utf-8"))
    assert read_the_docs["sphinx"] == {"configuration": "docs/conf.py", "fail_on_warning": True}
    assert all(
        "--constraint constraints.txt" in c for c in read_the_docs["build"]["jobs"]["install"]
    )


def test_no_registry_is_named():
    """Where packages come from is for those who install them: no file of this repository names a registry's host."""
    try:
        files = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a clone")
    host = re.compile(rb"(?:pypi|pythonhosted|npmjs|unpkg|jsdelivr|crates)[.](?:org|com|net|io)\b")
    texts = {name: (ROOT / name).read_bytes() for name in files if name and (ROOT / name).is_file()}
    assert [name for name, text in texts.items() if host.search(text)] == []
