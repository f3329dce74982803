"""What browsers take for white space at the ends of a value in markup, and between its parts.

The standards mean five characters of ASCII. Chromium strips more of some values: the vertical
tab and the spaces of Unicode among them. What any browser may strip is none to a gate.
"""

BLANK = "\\s\0-\x20\x7f-\xa0\u180e\u200b\u2060\ufeff"
"""All of these characters, as they stand within the brackets of a pattern."""
