"""HTTP in, one action, an answer out."""
