"""Offer `talentpool notice`: the 告知书 and the 单独同意 slip of a version, for partners to hand out."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import click

from talentpool.commands.output import opened, say
from talentpool.settings import Settings

log = logging.getLogger(__name__)


@click.command()
@click.argument("version")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder for both files")
@click.option(
    "--partner", multiple=True, help="name this partner only, with the columns of its rosters; may be repeated"
)
def notice(version: str, out: Path, partner: tuple[str, ...]) -> None:
    """Write the notice VERSION and the slip of separate consent that goes with it, as HTML and PDF."""
    from talentpool.acquire import load_partner
    from talentpool.declare import partner_files, readable_campaigns
    from talentpool.services.notices import as_html, as_pdf, notice_of

    settings = Settings()
    codes = partner or tuple(partner_files(settings.partner_dirs))
    partners = [load_partner(settings.partner_dirs, code) for code in codes]
    campaigns, _ = readable_campaigns(settings.campaign_dirs)
    with opened(settings) as office, office.engine.connect() as conn:
        made = notice_of(conn, version, settings.area, partners, campaigns)
    name = re.sub(r"[^\w.-]", "_", "_".join((f"告知书_{version}", *partner)))
    out.mkdir(parents=True, exist_ok=True)
    page, paper = out / f"{name}.html", out / f"{name}.pdf"
    page.write_text(as_html(made), encoding="utf-8")
    paper.write_bytes(as_pdf(made))
    warnings = [*made.warnings, *(f"没有告知书版本包含{of}的用途 {purpose}：尚不合法" for of, purpose in made.without)]
    for warning in warnings:
        log.warning("%s", warning)
    say({
        "version": version, "html": str(page), "pdf": str(paper), "purposes": [one.code for one in made.purposes],
        "partners": list(made.partners), "without_a_notice": _told(made.without),
        "in_other_versions": _told(made.elsewhere), "warnings": warnings,
    })  # fmt: skip


def _told(campaigns: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"campaign": name, "purpose": purpose} for name, purpose in campaigns]
