"""HTML to text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shopwright.catalogue import markup
from shopwright.catalogue.markup import plain_text, text_of_html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<b>bold</b> and <i>more</i>", "bold and more"),
        ("fits waists < 30 inches & > 20", "fits waists < 30 inches & > 20"),
        ("x<script>alert(1)</script>y", "xy"),
        ("x<style>p{}</style><!-- c -->y", "xy"),
        ("<p>never closed <b>bold", "never closed bold"),
        ("</p></div>stray", "stray"),
        ("<svg><script>1</script></svg>z", "z"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("&lt;not a tag&gt;", "<not a tag>"),
        ("a\x00b\x07c", "abc"),
        ("<a href='javascript:alert(1)'>link</a>", "link"),
    ],
)
def test_html_becomes_text(text, expected):
    assert text_of_html(text)[0] == expected


def test_list_items_are_returned_separately():
    text, items = text_of_html("Good:<ul><li>One <b>1</b></li><li>Two<li>Three</ul>after")
    assert items == ["One 1", "Two", "Three"]
    assert text == "Good:\nOne 1\nTwo\nThree\nafter"


def test_titles_keep_their_tags_as_text():
    assert plain_text(" <b>Salt &amp;\n Pepper</b>\x00 ") == "<b>Salt & Pepper</b>"


@example(" a b ")
@given(
    st.text(
        st.characters(exclude_characters="&") | st.sampled_from(" \t\n\x00\xa0\u3000"), max_size=12
    )
)
def test_a_plain_text_has_single_spaces_between_its_words(text):
    assert plain_text(text) == " ".join(markup._CONTROLS.sub("", text).split())


@given(st.text(st.sampled_from("<>/=\"'&;! abplivscrt-"), max_size=80))
def test_any_markup_gives_text_without_controls(text):
    result, items = text_of_html(text)
    assert result == result.strip()
    assert all(items)


PIECES = (
    "<p> </p> <ul> <li> </li> </ul> <br/> <b> </b> <script> </script> <style> <title> </title> "
    "<li/> <textarea> <svg> </svg> &amp; &lt; &am &#160; & < > word &notit; <p <P> </LI> <o:p> </> "
    "\0"
).split(" ")


@given(
    st.lists(
        st.sampled_from(
            (*PIECES, " ", "\n", "\x85", "<br / >", "<!-- c -->", "</p x>", '<p class="a b">',
             "<a href='x>y'>", "<h1 a=\"1\"b=\"2\">", "<font color=red>", "<p\xa0class=\"a\">")
        ),
        max_size=12,
    )
)  # fmt: skip
def test_plain_tags_are_read_as_the_parser_reads_them(pieces):
    text = "".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_PLAIN_TAG", markup.re.compile("(?!)()()()"))
        parsed = text_of_html(text)
    assert text_of_html(text) == parsed
