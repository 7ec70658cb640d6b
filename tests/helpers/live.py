"""The live server, for what starts one of its own or says that it is given one."""

# pytest-django documents the fixture only; its class has no other name than this.
from pytest_django.live_server_helper import LiveServer

__all__ = ["LiveServer"]
