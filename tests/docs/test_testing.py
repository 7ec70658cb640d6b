"""The test case that the documentation shows holds, with settings as in production."""

import importlib.util

from ..helpers.docs import DOCS

_spec = importlib.util.spec_from_file_location(
    "testing_unittest", DOCS / "how-to" / "testing_unittest.py"
)
assert _spec
assert _spec.loader
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)


class TestShown(_module.PasskeyTests):  # type: ignore[misc, name-defined]
    """S6.4: a site's own tests with unittest, without a browser."""
