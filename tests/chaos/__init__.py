"""Process chaos: the real stack, customers who insist, a nemesis, and an auditor who believes neither.

`python -m tests.chaos` makes a storm of CHAOS_SECONDS by the seed CHAOS_SEED, and prints one table.
"""
