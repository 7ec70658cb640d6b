"""Tests that drive a real browser: Chromium always, Firefox where it is installed."""
