"""The `course` command: parsing only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from course.catalogue import ROOT, catalogue
from course.console import out, progress, told

app = typer.Typer(
    help="Learn Docker, live.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
images_app = typer.Typer(help="What the labs can pull.", no_args_is_help=True)
app.add_typer(images_app, name="images")


@app.command()
def up() -> None:
    """Get everything ready: engine, images, mirror, a warm sandbox."""
    from course.engine.lab import ensure_spare
    from course.images import supply

    with progress() as report:
        have = supply.ensure(report)
        report("Warm up a sandbox")
        ensure_spare(have.host, have.image, have.mirror)
        report("Warm up a sandbox", 1, 1)
    out.print(
        f"Ready: sandboxes are nested in Docker {have.host.version['Version']} "
        f"({have.host.endpoint.why}), images come from the {have.source}."
    )


@app.command()
def down() -> None:
    """Stop all that is ours; images and data stay, so the next `up` is quick."""
    from course.engine import embedded, host, reaper

    if engine := host.find():
        reaper.stop_all(engine)
    embedded.stop()


@app.command()
def clean() -> None:
    """Remove all that is ours from the host engine, and nothing else. Progress stays."""
    from course.engine import embedded, host, reaper
    from course.images import supply

    if engine := host.find():
        reaper.erase(engine)
    embedded.erase()
    supply.forget()


@app.command()
def doctor() -> None:
    """Show what this machine has and what is missing."""
    from course.images.preflight import MARKS, sections

    table = Table("", "", "", "", box=None, show_header=False)
    colours = {True: "green", False: "red", None: "yellow"}
    ok = True
    for title, entries in sections():
        table.add_row("", f"[bold]{escape(title)}[/]")
        for entry in entries:
            ok = ok and entry.ok is not False
            mark = f"[{colours[entry.ok]}]{MARKS[entry.ok]}[/]"
            table.add_row(mark, *map(escape, (entry.check, entry.found, entry.shown)))
    out.print(table)
    raise typer.Exit(0 if ok else 1)


@app.command()
def reset() -> None:
    """Remove every sandbox; the next lab starts clean."""
    from course.engine import host, reaper

    if engine := host.find():
        typer.echo(f"Removed {reaper.remove_sandboxes(engine)} sandboxes.")


@app.command()
def shell(node: Annotated[str, typer.Argument()] = "node1") -> None:
    """Open a shell on the Docker host of the lab that was opened last."""
    from course.engine.shell import open_shell

    raise typer.Exit(open_shell(node))


@app.command()
def lab(arguments: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Start JupyterLab on the start page. Options after `--` go to JupyterLab."""
    from course.checks.start_page import write_start_page
    from course.notebook.server import serve

    write_start_page()
    raise typer.Exit(serve(arguments or []))


@app.command()
def check(task: str, answer: Annotated[str | None, typer.Option()] = None) -> None:
    """Check a task against the lab that was opened last."""
    from course.checks.command import check_task

    verdict = check_task(task, answer)
    out.print(escape(str(verdict)))
    raise typer.Exit(0 if verdict.solved else 1)


@app.command("progress")
def show_progress() -> None:
    """Show which tasks are solved."""
    from course.checks.start_page import progress_frame

    typer.echo(progress_frame().to_string(index=False))


@app.command()
def run(number: str) -> None:
    """Run a chapter's notebook as the tests do."""
    notebook = catalogue().chapter(number).notebook
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "course.testing.plugin",
        "--nbval",
        str(notebook),
    ]
    raise typer.Exit(subprocess.run(words, cwd=ROOT, check=False).returncode)


@images_app.command("list")
def images_list() -> None:
    """List the images, and where each comes from."""
    from course.images import supply

    typer.echo(supply.listing().to_string(index=False))


@images_app.command("build")
def images_build() -> None:
    """Build what the mirror lacks of the offline kit."""
    from course.images import supply

    with progress() as report:
        supply.build(report)


@images_app.command("save")
def images_save(file: Path) -> None:
    """Save engine and kit to one file, for a room without a network."""
    from course.images import supply

    with progress() as report:
        supply.save(file, report)


@images_app.command("load")
def images_load(file: Path) -> None:
    """Load what `save` wrote."""
    from course.images import supply

    with progress() as report:
        supply.load(file, report)


def main() -> None:
    """Entry point: every fault is one paragraph."""
    with told():
        app()
