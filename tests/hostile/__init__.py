"""What no honest browser sends: hundreds of answers, each wrong in one way and right in all others."""
