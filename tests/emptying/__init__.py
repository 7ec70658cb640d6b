"""Empty the database between two tests, cheaply."""
