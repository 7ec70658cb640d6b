"""A site with a user model of its own: e-mail only, a UUID for a primary key."""
