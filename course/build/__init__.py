"""Builds lessons: from one source per lesson to notebooks, check data, nbgrader's source tree and the site's pages."""
