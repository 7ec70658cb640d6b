"""A password manager that adds a passkey in the browser's place, since the browser's own has no provider's name."""

from __future__ import annotations

from typing import Any

# Hands over what the page asks for as JSON, as PublicKeyCredential would, and gives back what was made.
SCRIPT = """navigator.credentials.create = async ({ publicKey }) => {
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const { challenge, user, excludeCredentials, ...rest } = publicKey;
  const made = await addInPlaceOfTheBrowser({
    ...rest, challenge: text(challenge), user: { ...user, id: text(user.id) }, excludeCredentials: [],
  });
  return { toJSON: () => made };
};"""


class Manager:
    """Adds passkeys with the software authenticator, the same in each picture.

    :param username: of the account that it adds them to.
    :param aaguid: of the provider.
    :param address: the address of the site, which is the origin of the ceremonies.
    """

    def __init__(self, username: str, aaguid: str, address: str) -> None:
        self.username = username
        self.aaguid = aaguid
        self.address = address

    def plug_in(self, page: Any) -> None:
        """Let the pages of a tab ask this manager, which has forgotten what it added for earlier pictures."""
        from otp_passkeys.models import Passkey

        Passkey.objects.filter(user__username=self.username, aaguid=self.aaguid).delete()
        page.expose_function("addInPlaceOfTheBrowser", self.add)
        page.add_init_script(SCRIPT)

    def add(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return a new passkey.

        :param options: what the page asked for.
        """
        from otp_passkeys.testing import Authenticator

        authenticator = Authenticator(
            origin=self.address, aaguid=self.aaguid, backup_eligible=True, backup_state=True
        )
        return authenticator.create(options)
