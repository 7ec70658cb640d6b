"""Name the errors with which a browser rejects a ceremony (WebAuthn L3 §5.1.3, §5.1.4)."""


class InvalidStateError(Exception):
    """Say that an excluded credential is on this authenticator, as `create()` does in a browser."""


class NotAllowedError(Exception):
    """Say that no credential fits, or that the user was not verified where that is required."""


class NotSupportedError(Exception):
    """Say that no algorithm offered is one the authenticator can do."""
