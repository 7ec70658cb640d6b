"""The test site and its protected views, with django-hijack."""

from django.urls import include, path

from ..reauthentication.urls import urlpatterns as site

urlpatterns = [*site, path("hijack/", include("hijack.urls"))]
