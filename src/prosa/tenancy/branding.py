"""A tenant's colour and logo. A logo is redrawn as PNG, so nothing else that a file may carry gets in."""

import io
import re
from dataclasses import dataclass

from prosa.db import Conn, fetch_one
from prosa.errors import Invalid
from prosa.tenancy import audit

COLOR = re.compile(r"#[0-9a-f]{6}")
OURS = "#0f766e"  # as in api/static/*.css and dashboards/shell/.streamlit/config.toml
LARGEST_FILE = 2_000_000  # bytes
LARGEST_SIDES = (6000, 6000)  # pixels of the file; more is an attack on memory
KEPT_SIDES = (480, 120)  # pixels of what is kept: three times what the sidebar shows
FORMATS = ("PNG", "JPEG", "WEBP")  # no SVG: it is a program


class BadLogo(Invalid):
    """The file is not a picture that can be a logo."""


@dataclass(frozen=True)
class Branding:
    """What a tenant has chosen, None where it chose nothing: the colour as #rrggbb, the logo as PNG."""

    color: str | None = None
    logo: bytes | None = None


def read(conn: Conn, tenant: int) -> Branding:
    """The tenant's colour and logo."""
    return fetch_one(conn, Branding, "select color, logo from branding where tenant_id = %s", [tenant]) or Branding()


def set_color(conn: Conn, tenant: int, color: str | None, *, actor: str) -> None:
    """Choose a colour, or none. Raises Invalid for anything that is not #rrggbb."""
    if color is not None and not COLOR.fullmatch(color := color.lower()):
        raise Invalid("A colour is # and six hexadecimal digits.")
    before = {"color": read(conn, tenant).color}
    conn.execute(
        """insert into branding (tenant_id, color) values (%s, %s)
           on conflict (tenant_id) do update set color = excluded.color, updated_at = now()""",
        [tenant, color],
    )
    audit.record(conn, tenant, actor, "branding.color", f"tenant:{tenant}", before, {"color": color})


def set_logo(conn: Conn, tenant: int, picture: bytes | None, *, actor: str) -> None:
    """Take a picture as the logo, or none. Raises BadLogo."""
    logo = None if picture is None else drawn_anew(picture)
    before = {"bytes": len(read(conn, tenant).logo or b"")}
    conn.execute(
        """insert into branding (tenant_id, logo) values (%s, %s)
           on conflict (tenant_id) do update set logo = excluded.logo, updated_at = now()""",
        [tenant, logo],
    )
    after = {"bytes": len(logo) if logo else 0}
    audit.record(conn, tenant, actor, "branding.logo", f"tenant:{tenant}", before, after)


def drawn_anew(picture: bytes) -> bytes:
    """The picture's pixels as a small PNG, without anything else that the file holds. Raises BadLogo."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  (needed on one page)

    if len(picture) > LARGEST_FILE:
        raise BadLogo(f"The file is larger than {LARGEST_FILE} bytes.")
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
            if any(side > most for side, most in zip(image.size, LARGEST_SIDES, strict=True)):
                raise BadLogo("The picture has too many pixels.")
            small = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadLogo("This is no readable PNG, JPEG or WebP picture.") from error
    small.thumbnail(KEPT_SIDES)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()
