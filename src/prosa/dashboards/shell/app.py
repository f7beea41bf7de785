"""The script that Streamlit runs: who is there, what surrounds the page, and which page.

It stands in a folder of its own, because Streamlit takes a folder `pages` beside its script for a menu of its own, and reads
`.streamlit/config.toml` from beside it.
"""

import streamlit as st

from prosa.dashboards import brand, chrome, navigation
from prosa.dashboards.gate import UNASKED, require, texts
from prosa.tenancy.model import UserRole

st.set_page_config(page_title="Prosa", layout="wide", initial_sidebar_state="auto")
me = require(UserRole.CLIENT)
t = texts(me)
groups = navigation.pages(me, t)
chosen = st.navigation(
    [*(page for group in groups.values() for page in group), *navigation.elsewhere(me, t)], position="hidden"
)
brand.apply(me)
chrome.brand(me)
chrome.menu(groups)
chrome.account(me, path=chosen.url_path)
chrome.banner(me)
try:
    chosen.run()
finally:
    st.session_state.pop(UNASKED, None)
