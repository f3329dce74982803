"""Damaged pages for both scanners, for as long as wanted: ``python -m tests.fuzz``."""
