"""What the shop can do, measured as honestly as we can: `make bench`, and `make bench-quick` in two minutes.

It starts the stack as `make run` does (the same supervisor, PostgreSQL with fsync, mails into the mailbox, which is a
table of that PostgreSQL) in a home to throw away, lets a client of its own order over HTTP, and waits until the last
mail has left. Nothing is set but RATE_LIMITS, since one machine plays all customers, and WORKERS. What is counted was
looked at in the database: complete, correct, and well by `manage.py doctor`.

    .venv/bin/python -m benchmarks --quick              one layout (WORKERS=combined), short runs
    .venv/bin/python -m benchmarks --only orders        complete orders a second, CPU by part, and the SQL limits
    .venv/bin/python -m benchmarks --only orders --quick --seconds 3
    .venv/bin/python -m benchmarks --compare earlier.json
    .venv/bin/python -m benchmarks --spread one.json two.json three.json    least, median and most of several runs
    .venv/bin/python -m benchmarks --only history --history 1000000         on top of years of a shop, beside none

CPU is what to compare: a shared machine takes time from everybody. Where others have much of it the same work costs
even more CPU, so compare CPU over that of naive SQL then. Everything that is compared is measured in one run, and the
share of the machine that others had is told beside it.

`experiments` has what is measured, `orders` runs orders and looks at them, `load` is the client, `limits` has what the
parts can do alone, `parts` asks the kernel who had how much CPU, `budget` judges. `history` writes years of a shop.
"""
