"""Pages on which no passkey can be asked for, by their address or by a policy: they say so before the click."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path, reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from playwright.sync_api import Page, Route, expect

from otp_passkeys.models import Passkey

from ..helpers.live import LiveServer
from . import steps
from .chromium import Complaints, VirtualAuthenticator
from .firefox import ELEMENT, Firefox
from .managers import NOT_USED, plug_in, script
from .quiet import settled
from .steps_reauthentication import EXPORT, arrive
from .test_offer import offer

pytestmark = [pytest.mark.browser, pytest.mark.extended]

NOT_ALLOWED = "Passkeys aren’t allowed on this page. Choose another way."
NOT_HERE = "Passkeys can’t be used on this address."
FRAMED = """{% load otp_passkeys %}<!doctype html><html lang="en"><head><title>In a frame</title></head>
<body>{% passkey_sign_in %}</body></html>"""


@xframe_options_exempt
def framed(request: HttpRequest) -> HttpResponse:
    """Show the passkey button to whoever puts it into a frame."""
    return HttpResponse(engines["django"].from_string(FRAMED).render(request=request))


class Around(BaseHTTPRequestHandler):
    """Serves the page around the frame, on another port and so of another origin."""

    frame = ""

    def do_GET(self) -> None:
        """Answer with it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f'<!doctype html><iframe src="{self.frame}"></iframe>'.encode())

    def log_message(self, *args: object) -> None:
        """Write nothing to the terminal."""


@pytest.fixture
def around(live_server: LiveServer, settings: Any) -> Iterator[str]:
    """Return the address of a page that shows the site's button in a frame and allows it nothing."""
    settings.ROOT_URLCONF = (
        path("framed/", framed),
        path("managers.js", script),
        path("", include("example.urls")),
    )
    Around.frame = f"{live_server.url}/framed/"
    server = ThreadingHTTPServer(("localhost", 0), Around)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def forbid(page: Page, *methods: str) -> None:
    """Have the site forbid its pages to get or create passkeys."""
    policy = ", ".join(f"publickey-credentials-{one}=()" for one in methods)

    def answer(route: Route) -> None:
        if route.request.resource_type == "document":
            response = route.fetch(max_redirects=0)
            headers = {**response.headers, "permissions-policy": policy}
            route.fulfill(response=response, headers=headers)
        else:
            route.continue_()

    page.route("**", answer)


def pass_on(page: Page, origin: str, site: LiveServer) -> None:
    """Serve the site at another origin, by a proxy that does not tell it."""

    def answer(route: Route) -> None:
        route.fulfill(response=route.fetch(url=route.request.url.replace(origin, site.url)))

    page.route(f"{origin}/**", answer)


def expect_disabled(page: Page, name: str, words: str) -> None:
    """Expect a button that cannot be pressed, and what says why."""
    expect(page.get_by_role("button", name=name)).to_be_disabled()
    status = page.get_by_role("status")
    expect(status).to_contain_text(words)
    expect(status).to_have_attribute("data-kind", "note")


def test_forbidden_to_sign_in(page: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S6.6: the button says that the page may not, and autofill asks for nothing."""
    forbid(page, "get")
    page.goto(steps.any_account())
    expect_disabled(page, "Sign in with a passkey", NOT_ALLOWED)
    settled(page)
    assert virtual_authenticator.asked == []


@pytest.mark.parametrize("methods", [["create"], []])
def test_another_policy(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, methods: list[str]
) -> None:
    """S6.6: a policy that forbids something else, or an empty one, changes nothing."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_presence(False)
    forbid(page, *methods)
    steps.open_sign_in(page, virtual_authenticator)
    steps.sign_in_with_passkey(page, virtual_authenticator, alice)


def test_policy_that_the_browser_does_not_know(page: Page) -> None:
    """S6.6: a Chromium from before `publickey-credentials-create` says of it what it says of nonsense."""
    page.add_init_script("FeaturePolicy.prototype.features = () => ['geolocation']")
    forbid(page, "get")
    page.goto(steps.any_account())
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_forbidden_to_add(page: Page, alice: User) -> None:
    """S6.6: the panel adds nothing and says why; the list works."""
    forbid(page, "create")
    steps.passkey_from_elsewhere(alice)
    steps.open_panel(steps.bring_session(page, alice))
    words = "Passkeys can’t be added on this page."
    expect_disabled(page, "Add a passkey", words)
    expect_disabled(page, "Add on another device or security key", words)
    steps.rename(steps.rows(page).first, "Desk")
    expect(steps.rows(page).first).to_contain_text("Desk")
    settled(page)


def test_forbidden_to_confirm(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.6: the page that asks who is there says why its button is dead, and the password works."""
    arrive(page, alice, virtual_authenticator)
    forbid(page, "get")
    page.goto(reverse("otp_passkeys:reauthenticate") + f"?next={EXPORT}")
    expect_disabled(page, "Go", NOT_ALLOWED)
    page.get_by_role("link", name="Try another way").click()
    expect(page.get_by_label("Password")).to_be_visible()


def test_forbidden_to_offer(page: Page, alice: User) -> None:
    """S6.6: nobody is offered what the page may not do."""
    forbid(page, "create")
    steps.bring_session(page, alice).goto("/")
    expect(page.locator("otp-passkey-offer")).to_have_count(1)
    settled(page)
    expect(offer(page)).to_be_hidden()


def test_forbidden_to_a_frame(page: Page, around: str) -> None:
    """S6.6: Chromium knows before the click what the page around allows."""
    page.goto(around)
    button = page.frame_locator("iframe").get_by_role("button", name="Sign in with a passkey")
    expect(button).to_be_disabled()
    expect(page.frame_locator("iframe").get_by_role("status")).to_have_text(NOT_ALLOWED)


def open_frame(firefox: Firefox, around: str) -> None:
    """Open the page in Firefox, and go into its frame."""
    firefox.add_authenticator()
    firefox.send("WebDriver:Navigate", url=around)
    firefox.send("WebDriver:SwitchToFrame", element={ELEMENT: firefox.find("iframe")})


@pytest.mark.firefox
def test_forbidden_to_a_frame_in_firefox(firefox: Firefox, around: str) -> None:
    """S6.6: Firefox tells at the click, which asks nobody; the button says so."""
    open_frame(firefox, around)
    firefox.click("[data-ready] button")
    firefox.until(lambda: firefox.text("[role=status]") == NOT_ALLOWED, what="the reason")


@pytest.mark.firefox
def test_cancelled_in_a_frame_in_firefox(firefox: Firefox, around: str) -> None:
    """S6.4: what a manager answers with nothing at once is cancelled there too, and not a policy."""
    open_frame(firefox, around)
    plug_in(firefox)
    firefox.run("managers.become('manager_that_answers_null')")
    firefox.click("[data-ready] button")
    firefox.until(lambda: firefox.text("[role=status]") == NOT_USED, what="the cancel")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "0.0.0.0", "192.168.1.20"])
def test_address(page: Page, live_server: LiveServer, host: str) -> None:
    """S6.6: on an IP address the button says so also where a proxy hides it from the site."""
    pass_on(page, f"http://{host}:8000", live_server)
    page.goto(f"http://{host}:8000{steps.any_account()}")
    expect_disabled(page, "Sign in with a passkey", NOT_HERE)
    expect(page.get_by_role("status")).to_contain_text("at its usual address")


@pytest.mark.parametrize("host", ["1.example.localhost", "v4.localhost"])
def test_name_that_resembles_one(
    page: Page, live_server: LiveServer, complaints: Complaints, host: str
) -> None:
    """S6.6: a name with numbers in it is a name."""
    complaints.expect(
        "status of 403"
    )  # what autofill asks for, which the proxy brings from another origin
    pass_on(page, f"http://{host}:8000", live_server)
    page.goto(f"http://{host}:8000{steps.any_account()}")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()
    settled(page)


def test_confirm_over_http(page: Page, live_server: LiveServer, alice: User) -> None:
    """S6.6: without TLS the page that asks blames the connection and not the browser."""
    origin = "http://shop.example:8000"
    arrive(page, alice)
    [session] = [one for one in page.context.cookies() if one["name"] == "sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session["value"], "url": origin}])
    pass_on(page, origin, live_server)
    page.goto(f"{origin}{reverse('otp_passkeys:reauthenticate')}?next={EXPORT}")
    words = "Passkeys can only be used over a secure connection. Choose another way."
    expect_disabled(page, "Go", words)


@pytest.fixture
def by_number(live_server: LiveServer, settings: Any) -> str:
    """Serve the site by its IP address too, to a developer whose settings name where passkeys work."""
    settings.ALLOWED_HOSTS, settings.DEBUG = ["localhost", "127.0.0.1"], True
    settings.OTP_PASSKEYS_RP_ID = "localhost"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [live_server.url]
    return live_server.url.replace("localhost", "127.0.0.1")


def test_panel_at_an_address(
    page: Page, alice: User, live_server: LiveServer, by_number: str
) -> None:
    """S6.6: nothing can be added; passkeys are renamed and deleted, and a developer reads where to go."""
    steps.passkey_from_elsewhere(alice, origin=live_server.url)
    steps.bring_session(page, alice)
    [session] = [one for one in page.context.cookies() if one["name"] == "sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": session["value"], "url": by_number}])
    panel = reverse("otp_passkeys:list")
    page.goto(by_number + panel)
    expect_disabled(page, "Add a passkey", f"open {live_server.url}{panel} instead.")
    steps.rename(steps.rows(page).first, "Desk")
    expect(steps.rows(page).first).to_contain_text("Desk")
    steps.delete(steps.rows(page).first)
    expect(steps.rows(page)).to_have_count(0)
    assert not Passkey.objects.exists()
    settled(page)


def test_sign_in_at_an_address(page: Page, live_server: LiveServer, by_number: str) -> None:
    """S6.6: a developer at runserver's address reads where to go, also where the settings hide it from the site."""
    page.goto(by_number + steps.any_account())
    words = f"open {live_server.url}{steps.any_account()} instead."
    expect_disabled(page, "Sign in with a passkey", words)
