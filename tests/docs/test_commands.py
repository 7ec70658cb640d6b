"""The commands that the pages show run, and print what the pages say."""

import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command, get_commands, load_command_class

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from .blocks import ROOT, take

GOOGLE = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"
YUBIKEY = "2fc0579f-8113-47ea-b116-bb5a8db9202a"


def lines(code: str) -> list[list[str]]:
    """Return the words behind ``manage.py`` of each command of a block."""
    typed: list[str] = re.findall(r"^\$ python manage\.py (.+)$", code, re.MULTILINE)
    return [line.split() for line in typed]


@pytest.mark.parametrize(
    "code",
    [
        take("docs/how-to/other-packages", "manage.py migrate"),
        take("docs/how-to/other-packages", "--dry-run"),
        take("docs/how-to/other-packages", "check --database"),
        take("docs/how-to/other-packages", "--finish"),
        take("docs/how-to/other-packages", "--restore"),
    ],
    ids=["migrate", "dry-run", "check", "finish", "restore"],
)
def test_words(code: str) -> None:
    """Each command of a move exists and takes its words; tests/imports runs them with each package."""
    assert lines(code)
    for name, *words in lines(code):
        command = load_command_class(get_commands()[name], name)
        command.create_parser("manage.py", name).parse_args(words)


@pytest.mark.django_db
def test_passkeys(alice: User, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What support reads about an account."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = ["example.com"], "example.com"
    synced = {"backup_eligible": True, "backup_state": True}
    google = stored_passkey(alice, aaguid=GOOGLE, rp_id="example.com", **synced)
    key = stored_passkey(alice, aaguid=YUBIKEY, rp_id="old.example.com", nickname="YubiKey 5")
    for passkey, day in ((google, (5, 3, 9, 12)), (key, (6, 1, 16, 40))):
        Passkey.objects.filter(pk=passkey.pk).update(
            created_at=datetime(2026, *day, tzinfo=timezone.utc)
        )
    code = take("docs/how-to/deploy", "manage.py passkeys alice")
    [line] = lines(code)
    call_command(*line)
    printed = capsys.readouterr().out
    for number, passkey in enumerate((google, key), 1):
        printed = re.sub(rf"^{passkey.pk}:", f"{number}:", printed, flags=re.MULTILINE)
    assert printed == code.partition("\n")[2]


@pytest.mark.django_db
def test_delete(alice: User) -> None:
    """Support deletes a passkey by its number."""
    stored_passkey(alice)
    wanted = stored_passkey(alice)
    [line] = lines(take("docs/how-to/move", "--delete 3"))
    call_command(*line[:-1], str(wanted.pk))
    assert not Passkey.objects.filter(pk=wanted.pk).exists()


@pytest.mark.django_db
def test_moved_away(alice: User) -> None:
    """After a move the passkeys of the old domain can be deleted, and no others."""
    stored_passkey(alice, rp_id="old.example")
    kept = stored_passkey(alice, rp_id="new.example")
    exec(take("docs/how-to/move", 'rp_id="old.example"'), {})
    assert list(Passkey.objects.all()) == [kept]


# Each on the site that the one before has left, as its reader has it.
ON_A_SITE = [
    take("docs/upgrade", "collectstatic"),
    take("docs/how-to/deploy", "purge_spent_challenges"),
    take("docs/how-to/deploy", "check --deploy"),
    take("docs/reference/commands", "import_passkeys json"),
    take("docs/upgrade", "migrate otp_passkeys zero"),
    take("docs/upgrade", "export_passkeys"),
]
SITE = """
import sys
from pathlib import Path
import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    ALLOWED_HOSTS=["example.com"],
    AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend", "otp_passkeys.backends.PasskeyBackend"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}},
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        "django.contrib.staticfiles", "django_otp", "otp_passkeys",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_otp.middleware.OTPMiddleware",
    ],
    ROOT_URLCONF="otp_passkeys_site",
    SECRET_KEY="of a site that nobody visits",
    STATIC_ROOT="static",
    STATIC_URL="static/",
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }],
)
django.setup()
for line in sys.argv[1:]:
    words, _, file = line.partition(" > ")
    with Path(file or "printed").open("w") as out:
        call_command(*words.split(), stdout=out)
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("passkeys/", include("otp_passkeys.urls"))]
"""


def test_on_a_site(tmp_path: Path) -> None:
    """The commands of an upgrade and of every night run on a new site, one after another."""
    (tmp_path / "otp_passkeys_site.py").write_text(URLS)
    typed = [" ".join(words) for code in ON_A_SITE for words in lines(code)]
    assert len(typed) == 10
    done = subprocess.run(
        [sys.executable, "-c", SITE, *typed],
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "static" / "otp_passkeys" / "panel.js").exists()
    assert (tmp_path / "passkeys.jsonl").read_text() == ""
