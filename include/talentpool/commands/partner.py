"""Offer `talentpool template` and `talentpool handover`: documents for a partner's IT contact."""

from __future__ import annotations

from pathlib import Path

import click

from talentpool.commands.output import say
from talentpool.settings import Settings


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the workbook to write")
def template(out: Path) -> None:
    """Write the standard roster template with explanations and drop-down lists."""
    from talentpool.errors import UsageError
    from talentpool.template import write_template

    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"{out.name}: the template is a workbook; name it .xlsx")
    say({"file": str(out), **write_template(out, Settings())})


@click.command()
@click.argument("partner")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="folder for both files")
def handover(partner: str, out: Path) -> None:
    """Write the one-page 对接说明 of PARTNER from its declaration, as Markdown and PDF."""
    from talentpool.acquire import load_partner
    from talentpool.services.handover import as_markdown, as_pdf, sheet_of

    sheet = sheet_of(load_partner(Settings().partner_dirs, partner))
    out.mkdir(parents=True, exist_ok=True)
    text, paper = out / f"对接说明_{partner}.md", out / f"对接说明_{partner}.pdf"
    text.write_text(as_markdown(sheet), encoding="utf-8")
    paper.write_bytes(as_pdf(sheet))
    say({"markdown": str(text), "pdf": str(paper)})
