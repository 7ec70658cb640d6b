"""Test passkeys without a browser: a software authenticator that makes real ceremonies.

    from otp_passkeys.testing import Authenticator, register, sign_in

    def test_passkey(client, user):
        authenticator = Authenticator()
        client.force_login(user)
        assert register(client, authenticator).status_code == 201
        client.logout()
        assert sign_in(client, authenticator).status_code == 200

Keys, signatures and bytes are those that a browser would send, so the server under test needs no
patching. `otp_passkeys.testing.fixtures` has pytest fixtures; nothing else here imports pytest.
"""

from .app import App, Nonce
from .authenticator import Authenticator
from .behaviour import Behaviour
from .client import register, sign_in
from .errors import InvalidStateError, NotAllowedError, NotSupportedError
from .keys import EDDSA, ES256, ML_DSA_44, RS256
from .overrides import Overrides
from .store import Credential
from .wire import from_base64url, to_base64url

__all__ = [
    "EDDSA",
    "ES256",
    "ML_DSA_44",
    "RS256",
    "App",
    "Authenticator",
    "Behaviour",
    "Credential",
    "InvalidStateError",
    "Nonce",
    "NotAllowedError",
    "NotSupportedError",
    "Overrides",
    "from_base64url",
    "register",
    "sign_in",
    "to_base64url",
]
