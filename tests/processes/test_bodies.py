"""What a server does with a body that the site does not read."""

import socket
import sys

import pytest

from .serving import serving

pytestmark = [
    pytest.mark.extended,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork()"),
]


def answer_to(port: int, *headers: str) -> bytes:
    """Send the head of a request and nothing of its body, and return the first line of the answer."""
    lines = [*headers, f"Host: localhost:{port}", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode())
        with connection.makefile("rb") as answer:
            return answer.readline()


def test_answers_before_the_body_comes() -> None:
    """T12: 20 MB are refused as soon as they are announced, and a body in chunks is not waited for."""
    form = "Content-Type: multipart/form-data; boundary=x"
    with serving(workers=1) as port:
        for address in ("sign-in/", "authenticate/", "sign-in/forget/", "reauthenticate/"):
            first = f"POST /passkeys/{address} HTTP/1.1"
            assert b" 413 " in answer_to(port, first, form, "Content-Length: 20000000")
            assert b" 403 " in answer_to(port, first, form, "Transfer-Encoding: chunked")
