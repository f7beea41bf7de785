"""One module a page, with a function `page()` that `shell/app.py` lists."""
