"""The addresses of the floor."""

from django.urls import path

from . import views

urlpatterns = [
    path("register/options/", views.register_options),
    path("register/", views.register),
    path("sign-in/options/", views.sign_in_options),
    path("sign-in/", views.sign_in),
    path("", views.passkeys),
]
