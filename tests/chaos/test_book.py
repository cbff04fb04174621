from pathlib import Path

from tests.chaos.book import Book, read


def test_the_book_is_read_back_as_what_was_sent_and_told(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    book.note("a", sent="order", method="card", lines={"MUG": 1})
    book.note("b", sent="order", method="card", lines={"MUG": 2})
    book.note("a", answered="order", status=201, order="one")
    book.note("a", answered="order", status=201, order="two")
    book.note("a", sent="cancellation")
    book.note("a", answered="cancellation", status=201)
    book.note("b", answered="order", status=422, order="")
    book.close()

    debts = read(book.file)

    assert debts["a"].orders == {"one", "two"}
    assert debts["a"].cancelled
    assert len(debts["a"].told) == 5
    assert not debts["b"].accepted
    assert debts["b"].refusals == {422}
    assert debts["b"].lines == {"MUG": 2}


def test_a_key_without_an_answer_is_no_debt_and_is_remembered(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    book.note("a", sent="order", method="card", lines={})
    book.close()

    debts = read(book.file)

    assert not debts["a"].accepted
