"""The test of the floors would not pass whatever the modules did."""

from __future__ import annotations

import pytest

from .test_architecture import violations


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        ("models.py", "from .actions import rename", "imports actions"),
        ("models.py", "from . import actions", "imports actions"),
        ("models.py", "from otp_passkeys.actions import rename", "imports actions"),
        ("models.py", "import otp_passkeys.actions.managing", "imports actions"),
        ("models.py", "def f():\n    from .actions import rename", "imports actions"),
        ("models.py", "if TYPE_CHECKING:\n    from .actions import A", "imports actions"),
        ("models.py", "if x:\n    pass\nelse:\n    from .actions import A", "imports actions"),
        ("models.py", "from .relying_party import RelyingParty", "imports relying_party"),
        ("models.py", "from .testing import Authenticator", "imports testing"),
        ("conf.py", "from .relying_party import RelyingParty", "imports relying_party"),
        ("challenges.py", "from .sync import is_due", "imports sync"),
        ("views/panel.py", "from ..urls import urlpatterns", "imports urls"),
        ("admin.py", "from .views.panel import PanelView", "imports views"),
        ("apps.py", "from . import views", "imports views"),
        ("testing/wire.py", "from ..encoding import to_base64url", "imports encoding"),
        ("__init__.py", "from .models import Passkey", "imports models"),
        ("helpers.py", "", "stands on no floor"),
        ("helpers/__init__.py", "", "stands on no floor"),
        ("actions/__init__.py", "from webauthn.helpers import structs", "uses webauthn"),
        ("views/panel.py", "import webauthn", "uses webauthn"),
        ("views/panel.py", "from django_otp import login", "uses django_otp.login"),
        ("views/panel.py", "import django_otp\ndjango_otp.login(r, d)", "uses django_otp.login"),
        ("models.py", "import fido_mds", "uses fido_mds"),
    ],
)
def test_a_wrong_import_is_reported(path, source, expected):
    """An import that the floors forbid is reported, however it is written."""
    (reported,) = violations({path: source})
    assert expected in reported


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("conf.py", "if TYPE_CHECKING:\n    from .relying_party import RelyingParty"),
        ("models.py", "from . import __version__, providers"),
        ("views/panel.py", "from ..actions.managing import rename\nfrom .shapes import shape"),
        ("urls.py", "from .views import panel"),
        ("well_known.py", "from .views.well_known import webauthn"),
        ("ceremonies/options.py", "from webauthn import generate_registration_options"),
        ("actions/__init__.py", "from django_otp import login"),
        ("views/panel.py", "from django_otp import devices_for_user"),
        ("testing/client.py", "from .wire import to_base64url"),
    ],
)
def test_a_right_import_is_not_reported(path, source):
    """What the floors allow is not refused."""
    assert list(violations({path: source})) == []
