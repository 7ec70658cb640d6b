"""Play the part of the sync script: ask what to signal, signal it, report back."""

from typing import Any

from django.test import Client
from django.urls import reverse

from otp_passkeys.sync import FLAG
from otp_passkeys.testing import Authenticator


def is_flagged(client: Client) -> bool:
    """Say whether the session of a browser holds the flag."""
    return FLAG in client.session


def page_syncs(client: Client) -> bool:
    """Say whether the next page of a browser carries the script."""
    return b"<otp-passkey-sync" in client.get(reverse("tagged")).content


def fetch(client: Client) -> dict[str, Any]:
    """Ask what to signal."""
    answer = client.get(reverse("otp_passkeys:sync"))
    assert answer.status_code == 200, answer.content
    payload: dict[str, Any] = answer.json()
    return payload


def report(client: Client, token: object) -> int:
    """Report with a token, and return the status of the answer."""
    answer = client.post(
        reverse("otp_passkeys:sync"), {"token": token}, content_type="application/json"
    )
    return answer.status_code


def settle(client: Client) -> None:
    """Sync, so that nothing is due any more."""
    assert report(client, fetch(client)["token"]) == 204
    assert not is_flagged(client)


def synchronise(client: Client, authenticator: Authenticator) -> dict[str, Any]:
    """Sync as a browser with both signal methods does, and return what was signalled."""
    payload = fetch(client)
    if "userId" in payload:
        for call in [payload, *payload["former"]]:
            if "allAcceptedCredentialIds" in call:
                authenticator.signal_all_accepted_credentials(call)
            authenticator.signal_current_user_details(call)
    assert report(client, payload["token"]) == 204
    return payload
