"""The reader's door: the day's pages, executed and rendered, and the same code running in the page."""
