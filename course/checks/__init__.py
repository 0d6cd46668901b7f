"""Checks: exercises as data, one engine for the notebook, the grader and the page."""
