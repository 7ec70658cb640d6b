from django.urls import include, path
from django.views.generic import RedirectView

# "login" is the name of your sign-in page.
own_page = RedirectView.as_view(pattern_name="login", query_string=True)

urlpatterns = [
    path("account/passkeys/sign-in/", own_page),  # before the next line, which has it too
    path("account/passkeys/", include("otp_passkeys.urls")),
]
