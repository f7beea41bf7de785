"""The dashboards: a Streamlit application that the API mounts behind its guard.

`shell/app.py` runs on every interaction: it asks `gate` who looks, and shows the page of `pages/` that `navigation` lists
for that role. Pages draw with `widgets`, `tables`, `charts`, `cards` and `lists`, change things with `actions`, and take their
words from `locales/` by `i18n`.
"""
