"""The tenant's colour and logo on its pages, in tones that stay readable (WCAG 2.2, 1.4.3: 4.5 to 1)."""

import colorsys

import streamlit as st

from prosa.dashboards.cache import tenant_cache
from prosa.dashboards.gate import transaction
from prosa.tenancy import branding
from prosa.tenancy.branding import Branding
from prosa.tenancy.model import Principal, UserRole

PAGES = {"light": "#fbfdfc", "dark": "#0d1413"}  # as in shell/.streamlit/config.toml
GROUNDS = {"light": "#eef4f2", "dark": "#16211f"}  # of panels and fields: harder to read on than the page
TEXTS = {"light": "#14211f", "dark": "#e4eeeb"}
LEAST = 4.5


@tenant_cache(seconds=300)
def of(me: Principal) -> Branding:
    """What the tenant has chosen."""
    if me.role is UserRole.SUPER_ADMIN:
        return Branding()
    with transaction(me) as conn:
        return branding.read(conn, me.tenant_id)


def forget() -> None:
    """Clear the cache, after somebody has chosen again."""
    st.cache_data.clear()


def apply(me: Principal) -> None:
    """Colour our own parts and Streamlit's controls. Streamlit's theme itself is the same for all tenants."""
    color = of(me).color
    if color is None:
        return
    light, dark = (readable(color, ground) for ground in GROUNDS.values())
    st.html(
        f"<style>.stApp.stApp, [data-testid='stSidebar'][data-testid], "
        "[data-testid='stPopoverBody'][data-testid] "
        f"{{--accent: light-dark({light}, {dark});"
        f"--on-accent: light-dark({on(light)}, {on(dark)});"
        "--accent-deep: color-mix(in srgb, var(--accent) 72%, light-dark(black, white));}</style>"
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def readable(color: str, ground: str) -> str:
    """The colour, moved towards dark or light only as far as it takes to be readable on the ground."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    step = -0.01 if _luminance(ground) > 0.5 else 0.01
    while contrast(color, ground) < LEAST and 0 <= lightness + step <= 1:
        lightness += step
        color = "#" + "".join(f"{round(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))
    return color


def on(color: str) -> str:
    """White or black, whichever is easier to read on the colour. One of the two always reaches 4.5 to 1."""
    return max(("#ffffff", "#000000"), key=lambda text: contrast(color, text))


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
