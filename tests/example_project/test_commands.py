"""The example site at the command line: its demo account, and its manage.py."""

import re
import subprocess
import sys
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from .serving import EXAMPLE, ROOT, get

pytestmark = pytest.mark.django_db


def test_demo_account(client, settings):
    """The demo account is made once, gets its password back, and keeps its sessions."""
    settings.DEBUG = True
    out = StringIO()
    call_command("create_demo_account", stdout=out)
    username, password = re.search(r"user name +(\S+)\s+password +(\S+)", out.getvalue()).groups()
    assert client.login(username=username, password=password)
    call_command("create_demo_account", "--site=http://localhost:9000/", stdout=out)
    assert "http://localhost:9000/settings/passkeys/" in out.getvalue()
    assert get_user_model().objects.count() == 1
    assert get(client, "settings").status_code == 200


def test_demo_account_needs_debug():
    """The demo account has a public password, so it is not made on a real site."""
    with pytest.raises(CommandError):
        call_command("create_demo_account")
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("folder", [ROOT, EXAMPLE])
def test_manage_py(folder, tmp_path):
    """From the repository's root and from its own folder, manage.py finds nothing to complain of."""
    manage = [sys.executable, str((EXAMPLE / "manage.py").relative_to(folder))]
    environment = {
        "PATH": "",
        "PYTHONPATH": str(ROOT / "src"),
        "EXAMPLE_DATABASE": str(tmp_path / "db.sqlite3"),
    }
    done = subprocess.run(
        [*manage, "check", "--fail-level=WARNING"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
