"""Full-text search, by PostgreSQL: German and English words by their stems, the last one also by its beginning."""

import re
from functools import reduce
from operator import add, or_

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db import connection
from django.db.models import Expression, F, IntegerField, Q, QuerySet
from django.db.models.functions import Cast

from shop.catalogue.models import Product
from shop.catalogue.models.words import CONFIGURATIONS

_PRECISION = 1_000_000  # relevance is kept as a whole number, which a cursor can carry without rounding it


def matching(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Products in which all of these words stand, with their `relevance`; where there are none, similar names."""
    words = re.findall(r"\w+", text)
    if not words:
        return _with_relevance(products.none(), F("version"))
    query = _query(words)
    exact = products.filter(search=query)
    if _finds_any(exact):
        return _with_relevance(exact, SearchRank(F("search"), query))
    similar = reduce(or_, (Q(name__trigram_word_similar=word) for word in words))
    likeness: Expression = reduce(add, (TrigramWordSimilarity(word, "name") for word in words))
    return _with_relevance(products.filter(similar), likeness)


def _finds_any(products: QuerySet[Product]) -> bool:
    """Planned as if all were wanted, so by the index; for one alone PostgreSQL would read the table until it comes."""
    sql, values = products.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found AS MATERIALIZED ({sql}) SELECT EXISTS (SELECT FROM found)",  # noqa: S608 - Django's own
            values,
        )
        return bool(cursor.fetchone()[0])


def _query(words: list[str]) -> SearchQuery:
    """Quoted words have no meaning to `to_tsquery` but themselves."""
    *whole, last = (f"'{word}'" for word in words)
    text = " & ".join([*whole, f"{last}:*"])
    return reduce(or_, (SearchQuery(text, config=each, search_type="raw") for each in CONFIGURATIONS))


def _with_relevance(products: QuerySet[Product], likeness: Expression | F) -> QuerySet[Product]:
    return products.annotate(relevance=Cast(likeness * _PRECISION, IntegerField()))
