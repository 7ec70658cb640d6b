"""Eve's server: a page on a subdomain of the site, which passes a visitor's ceremony on to the real server."""

import base64
import datetime
import hashlib
import http.client
import json
import ssl
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.urls import reverse

PAGE = b"""<!doctype html><title>Win a prize</title><script type="module">
const post = async (url, data) => (await fetch(url, { method: "POST", body: JSON.stringify(data) })).json();
try {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post("/options", {}));
  const credential = await navigator.credentials.get({ publicKey });
  document.title = JSON.stringify(await post("/answer", { credential: credential.toJSON() }));
} catch (error) {
  document.title = `{"error": "${error.name}"}`;
}
</script>"""


def certificate(folder: Path, host: str) -> tuple[Path, str]:
    """Write a self-signed certificate with its key; return the file, and the hash by which Chromium may trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "eve.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + signed.public_bytes(Encoding.PEM)
    )
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return file, base64.b64encode(hashlib.sha256(public).digest()).decode()


class Relay:
    """Speaks with the real server as a browser would that calls it by eve's host, and keeps what it is given.

    :param site: the address at which the real server listens.
    :param host: eve's host, which goes into the ``Host`` header.
    """

    def __init__(self, site: str, host: str) -> None:
        self._address = urlsplit(site).netloc
        self._host = host
        self._cookies: SimpleCookie = SimpleCookie()

    def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request with the cookies so far, and return the status and the JSON of the answer."""
        headers = {"Host": self._host, "Accept": "application/json"}
        headers["Content-Type"] = "application/json"
        headers["Cookie"] = "; ".join(f"{one.key}={one.value}" for one in self._cookies.values())
        if "csrftoken" in self._cookies:
            headers["X-CSRFToken"] = self._cookies["csrftoken"].value
        connection = http.client.HTTPConnection(self._address, timeout=10)
        connection.request(method, path, json.dumps(body or {}), headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies.load(line)
        text = answer.read()
        connection.close()
        kind = answer.headers.get("Content-Type", "")
        return answer.status, json.loads(text) if "json" in kind else None


class EvesServer:
    """Serves the page over TLS, and passes on what its script sends."""

    def __init__(self, relay: Relay, certificate_file: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(200, "text/html", PAGE)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/options":
                    relay.send("GET", reverse("otp_passkeys:sign-in"))  # for the CSRF cookie
                    _, answer = relay.send("POST", reverse("otp_passkeys:authenticate-options"))
                else:
                    _, answer = relay.send("POST", reverse("otp_passkeys:authenticate"), body)
                self.answer(200, "application/json", json.dumps(answer).encode())

            def answer(self, status: int, kind: str, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate_file)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port at which it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
