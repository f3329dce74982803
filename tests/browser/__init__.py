"""What only a real browser can show: which hosts a visit contacts."""
