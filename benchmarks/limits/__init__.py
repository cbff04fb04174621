"""What the parts can do alone, measured in the same run: SQL without a shop, a web without one, bells without work."""
