"""The colours and type of all pictures, light and dark, as one style sheet.

Inside JupyterLab the page's own `--jp-*` colours and its theme decide. A still in an `<img>`
knows no page: there the reader's preferred colour scheme decides, and the card behind the
picture keeps it readable on any page.
"""

from __future__ import annotations

# Each has 4.5:1 or more on its card, and on its own tint there (WCAG AA; a test measures it).
LIGHT = {
    "bg": "#ffffff",
    "panel": "#f5f6f8",
    "ink": "#1f2328",
    "dim": "#59636e",
    "line": "#8c959f",
    "run": "#14692f",
    "pause": "#7d4b00",
    "stop": "#4f5861",
    "bad": "#b3202a",
    "new": "#0a56a3",
    "again": "#6f36a5",
}
DARK = {
    "bg": "#1c1e21",
    "panel": "#282b30",
    "ink": "#eceef0",
    "dim": "#b0b6bd",
    "line": "#7f8790",
    "run": "#6ad993",
    "pause": "#f2bb5b",
    "stop": "#c0c6cd",
    "bad": "#ff9a95",
    "new": "#86c1ff",
    "again": "#d3adff",
}
# The page's own colours, where it has some that fit.
PAGE = {"bg": "--jp-layout-color1", "ink": "--jp-ui-font-color1"}
TINT = 0.12
HUES = ("run", "pause", "stop", "bad", "new", "again")


def _variables(colours: dict[str, str]) -> str:
    def value(name: str, colour: str) -> str:
        return f"var({PAGE[name]},{colour})" if name in PAGE else colour

    return "".join(f"--dk-{name}:{value(name, colour)};" for name, colour in colours.items())


def _hue(name: str) -> str:
    colour = f"var(--dk-{name})"
    return (
        f".dk .{name}{{fill:{colour}}}"
        f".dk .{name}-tint{{fill:{colour};fill-opacity:{TINT};stroke:{colour};stroke-width:1.2}}"
        f".dk .{name}-line{{stroke:{colour};stroke-width:1.8;fill:none}}"
        f".dk .{name}-line.head{{fill:{colour};stroke:none}}"
    )


STYLE = (
    f".dk{{{_variables(LIGHT)}}}"
    f"@media (prefers-color-scheme:dark){{.dk{{{_variables(DARK)}}}}}"
    f'[data-jp-theme-light="true"] .dk{{{_variables(LIGHT)}}}'
    f'[data-jp-theme-light="false"] .dk{{{_variables(DARK)}}}'
    ".dk{font-family:var(--jp-ui-font-family,system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Helvetica Neue',Arial,sans-serif)}"
    ".dk text{fill:var(--dk-ink)}"
    ".dk text.dim{fill:var(--dk-dim)}"
    ".dk text.bold{font-weight:600}"
    ".dk .mono{font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,"
    "'DejaVu Sans Mono',monospace)}"
    ".dk .time{font-variant-numeric:tabular-nums}"
    ".dk .card{fill:var(--dk-bg);stroke:var(--dk-line);stroke-opacity:.45}"
    ".dk .panel{fill:var(--dk-panel)}"
    ".dk .box{fill:var(--dk-bg);stroke:var(--dk-line);stroke-width:1}"
    ".dk .line{stroke:var(--dk-line);stroke-width:1.4;fill:none}"
    ".dk .line.head{fill:var(--dk-line);stroke:none}"
    ".dk .dash{stroke-dasharray:4 4}"
    ".dk .faint{opacity:.55}"
    ".dk .rule{stroke:var(--dk-line);stroke-opacity:.35}"
    ".dk .dot{fill:var(--dk-line)}"
    ".dk .station{fill:var(--dk-panel);stroke:var(--dk-line);stroke-opacity:.5}"
    ".dk .empty{fill-opacity:.45;stroke-dasharray:5 4}"
    ".dk .ghost{fill:none;stroke:var(--dk-line);stroke-dasharray:3 3}"
    ".dk .pause-frame{fill:none;stroke:var(--dk-pause);stroke-dasharray:4 3}"
    ".dk .thin{stroke-width:1}"
    ".dk .taken{stroke-width:2.6}"
    ".dk .area{fill-opacity:.14}"
    ".dk text.halo{paint-order:stroke;stroke:var(--dk-panel);stroke-width:2.5;stroke-opacity:.7}"
    + "".join(_hue(name) for name in HUES)
    + "".join(f".dk text.{name}{{fill:var(--dk-{name})}}" for name in HUES)
    + ".dk [data-pick]{cursor:pointer}"
    "@media (prefers-reduced-motion:no-preference){"
    ".dk .glide{transition:transform .45s cubic-bezier(.3,.7,.2,1)}}"
)
