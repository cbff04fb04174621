"""Products and categories as JSON: as they are shown, and as clients wish them."""
