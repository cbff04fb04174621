"""Two years of a shop in an empty database, to measure on: `python -m benchmarks.history --orders 1000000`.

It is written by SQL, set by set, past the shop: the statements beside this module say domain by domain what a shop
that did all this would have in its tables. Every constraint holds, and so does what `manage.py doctor` asks, but for
the dead letters that are made on purpose. The same number of orders gives the same history, counted back from now.
"""
