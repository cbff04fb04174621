"""What a product is found by, as PostgreSQL's full-text search keeps it."""

from functools import reduce
from operator import add

from django.contrib.postgres.search import SearchVector

CONFIGURATIONS = ("simple", "english", "german")
"""Each word is kept as it is written, for the prefix that somebody types, and by its English and its German stem."""

WORDS = reduce(
    add,
    (
        SearchVector(column, config=configuration, weight=weight)
        for column, weight in (("name", "A"), ("keywords", "B"), ("description", "C"))
        for configuration in CONFIGURATIONS
    ),
)
"""Names weigh more than SKUs and options, and those more than descriptions."""
