"""Seeded, deterministic schedules of the whole shop in one process, on a real PostgreSQL.

The handlers, services, views and `drain` are the product's. Celery, Redis, the clock and the outside world are stood in
for. From a seed it is chosen who does what next, what is lost on the way, and who dies where; then everything heals,
comes to rest, and every invariant is asked.
"""
