"""The test site and its protected views, with django-loginas."""

from django.urls import include, path

from ..reauthentication.urls import urlpatterns as site

urlpatterns = [*site, path("support/", include("loginas.urls"))]
