"""The site under load: gunicorn, its accounts, and what its database counted."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from .clients import Result

PASSWORD = "correct horse battery staple"
WORKERS, THREADS = 2, 4
_APPLICATION = "django.core.wsgi:get_wsgi_application()"
# A sign count that was not written is made good by the next one, so the database notes by how much each update let it
# grow: a row is there if and only if the use was committed.
_WITNESS = """
CREATE TABLE growth (passkey_id bigint NOT NULL, by bigint NOT NULL);
CREATE FUNCTION note_growth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO growth VALUES (NEW.id, NEW.sign_count - OLD.sign_count);
  RETURN NULL;
END $$;
CREATE TRIGGER note_growth AFTER UPDATE ON otp_passkeys_passkey
  FOR EACH ROW EXECUTE FUNCTION note_growth();
"""


@dataclass
class Server:
    """A server that runs, or has run."""

    port: int
    _log: IO[str] = field(repr=False)
    _lines: list[str] | None = None

    def log(self) -> list[str]:
        """Return what it had to say: warnings and errors of Django, of the app and of gunicorn."""
        if self._lines is None:
            self._log.seek(0)
            self._lines = self._log.read().splitlines()
        return self._lines


@contextmanager
def serving() -> Iterator[Server]:
    """Serve the site on a free port of this machine."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as listening,
        tempfile.TemporaryFile("w+") as log,
    ):
        # The socket is handed over, so nobody can take the port meanwhile and requests wait until workers are there.
        command = [sys.executable, "-m", "gunicorn", f"--bind=fd://{listening.fileno()}"]
        command += [f"--workers={WORKERS}", f"--threads={THREADS}", "--log-level=warning"]
        # A client that this machine keeps waiting is not to find its connection closed.
        command += ["--keep-alive=75", "--timeout=120", _APPLICATION]
        process = subprocess.Popen(
            command, pass_fds=[listening.fileno()], stdout=log, stderr=subprocess.STDOUT
        )
        server = Server(listening.getsockname()[1], log)
        try:
            yield server
            server.log()  # before gunicorn remarks on being stopped
            if process.poll() is not None:
                server.log().append(f"gunicorn ended by itself: {process.returncode}")
        finally:
            process.terminate()
            process.wait(timeout=60)


def prepare(names: Sequence[str]) -> None:
    """Make an account for each client, and let the database watch the sign counts.

    :param names: of the accounts.
    """
    from django.contrib.auth.models import User
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_WITNESS)
    for name in names:
        User.objects.create_user(name, password=PASSWORD)


def differences(results: Sequence[Result]) -> Iterator[str]:
    """Compare what the clients counted with what the database holds.

    The authenticators of the clients count their signatures, as security keys do, so the stored sign count of a
    passkey is the number of its sign-ins, and has grown by one at each. An answered challenge leaves a row, and so
    does an opened session.

    :param results: what each client did.
    """
    from django.contrib.sessions.models import Session
    from django.db import connection

    from otp_passkeys.models import Passkey, SpentChallenge

    counted = {result.name: result.sign_ins for result in results}
    stored = dict(Passkey.objects.values_list("user__username", "sign_count"))
    sign_ins = sum(counted.values())
    if not sign_ins:
        yield "nobody signed in"
    for name in sorted({*counted, *stored}):
        if counted.get(name) != stored.get(name):
            yield f"{name} signed in {counted.get(name)} times, stored are {stored.get(name)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE by = 1), count(*) FROM growth")
        by_one, updates = cursor.fetchone()
    if not by_one == updates == sign_ins:
        yield f"{updates} updates of passkeys, of which {by_one} counted one sign-in of {sign_ins}"
    registrations = len(results)
    spent, sessions = SpentChallenge.objects.count(), Session.objects.count()
    if spent != sign_ins + registrations:
        yield f"{sign_ins + registrations} challenges were answered, {spent} are spent"
    if sessions != sign_ins + registrations:
        yield f"{sign_ins + registrations} sessions were opened, {sessions} are stored"
