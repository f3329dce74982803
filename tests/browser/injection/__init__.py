"""Every way for a page's own script to bring in a third party, tried in every engine."""
