"""Events out: what happens in the shop, told to others as CloudEvents, and described for those who listen."""
