"""Mutants: the shop with one of its safeguards taken out. A harness that does not catch each of them proves nothing."""
