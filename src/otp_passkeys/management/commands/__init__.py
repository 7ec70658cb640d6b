"""Commands for cron jobs and support."""
