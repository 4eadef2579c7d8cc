"""Card: told by a word, a symbol and a colour; every text in it is escaped; readable as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from autograder.card import LOOKS, hint_html, hint_text, verdict_html, verdict_text
from autograder.verdict import Status, Verdict

WRONG = Verdict(
    "mse", Status.WRONG, 2.0, "Use `np.mean` & think.", ("First <b>finding</b>.",), "key", 'Try `hint("mse")`.'
)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.depth = 0
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.opened.append(tag)
        self.depth += 1

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> _Elements:
    elements = _Elements()
    elements.feed(html)
    return elements


@pytest.mark.parametrize("status", list(Status))
def test_each_status_has_a_look_of_its_own_and_its_word_is_on_the_card(status: Status) -> None:
    verdict = Verdict("mse", status, 2.0, "Message.")
    assert LOOKS[status].word in verdict_text(verdict)
    assert LOOKS[status].word in parsed(verdict_html(verdict)).text
    assert len({look.symbol for look in LOOKS.values()}) == len({look.word for look in LOOKS.values()}) == len(Status)


@pytest.mark.parametrize(
    "shown", [*(verdict_html(Verdict("mse", one, 2.0, "")) for one in Status), hint_html("", "", "")]
)
def test_a_cards_colour_stands_out_from_light_and_dark_pages_and_its_symbol_from_the_colour(shown: str) -> None:
    """WCAG AA: 4.5 for text, 3 for what is no text. No front end tells HTML which theme it has."""
    (colour,) = re.findall(r"border-left:6px solid (#\w{6})", shown)
    assert f"background:{colour};color:#fff" in shown
    assert contrast("#ffffff", colour) >= 4.5
    assert contrast(colour, "#282828") >= 3


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_whole_card_as_text() -> None:
    assert verdict_text(WRONG) == (
        "✗ Not yet · mse · 0 of 2 points\n"
        "  Use `np.mean` & think.\n"
        "  - First <b>finding</b>.\n"
        '  Next: Try `hint("mse")`.'
    )


def test_a_card_is_one_balanced_element_in_which_all_text_is_escaped() -> None:
    elements = parsed(verdict_html(WRONG))
    assert elements.depth == 0
    assert elements.opened.count("b") == 2  # the word and "Next:", never the finding's
    assert "First <b>finding</b>." in elements.text
    assert "<script" not in verdict_html(Verdict("<script>", Status.WRONG, 1.0, "<script>x</script>"))


def test_a_card_tells_a_screen_reader_what_it_is() -> None:
    assert 'role="group" aria-label="Not yet: mse"' in verdict_html(WRONG)
    assert '<span aria-hidden="true"' in verdict_html(WRONG)


def test_the_key_of_a_mistake_is_not_shown_to_learners() -> None:
    named = Verdict("mse", Status.WRONG, 2.0, "Think of the mean.", diagnosis="sum_not_mean")
    assert "sum_not_mean" not in verdict_text(named) + verdict_html(named)


def test_text_cards_fit_a_terminal() -> None:
    long = Verdict("mse", Status.WRONG, 2.0, "word " * 80, ("word " * 60,))
    assert max(map(len, verdict_text(long).splitlines())) <= 102


def test_a_hint_says_which_one_of_how_many_it_is() -> None:
    assert hint_text("mse", "1 of 3", "Look.") == "→ Hint · mse · 1 of 3\n  Look."
    assert "1 of 3" in parsed(hint_html("mse", "1 of 3", "Look.")).text
