"""Takes the pictures of the documentation from the real example site: ``python -m docs.screenshots``."""
