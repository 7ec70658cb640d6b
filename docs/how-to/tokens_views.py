"""Passkeys for clients without cookies, with Django REST framework and any of its tokens."""

from django.db import transaction
from django.urls import path
from django.utils.decorators import method_decorator
from rest_framework.parsers import JSONParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from otp_passkeys.actions import without_cookies
from otp_passkeys.exceptions import PasskeyError, Throttled

from .tokens import token_for


# A refusal must be committed: it has spent the challenge, or one of ten guesses.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class PasskeyAPIView(APIView):
    # Whatever the site has elsewhere: a parser that renames members would break credentials.
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    def handle_exception(self, exc):
        if not isinstance(exc, PasskeyError):
            return super().handle_exception(exc)
        wait = {"Retry-After": str(exc.retry_after)} if isinstance(exc, Throttled) else {}
        body = {"detail": str(exc.message), "code": exc.code}
        return Response(body, status=exc.status, headers=wait)

    def members(self, *names):
        body = self.request.data if isinstance(self.request.data, dict) else {}
        return {name: body.get(name) for name in names}


class VisitorView(PasskeyAPIView):
    authentication_classes = []  # the app may still send a token that has expired
    permission_classes = [AllowAny]


class UserView(PasskeyAPIView):
    permission_classes = [IsAuthenticated]


class SignInOptionsView(VisitorView):
    def post(self, request):
        return Response(without_cookies.begin_sign_in(request, **self.members("nonce_hash")))


class SignInView(VisitorView):
    def post(self, request):
        done = without_cookies.sign_in(request, **self.members("credential", "nonce"))
        return Response(token_for(done.user))


class ConfirmOptionsView(UserView):
    def post(self, request):
        return Response(without_cookies.begin_confirmation(request, **self.members("nonce_hash")))


class RegisterOptionsView(UserView):
    def post(self, request):
        given = self.members("nonce_hash", "credential", "nonce", "password", "otp_token")
        return Response(without_cookies.begin_registration(request, **given))


class RegisterView(UserView):
    def post(self, request):
        given = self.members("credential", "nonce", "nickname")
        passkey = without_cookies.register(request, **given).passkey
        return Response({"id": passkey.id_base64url, "name": passkey.name}, status=201)


urlpatterns = [
    path("sign-in/options/", SignInOptionsView.as_view()),
    path("sign-in/", SignInView.as_view()),
    path("confirm/options/", ConfirmOptionsView.as_view()),
    path("register/options/", RegisterOptionsView.as_view()),
    path("register/", RegisterView.as_view()),
]
