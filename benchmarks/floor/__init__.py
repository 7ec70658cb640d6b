"""The least that a correct Django site does with py_webauthn and django-otp: what the others are compared with.

It is no app to use. It has one table, leaves the challenge with the browser in a signed cookie of five minutes, and has
neither names of providers nor mails, sync, settings, advice or a log. What it lacks of safety is that a challenge which
was answered can be answered again until it expires, with the cookie of that browser.
"""
