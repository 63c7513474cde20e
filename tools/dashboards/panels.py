# SPDX-License-Identifier: Apache-2.0
"""The kinds of panels. Each has a title, a description that says in plain words what the number means, and
its queries; the functions here add what Grafana wants besides.
"""
from .model import DATASOURCE
from . import queries

# The same number has the same colour everywhere.
COLORS = {
    "p50": "green", "p95": "orange", "p99": "red", "mean": "blue", "total": "text",
    "success": "green", "failure": "red", "cancelled": "yellow",
    "input": "blue", "output": "orange",
}
NO_TRAFFIC = "No traffic"
NO_DATA = "No data"


def query(expr, legend="__auto", instant=False, format="time_series", **more):
    """A query of a panel; query letters are given when the panel is made."""
    return {"datasource": DATASOURCE, "editorMode": "code", "expr": expr, "format": format,
            "instant": instant, "range": not instant, "legendFormat": legend, **more}


def _letters(targets):
    for index, target in enumerate(targets):
        target["refId"] = chr(ord("A") + index)
    return targets


def _thresholds(steps):
    """Steps are (colour, from which value on); the first has no value."""
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in steps]}


GREEN = (("green", None),)


def _defaults(unit, thresholds=GREEN, empty=NO_TRAFFIC, color="palette-classic", **more):
    """What every field has: without a number there is a sentence, never an empty panel or a NaN."""
    return {
        "unit": unit, "noValue": empty, "color": {"mode": color}, "thresholds": _thresholds(thresholds),
        "mappings": [{"type": "special",
                      "options": {"match": "null+nan",
                                  "result": {"index": 0, "text": empty, "color": "text"}}}],
        **more,
    }


def _panel(kind, title, description, targets, defaults, options, overrides=(), **more):
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE,
            "targets": _letters(targets), "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
            "options": options, **more}


def override(name, **properties):
    """Of one series or column by its name. custom__x stands for custom.x."""
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": key.replace("__", "."), "value": value}
                           for key, value in properties.items()]}


def _color(name):
    return override(name, color={"mode": "fixed", "fixedColor": COLORS[name]})


def stat(title, description, expr, unit, thresholds=GREEN, empty=NO_TRAFFIC, graph=True, instant=False,
         **more):
    """One number, large; with `graph`, its course behind it."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value", "graphMode": "area" if graph and not instant else "none", "textMode": "auto",
        "justifyMode": "auto", "orientation": "auto", "wideLayout": True,
    }
    return _panel("stat", title, description, [query(expr, instant=instant)],
                  _defaults(unit, thresholds, empty, "thresholds", **more), options)


def timeseries(title, description, targets, unit, stacked=None, fill=10, named=(), overrides=(),
               empty=NO_TRAFFIC, step=False, **more):
    """Lines over time. `stacked` is "normal" or "percent"; `named` are the series with a colour of COLORS."""
    custom = {
        "drawStyle": "line", "lineInterpolation": "stepAfter" if step else "linear", "lineWidth": 1,
        "fillOpacity": 60 if stacked else fill, "gradientMode": "none", "showPoints": "never",
        "spanNulls": False, "pointSize": 5, "axisPlacement": "auto", "axisLabel": "",
        "stacking": {"mode": stacked or "none", "group": "A"}, "scaleDistribution": {"type": "linear"},
        "thresholdsStyle": {"mode": "off"}, "hideFrom": {"legend": False, "tooltip": False, "viz": False},
    }
    options = {"legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
               "tooltip": {"mode": "multi", "sort": "none" if stacked else "desc"}}
    more.setdefault("min", 0)
    return _panel("timeseries", title, description, targets,
                  _defaults(unit, empty=empty, custom=custom, **more), options,
                  [_color(name) for name in named] + list(overrides))


def percentiles(title, description, histogram, labels=queries.PIPELINE, unit="s"):
    """Median, 95th and 99th percentile and mean, in their colours."""
    targets = [query(queries.quantile(q, histogram, labels), name)
               for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))]
    targets.append(query(queries.mean(histogram, labels), "mean"))
    return timeseries(title, description, targets, unit, fill=0, named=("p50", "p95", "p99", "mean"))


def heatmap(title, description, histogram, labels=queries.PIPELINE, unit="s"):
    """How many observations fell into each bucket: what percentiles hide, such as two humps."""
    options = {
        "calculate": False, "cellGap": 1, "cellValues": {"unit": "short"}, "showValue": "never",
        "color": {"mode": "scheme", "scheme": "Oranges", "scale": "exponential", "exponent": 0.5, "steps": 64,
                  "fill": "dark-orange", "reverse": False},
        "filterValues": {"le": 1e-9}, "legend": {"show": True}, "rowsFrame": {"layout": "auto"},
        "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
    }
    target = query(queries.increase(histogram + "_bucket", labels, ("le",)), "{{le}}", format="heatmap")
    return _panel("heatmap", title, description, [target], _defaults(unit), options, maxDataPoints=100)


def bars(title, description, targets, unit, decimals=None, empty=NO_TRAFFIC, **more):
    """A horizontal bar for each series, of its last value."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color",
        "namePlacement": "auto", "minVizWidth": 8, "minVizHeight": 16, "sizing": "auto", "maxVizHeight": 300,
    }
    more.setdefault("min", 0)
    if decimals is not None:
        more["decimals"] = decimals
    return _panel("bargauge", title, description, targets, _defaults(unit, empty=empty, **more), options)


class Column:
    """A column of a table: its heading, the query that fills it, and its unit."""

    def __init__(self, title, expr, unit, decimals=None, thresholds=None):
        self.title, self.expr, self.unit = title, expr, unit
        self.decimals, self.thresholds = decimals, thresholds

    def override(self):
        properties = {"unit": self.unit}
        if self.decimals is not None:
            properties["decimals"] = self.decimals
        if self.thresholds:
            properties["thresholds"] = _thresholds(self.thresholds)
            properties["custom__cellOptions"] = {"type": "color-text"}
        return override(self.title, **properties)


def table(title, description, keys, columns, sort_by, link=None, empty=NO_TRAFFIC):
    """A line for each value of the labels `keys` (label: heading), joined from one query for each column.
    `link` (title, URL) hangs on the first key."""
    targets = [query(column.expr, instant=True, format="table") for column in columns]
    order = {key: index for index, key in enumerate(keys)}
    names = dict(keys)
    for index, column in enumerate(columns):
        value = "Value" if len(columns) == 1 else f"Value #{chr(ord('A') + index)}"
        order[value] = len(keys) + index
        names[value] = column.title
    transformations = [
        {"id": "merge", "options": {}},
        {"id": "organize",
         "options": {"excludeByName": {"Time": True}, "indexByName": order, "renameByName": names}},
    ]
    overrides = [column.override() for column in columns]
    if link:
        overrides.append(override(next(iter(keys.values())),
                                  links=[{"title": link[0], "url": link[1], "targetBlank": False}]))
    options = {"showHeader": True, "cellHeight": "sm", "sortBy": [{"displayName": sort_by, "desc": True}],
               "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}
    custom = {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False, "filterable": False}
    return _panel("table", title, description, targets,
                  _defaults("short", empty=empty, color="thresholds", custom=custom), options, overrides,
                  transformations=transformations)


def text(title, description, content):
    return {"type": "text", "title": title, "description": description, "datasource": DATASOURCE,
            "options": {"mode": "markdown", "content": content, "code": {"language": "plaintext",
                        "showLineNumbers": False, "showMiniMap": False}}}
