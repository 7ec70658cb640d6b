"""What is shipped: types, one migration that fits the models, one version."""

import importlib.metadata
import re
from pathlib import Path

import pytest
from django.core.management import call_command

import otp_passkeys

ROOT = Path(__file__).parents[1]
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
