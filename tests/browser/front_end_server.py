"""A front end on another port than the site, as a small static server: one page, its client, and what npm installed."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOCKED = Path(__file__).parent / "front_end"
CLIENT = Path(__file__).parents[2] / "docs" / "how-to" / "another-origin.js"
MODULES = {"@simplewebauthn/browser": "/node_modules/@simplewebauthn/browser/esm/index.js"}
PAGE = """<!doctype html><html lang="en"><head><title>Front end</title><link rel="icon" href="data:,">
<script type="importmap">{modules}</script>
<script type="module">
import {{ passkeys }} from "/another-origin.js";
globalThis.asked = [];
globalThis.answers = [];
const ask = (asked, error) => {{
  globalThis.asked.push(error?.message ?? asked);
  return answers.shift();
}};
globalThis.client = passkeys({{ base: "{site}/settings/passkeys/", csrf: "{site}/csrf/", ask }});
</script></head><body><h1>Front end</h1></body></html>"""


def install(folder: Path, npm: str) -> None:
    """Make the page's folder: npm gets what the lock names, by its hash, and runs no script of it."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCKED / name, folder)
    options = ("--ignore-scripts", "--no-audit", "--no-fund")
    done = subprocess.run(
        [npm, "ci", *options], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    shutil.copy(CLIENT, folder)


def write_page(folder: Path, site: str) -> None:
    """Write the page, which knows where the site is."""
    page = PAGE.format(modules=json.dumps({"imports": MODULES}), site=site)
    (folder / "index.html").write_text(page)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on a port of its own, and yield its origin."""
    server = ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
