"""What a script element is, by its type."""

import pytest

from consentgate.gate.html import read_tag
from consentgate.gate.scripts import is_code, is_url_data

BLANKS = [chr(code) for code in range(1, 0x3001) if not chr(code).strip()] + ["\x01", "\ufeff"]
CODE = ["type=text/javascript", "type=module", "type=TEXT/JScript", "language=javascript1.2"]
URL_DATA = ["type=importmap", "type=SpeculationRules"]


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_what_any_browser_strips_off_a_type_hides_no_script(blank: str) -> None:
    for attribute in CODE + URL_DATA:
        name, value = attribute.split("=")
        for written in (value, blank + value, value + blank, f"{blank} {value} {blank}"):
            tag = read_tag(f'<script {name}="{written}">'.encode())
            assert is_code(tag) == (attribute in CODE), attribute
            assert is_url_data(tag) == (attribute in URL_DATA), attribute


@pytest.mark.parametrize("declared", ["text/template", "text/ javascript", "x module", "json", "."])
def test_other_types_are_data(declared: str) -> None:
    tag = read_tag(f'<script type="{declared}">'.encode())
    assert not is_code(tag)
    assert not is_url_data(tag)


def test_a_type_of_endless_blanks_is_read_in_one_go() -> None:
    assert not is_code(read_tag(b'<script type="x' + b" " * 500_000 + b'x">'))
