"""Orders as JSON, in and out."""
