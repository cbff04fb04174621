import pytest

from shop.catalogue import search, services
from shop.catalogue.models import Product
from shop.catalogue.services import NewVariant
from tests.catalogue.conftest import sell

pytestmark = pytest.mark.django_db

BY_RELEVANCE = ("-relevance", "-id")


@pytest.fixture
def shelf() -> None:
    """Things with English and with German names."""
    sell("Stoneware mug", description="Dishwasher safe. Goes with the teapot.")
    sell("Emaille-Tasse", description="Für unterwegs gemacht, mit Henkel.")
    sell("Frühstücksbretter", description="Geölte Eiche.")
    sell("Running shoes", description="For long distances.")
    colours = [NewVariant(sku=f"TEA-{each.upper()}", options={"colour": each}) for each in ("green", "black")]
    services.create(slug="teapot", name="Teapot", description="A mug's best friend.", variants=colours)


def found(text: str) -> list[str]:
    matching = search.matching(Product.objects.all(), text)
    return [product.name for product in matching.order_by(*BY_RELEVANCE)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("mugs", "Stoneware mug"),
        ("STONEWARE", "Stoneware mug"),
        ("stonew", "Stoneware mug"),
        ("run", "Running shoes"),
        ("runnin", "Running shoes"),
        ("shoe distances", "Running shoes"),
        ("Tassen", "Emaille-Tasse"),
        ("tass", "Emaille-Tasse"),
        ("gemachte henkel", "Emaille-Tasse"),
        ("Frühstücksbrett", "Frühstücksbretter"),
        ("fruhstucksbrett", "Frühstücksbretter"),
        ("geölt", "Frühstücksbretter"),
        ("green teapot", "Teapot"),
        ("TEA-BLACK", "Teapot"),
    ],
)
def test_words_are_found_by_stem_and_the_last_by_its_beginning(text: str, name: str, shelf: None) -> None:
    assert found(text)[0] == name


def test_names_weigh_more_than_descriptions(shelf: None) -> None:
    assert found("mug") == ["Stoneware mug", "Teapot"]
    assert found("teapot") == ["Teapot", "Stoneware mug"]


def test_all_words_have_to_be_there(shelf: None) -> None:
    assert found("mug friend") == ["Teapot"]


@pytest.mark.parametrize(
    ("text", "name"), [("stonewear", "Stoneware mug"), ("teapott", "Teapot"), ("Tase", "Emaille-Tasse")]
)
def test_what_is_misspelt_finds_names_like_it(text: str, name: str, shelf: None) -> None:
    assert found(text)[0] == name


@pytest.mark.parametrize(
    "text",
    [
        "& | ! : * ( ) ' \\ <->",
        "'",
        "mug' | 'tasse",
        "mug:* & !tasse",
        "(((",
        "\\'; DROP TABLE catalogue_product; --",
        "%_",
        "the",
        "die und der",
        "🦊",
        "_",
        "a" * 200,
        "x " * 100,
    ],
)
def test_no_text_is_a_query_of_its_own(text: str, shelf: None) -> None:
    assert len(found(text)) <= 5


def test_relevance_is_a_whole_number_that_a_cursor_can_carry(shelf: None) -> None:
    matching = [*search.matching(Product.objects.all(), "mug"), *search.matching(Product.objects.all(), "stonewear")]

    relevances = [vars(product)["relevance"] for product in matching]
    assert len(relevances) == 3
    assert all(isinstance(relevance, int) and relevance > 0 for relevance in relevances)
