"""The script that Streamlit runs: who is there, what surrounds the page, which page.

It stands in a folder of its own because Streamlit takes a folder `pages` beside its script for a menu of its own,
and reads `.streamlit/config.toml` from beside it.
"""

import streamlit as st

from prosa.dashboards import chrome
from prosa.dashboards.gate import require, texts
from prosa.dashboards.pages import agency, overview
from prosa.tenancy.model import UserRole

st.set_page_config(page_title="Prosa", layout="wide", initial_sidebar_state="auto")
me = require(UserRole.CLIENT)
t = texts(me)
if me.role is UserRole.SUPER_ADMIN:  # the platform has no conversations of its own
    pages = [st.Page(agency.page, title=t("agency.title"), icon=":material/domain:", url_path="agency", default=True)]
else:
    title, icon = t("overview.title"), ":material/space_dashboard:"
    pages = [st.Page(overview.page, title=title, icon=icon, url_path="overview", default=True)]
chosen = st.navigation(pages, position="hidden")
chrome.brand()
chrome.menu(pages)
chrome.account(me, path=chosen.url_path)
chosen.run()
