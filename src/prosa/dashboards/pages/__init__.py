"""One module a page, with a function `page()` that `navigation.py` lists."""
