"""The addresses of the app: ``path("account/passkeys/", include("otp_passkeys.urls"))``."""

from django.urls import path

from .views.authentication import AuthenticateOptionsView, AuthenticateView
from .views.icons import icon
from .views.panel import DeleteView, ListView, RenameView
from .views.reauthentication import ReauthenticateView
from .views.registration import RegisterOptionsView, RegisterView
from .views.sign_in import ForgetView, SignInView
from .views.sign_out_elsewhere import SignOutElsewhereView
from .views.sync import SyncView

app_name = "otp_passkeys"

urlpatterns = [
    path("", ListView.as_view(), name="list"),
    path("register/options/", RegisterOptionsView.as_view(), name="register-options"),
    path("register/", RegisterView.as_view(), name="register"),
    path("authenticate/options/", AuthenticateOptionsView.as_view(), name="authenticate-options"),
    path("authenticate/", AuthenticateView.as_view(), name="authenticate"),
    path("<int:pk>/rename/", RenameView.as_view(), name="rename"),
    path("<int:pk>/delete/", DeleteView.as_view(), name="delete"),
    path("sign-in/", SignInView.as_view(), name="sign-in"),
    path("sign-in/forget/", ForgetView.as_view(), name="forget"),
    path("sign-out-elsewhere/", SignOutElsewhereView.as_view(), name="sign-out-elsewhere"),
    path("reauthenticate/", ReauthenticateView.as_view(), name="reauthenticate"),
    path(
        "reauthenticate/passkey/",
        ReauthenticateView.as_view(need="passkey"),
        name="reauthenticate-passkey",
    ),
    path(
        "reauthenticate/second-factor/",
        ReauthenticateView.as_view(need="second-factor"),
        name="reauthenticate-second-factor",
    ),
    path("sync/", SyncView.as_view(), name="sync"),
    path("icons/<slug:version>/<str:aaguid>/<str:theme>/", icon, name="icon"),
]
