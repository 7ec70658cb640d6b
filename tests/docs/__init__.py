"""Every block of code in the documentation, as real code."""
