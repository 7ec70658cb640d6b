"""What a case of the corpus is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .parts import Parts


@dataclass(frozen=True)
class Request:
    """A whole request, for what is wrong around the credential."""

    body: bytes
    content_type: str = "application/json"
    method: str = "POST"
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Something that no honest browser sends, and why it is to be refused.

    :param name: unique within its module.
    :param make: takes what an honest authenticator made, and returns a credential, its JSON text, or a request.
    :param reason: a part of what the refusal or its cause says of itself; empty if no action is to see it.
    :param code: the documented code; empty for what Django itself refuses.
    :param status: the status, where there is no code.
    :param visitors_only: whether a signed-in user may send it.
    """

    name: str
    make: Callable[[Parts], object]
    reason: str
    code: str = "verification_failed"
    status: int = 400
    visitors_only: bool = False
