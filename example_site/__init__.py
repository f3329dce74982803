"""The website of Morgenkai, an invented staffing company, with every form of embed there is."""
