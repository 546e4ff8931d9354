"""How a trace looks on the page; the page's own colours, light or dark."""

# The class is named twice so that these rules outweigh JupyterLab's own for tables and code.
STYLE = """<style>
.dk-trace.dk-trace table { border-collapse: collapse; width: 100%; font-size: 13px;
  table-layout: auto; }
.dk-trace.dk-trace caption { text-align: left; font-weight: 600; padding: 4px 8px;
  caption-side: top; }
.dk-trace.dk-trace :is(th, td) { text-align: left; vertical-align: top; padding: 4px 8px; }
.dk-trace.dk-trace td { border-top: 1px solid var(--jp-border-color2, #8884); }
.dk-trace.dk-trace td.ms { white-space: nowrap; font-variant-numeric: tabular-nums;
  text-align: right; }
.dk-trace.dk-trace td:nth-child(2) { min-width: 21em; max-width: 26em; overflow-wrap: anywhere; }
.dk-trace.dk-trace :is(code, pre) { font-family: var(--jp-code-font-family, monospace); }
.dk-trace.dk-trace code { background: none; padding: 0; }
.dk-trace.dk-trace :is(td.bad, .error) { color: var(--jp-error-color1, #d32f2f); }
.dk-trace.dk-trace td.bad { font-weight: 700; }
.dk-trace.dk-trace summary { cursor: pointer; color: var(--jp-ui-font-color2, inherit); }
.dk-trace.dk-trace pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 6px 8px;
  margin: 4px 0; background: var(--jp-layout-color2, #8882); border-radius: 4px;
  user-select: all; }
</style>"""
