"""Each label that browsers know is read as they read it; the others are none."""

import pytest
from webencodings.labels import LABELS

from consentgate.gate.html import transcoder_for
from consentgate.gate.html.labels import REPLACEMENT, charset_named, keeps_ascii


@pytest.mark.parametrize(("label", "charset"), LABELS.items())
def test_every_label_of_the_standard_names_its_charset(label: str, charset: str) -> None:
    assert charset_named(label) == charset
    assert charset_named(f"\t{label.upper()}\n\f\r ") == charset
    # Its bytes are read as they are, or as others, or the browser does not read them at all.
    assert [keeps_ascii(label), transcoder_for(label) is not None, charset == REPLACEMENT].count(
        True
    ) == 1


def test_an_ascii_charset_is_one_in_which_python_reads_ascii_too() -> None:
    codecs = {"iso-8859-8-i": "iso-8859-8", "macintosh": "mac-roman", "windows-874": "cp874"}
    codecs["x-mac-cyrillic"] = "mac-cyrillic"
    ascii_bytes = bytes(range(128))
    for charset in {name for label, name in LABELS.items() if keeps_ascii(label)}:
        if charset != "x-user-defined":  # what is not ASCII there is private use
            codec = codecs.get(charset, charset)
            assert ascii_bytes.decode(codec) == ascii_bytes.decode("ascii"), charset
            assert not any(
                bytes([byte]).decode(codec, "replace").isascii() for byte in range(128, 256)
            ), charset


@pytest.mark.parametrize(
    "label", ["", "utf-7", "utf8mb4", "utf-32", "latin-1", "'gbk'", "gbk;", "\xa0gbk", "gb\xa0k"]
)
def test_other_labels_name_none(label: str) -> None:
    assert charset_named(label) == ""
    assert not keeps_ascii(label)
