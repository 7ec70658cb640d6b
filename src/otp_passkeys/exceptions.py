"""What can be refused, one class for each code.

``code`` is stable and for programs; ``message`` is for the user and says nothing that an attacker could use;
the reason given to the constructor goes to the log only. ``status`` is what a view answers it with.
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

__all__ = [
    "ChallengeExpired",
    "ChallengeInvalid",
    "ChallengeSpent",
    "CredentialAlreadyRegistered",
    "CredentialDisabled",
    "CredentialNotFound",
    "CredentialUserMismatch",
    "Impersonated",
    "InvalidNickname",
    "LastWayIn",
    "MalformedRequest",
    "MethodNotAllowed",
    "NotAuthenticated",
    "NotFound",
    "PasskeyError",
    "PasskeyNotFound",
    "ReauthenticationFailed",
    "ReauthenticationRequired",
    "SecondStepOnly",
    "Throttled",
    "TooLarge",
    "TooManyPasskeys",
    "TryAgain",
    "UnsupportedMediaType",
    "UnusableAddress",
    "VerificationFailed",
]


class PasskeyError(Exception):
    """Base of all refusals.

    :param reason: what was wrong and what was expected, for the log. Of what a client sent it may have an origin or an
        RP ID, through ``otp_passkeys.encoding.shown()`` only.
    """

    code: ClassVar[str] = "verification_failed"
    status: ClassVar[int] = 422
    message: ClassVar[str | Promise] = _(
        # Translators: A “way” is a way to sign in, such as a passkey or a password.
        "The passkey could not be verified. Try again or choose another way."
    )

    def __init__(self, reason: str = "") -> None:
        self.reason = reason or self.code
        super().__init__(self.reason)


class MalformedRequest(PasskeyError):
    """The body is not what the address takes."""

    code = "malformed_request"
    status = 400
    message = _("The request could not be read. Reload the page and try again.")


class ChallengeInvalid(PasskeyError):
    """The challenge is forged, or was made for another browser, user or purpose."""

    code = "challenge_invalid"
    status = 400
    # Translators: The page was made for another session or user.
    message = _("This page no longer fits your session. Reload it and try again.")


class ChallengeExpired(PasskeyError):
    """The challenge is older than ``OTP_PASSKEYS_CHALLENGE_MAX_AGE``."""

    code = "challenge_expired"
    status = 400
    # Translators: From the opening of the page to the use of the passkey.
    message = _("That took too long. Try again.")


class ChallengeSpent(PasskeyError):
    """The challenge has been answered before."""

    code = "challenge_spent"
    status = 400
    # Translators: The request to use a passkey, which can be answered once.
    message = _("This request was already answered. Try again.")


class NotAuthenticated(PasskeyError):
    """No user is signed in, or an inactive one is.

    :param is_inactive: whether a backend of the site keeps an inactive user signed in, who would come back here.
    """

    code = "not_authenticated"
    status = 401
    message = _("Sign in first.")

    def __init__(self, reason: str = "", *, is_inactive: bool = False) -> None:
        super().__init__(reason)
        self.is_inactive = is_inactive
        if is_inactive:
            # Translators: Somebody of the site has switched the account off; its user is signed in all the same.
            self.message = _("This account is switched off. Its passkeys can’t be used or changed.")  # type: ignore[misc]


class ReauthenticationRequired(PasskeyError):
    """The user must prove who they are before this is done.

    :param page: the name of the page where they can.
    """

    code = "reauthentication_required"
    status = 403
    # Translators: Confirm who you are before you do this.
    message = _("Confirm that it’s you first.")

    def __init__(self, reason: str = "", *, page: str = "reauthenticate") -> None:
        super().__init__(reason)
        self.page = page


class ReauthenticationFailed(PasskeyError):
    """What was given does not prove who the user is; the message says it for the way at hand.

    :param message: what is wrong with it, for the user, where that is more than the class says.
    """

    code = "reauthentication_failed"
    # Translators: “It” is what the user typed, such as a code.
    message = _("That did not work. Check it and try again.")

    def __init__(self, reason: str = "", *, message: str | Promise | None = None) -> None:
        super().__init__(reason)
        if message is not None:
            self.message = message  # type: ignore[assignment, misc]


class Impersonated(PasskeyError):
    """Somebody else looks at the site as the user."""

    code = "impersonated"
    status = 403
    message = _(
        "You are looking at somebody else’s account. Only they can use or change its passkeys."
    )


class CredentialUserMismatch(PasskeyError):
    """The passkey belongs to another account than the one that was asked."""

    code = "credential_user_mismatch"
    status = 403
    message = _(
        # Translators: A “way” is a way to sign in, such as a passkey or a password.
        "That passkey belongs to a different account. Choose one of this account, or another way."
    )


class CredentialDisabled(PasskeyError):
    """The passkey is switched off, or its user is inactive."""

    code = "credential_disabled"
    status = 403
    message = _("This passkey can’t be used at the moment. Choose another way.")


class SecondStepOnly(PasskeyError):
    """The passkey has never been more than a second step, and nothing else has just proved who the user is."""

    code = "second_step_only"
    status = 403
    # Translators: “This key” is a security key that was used after the password so far.
    message = _("Sign in with your password first; this key is your second step.")


class PasskeyNotFound(PasskeyError):
    """The user has no passkey of this number: it is missing, or another user's."""

    code = "passkey_not_found"
    status = 404
    message = _("This passkey is no longer in your account.")


class CredentialNotFound(PasskeyError):
    """No account has this credential ID; the one refusal after which browsers may forget it."""

    code = "credential_not_found"
    status = 404
    message = _(
        # Translators: “Here” is this website.
        "This passkey isn’t linked to an account here any more. Choose another passkey, or another way to sign in."
    )


class CredentialAlreadyRegistered(PasskeyError):
    """The credential ID is registered, for this user or another."""

    code = "credential_already_registered"
    status = 409
    message = _("This passkey is already registered.")


class LastWayIn(PasskeyError):
    """The deletion would leave the user without a way to sign in."""

    code = "last_way_in"
    status = 409
    message = _(
        # Translators: “This” and “it” are the passkey.
        "This is your only way to sign in. Add another passkey or set a password before you delete it."
    )


class TooManyPasskeys(PasskeyError):
    """The account has as many passkeys as one may have."""

    code = "too_many_passkeys"
    status = 409
    message = _(
        "Your account has as many passkeys as it can have. Delete one that you no longer use, and then add another."
    )


class TryAgain(PasskeyError):
    """The database asked for the transaction to be repeated, or the connection to it was lost."""

    code = "try_again"
    status = 409
    message = _("The site was busy. Try again.")


class UnusableAddress(PasskeyError):
    """No relying party can be derived for the host of the request."""

    code = "unusable_address"
    # Translators: The address is that of the web page.
    message = _("Passkeys can’t be used on this address.")


class VerificationFailed(PasskeyError):
    """The answer does not prove what it must prove."""


class InvalidNickname(PasskeyError):
    """The nickname is too long or holds characters that are not allowed.

    :param message: which of these it is, for the user.
    """

    code = "invalid_nickname"
    message = _("This name can’t be used. Choose another one.")

    def __init__(self, reason: str = "", *, message: str | Promise | None = None) -> None:
        super().__init__(reason)
        if message is not None:
            self.message = message  # type: ignore[assignment, misc]


class Throttled(PasskeyError):
    """The site's own limit says no.

    :param retry_after: seconds after which to try again.
    """

    code = "throttled"
    status = 429
    message = _("There were too many tries. Wait a while and try again.")

    def __init__(self, reason: str = "", *, retry_after: int = 60) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TooLarge(PasskeyError):
    """The body is larger than any answer of a browser."""

    code = "too_large"
    status = 413
    message = _("The request is too large.")


class UnsupportedMediaType(PasskeyError):
    """The body is neither a form nor JSON, or in another encoding than UTF-8."""

    code = "unsupported_media_type"
    status = 415
    # Translators: For programmers: what a request must hold.
    message = _("Send a form or JSON, in UTF-8.")


class MethodNotAllowed(PasskeyError):
    """The address does not take this method."""

    code = "method_not_allowed"
    status = 405
    # Translators: For programmers: the URL does not take requests of this method.
    message = _("This address does not take that kind of request.")


class NotFound(PasskeyError):
    """There is nothing at the address, for this site or this user model."""

    code = "not_found"
    status = 404
    # Translators: For programmers: the URL leads to nothing.
    message = _("There is nothing at this address.")
