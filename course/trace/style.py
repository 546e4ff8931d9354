"""How a trace looks on the page; the page's own colours, light or dark."""

STYLE = """<style>
.dk-trace table { border-collapse: collapse; width: 100%; font-size: 13px; }
.dk-trace caption { text-align: left; font-weight: 600; padding: 4px 8px; caption-side: top; }
.dk-trace th, .dk-trace td { text-align: left; vertical-align: top; padding: 4px 8px; }
.dk-trace td { border-top: 1px solid var(--jp-border-color2, #8884); }
.dk-trace td.ms { white-space: nowrap; font-variant-numeric: tabular-nums; text-align: right; }
.dk-trace td:nth-child(2) { min-width: 21em; max-width: 26em; overflow-wrap: anywhere; }
.dk-trace code, .dk-trace pre { font-family: var(--jp-code-font-family, monospace); }
.dk-trace code { background: none; padding: 0; }
.dk-trace td.bad, .dk-trace .error { color: var(--jp-error-color1, #d32f2f); }
.dk-trace td.bad { font-weight: 700; }
.dk-trace summary { cursor: pointer; color: var(--jp-ui-font-color2, inherit); }
.dk-trace pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 6px 8px; margin: 4px 0;
  background: var(--jp-layout-color2, #8882); border-radius: 4px; user-select: all; }
</style>"""
