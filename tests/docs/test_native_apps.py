"""The files that phones fetch, the origin of an app, and the test case, as the how-to shows them."""

import shlex
import unittest
from pathlib import Path
from typing import Any

from django.test import Client

from otp_passkeys.checks.addresses import _origin_problem

from ..helpers.docs import code_block
from ..helpers.tokens import install, load
from .test_docs import run_python


def test_files_for_phones(settings: Any, client: Client) -> None:
    """N10: both files are JSON at the root, for everybody, and name the apps of the site."""
    install(settings)
    links = client.get("/.well-known/assetlinks.json")
    [statement] = links.json()
    assert statement["target"]["package_name"] == "com.example.app"
    apple = client.get("/.well-known/apple-app-site-association")
    assert apple.json() == {"webcredentials": {"apps": ["A1B2C3D4E5.com.example.app"]}}
    assert {one["Content-Type"] for one in (links, apple)} == {"application/json"}


def test_settings(settings: Any, tmp_path: Path) -> None:
    """The settings of the page hold what its command prints for the fingerprint in the file, as the check wants it."""
    install(settings)
    names: dict[str, Any] = {}
    exec(code_block("how-to/native-apps", "python", "OTP_PASSKEYS_RP_ID"), names)
    _, android = names["OTP_PASSKEYS_ALLOWED_ORIGINS"]
    [fingerprint] = load("native_apps", "native_apps").ANDROID_FINGERPRINTS
    command = shlex.split(code_block("how-to/native-apps", "console", "fromhex").lstrip("$ "))
    printed = run_python(tmp_path, *command[1:3], fingerprint)
    assert android == f"android:apk-key-hash:{printed.strip()}"
    assert _origin_problem(android) == ""


def test_case_of_the_page(settings: Any, db: None) -> None:
    """S6.4: the test of the page passes on the site of the page."""
    install(settings)
    case = load("tests", "native_apps_test").AppTests("test_app")
    result = unittest.TestSuite([case]).run(unittest.TestResult())
    assert result.testsRun == 1
    assert result.wasSuccessful(), result.errors + result.failures
