"""consentgate: no third party hears of a visitor before that visitor agreed."""
