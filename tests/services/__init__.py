"""Every service of the catalogue as its vendor has it embedded, in a real browser."""
