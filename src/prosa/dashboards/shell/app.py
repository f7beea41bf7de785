"""The script that Streamlit runs: who is there, what surrounds the page, which page.

It stands in a folder of its own because Streamlit takes a folder `pages` beside its script for a menu of its own,
and reads `.streamlit/config.toml` from beside it.
"""

import streamlit as st

from prosa.dashboards import chrome
from prosa.dashboards.gate import require, texts
from prosa.dashboards.pages import overview
from prosa.tenancy.model import UserRole

st.set_page_config(page_title="Prosa", layout="wide", initial_sidebar_state="auto")
me = require(UserRole.CLIENT)
t = texts(me)
pages = [
    st.Page(
        overview.page, title=t("overview.title"), icon=":material/space_dashboard:", url_path="overview", default=True
    ),
]
chosen = st.navigation(pages)
chrome.brand()
chrome.account(me, path=chosen.url_path)
chosen.run()
