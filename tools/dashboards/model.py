# SPDX-License-Identifier: Apache-2.0
"""A dashboard in Grafana's classic schema: its frame, its variables, and where its panels stand.

D1  every panel, query, variable and annotation names the data source by the variable, never by a uid
D2  panels are placed in lines of 24 columns that never overlap; ids count from 1 in reading order
D3  uids never change: links, home pages and provisioning go by them
"""
import json

TAG = "inferometer"
SCHEMA = 39  # Grafana 10.4 and newer read it; file provisioning refuses the newer v2 format
COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

# The latency objectives to choose from: bucket bounds of inference_duration_seconds, written as the library
# writes `le`, and as Prometheus 3 does for everybody.
OBJECTIVES = (
    ("100 µs", "0.0001"), ("250 µs", "0.00025"), ("500 µs", "0.0005"), ("1 ms", "0.001"),
    ("2.5 ms", "0.0025"), ("5 ms", "0.005"), ("10 ms", "0.01"), ("25 ms", "0.025"), ("50 ms", "0.05"),
    ("100 ms", "0.1"),
    ("250 ms", "0.25"), ("500 ms", "0.5"), ("1 s", "1.0"), ("2.5 s", "2.5"), ("5 s", "5.0"), ("10 s", "10.0"),
)
TARGET_SHARES = (("90 %", "0.9"), ("95 %", "0.95"), ("99 %", "0.99"), ("99.9 %", "0.999"))


class Grid:
    """Panels from left to right; one that does not fit begins a new line, below the tallest of this one."""

    def __init__(self):
        self.panels = []
        self.x = self.y = self.height = 0

    def _new_line(self):
        self.x, self.y, self.height = 0, self.y + self.height, 0

    def add(self, panel, width, height):
        assert 0 < width <= COLUMNS and height > 0
        if self.x + width > COLUMNS:
            self._new_line()
        panel["gridPos"] = {"h": height, "w": width, "x": self.x, "y": self.y}
        panel["id"] = len(self.panels) + 1
        self.panels.append(panel)
        self.x += width
        self.height = max(self.height, height)

    def row(self, title, repeat=None):
        """A heading. With `repeat`, it and the panels below it come once for each value of that variable."""
        if self.x > 0:
            self._new_line()
        panel = {"type": "row", "title": title, "collapsed": False, "datasource": DATASOURCE, "panels": []}
        if repeat:
            panel["repeat"] = repeat
        self.add(panel, COLUMNS, 1)
        self._new_line()


def datasource_variable():
    return {
        "type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus",
        "regex": "", "refresh": 1, "hide": 0, "includeAll": False, "multi": False, "options": [],
        "current": {}, "skipUrlSync": False,
        "description": "The Prometheus that scrapes the pipelines.",
    }


def query_variable(name, label, query, description):
    """The values of a label; several may be chosen, and all of them are at first."""
    return {
        "type": "query", "name": name, "label": label, "description": description, "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery", "qryType": 1},
        "regex": "", "refresh": 2, "sort": 1, "hide": 0, "includeAll": True, "multi": True, "options": [],
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]}, "skipUrlSync": False,
    }


def custom_variable(name, label, choices, chosen, description):
    options = [{"selected": value == chosen, "text": text, "value": value} for text, value in choices]
    return {
        "type": "custom", "name": name, "label": label, "description": description,
        "query": ", ".join(f"{text} : {value}" for text, value in choices),
        "hide": 0, "includeAll": False, "multi": False, "options": options,
        "current": next(option for option in options if option["selected"]), "skipUrlSync": False,
    }


def job_variable():
    # Of the metrics that the registry has about itself: every program with the library exposes them, also
    # one that has no pipeline yet, and no other target of the same Prometheus does.
    return query_variable("job", "Job", "label_values(inferometer_overflow_updates_total, job)",
                          "The scrape jobs whose programs use the library.")


def pipeline_variable(metric="inference_requests_total"):
    return query_variable("pipeline", "Pipeline", f'label_values({metric}{{job=~"$job"}}, pipeline)',
                          "The pipelines that are shown.")


def objective_variables():
    return [
        custom_variable("slo", "Latency objective", OBJECTIVES, "2.5",
                        "An inference is in time when it took no longer. It has to be a bucket bound of the "
                        "pipeline: one with stage_bounds of its own may not have all of these."),
        custom_variable("objective", "Share in time", TARGET_SHARES, "0.99",
                        "The share of inferences that have to be in time."),
    ]


def _annotation(name, expr, color, **more):
    return {"name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": color,
            "expr": expr, "step": "15s", **more}


def _annotations():
    return {"list": [
        _annotation("Alerts", 'ALERTS{alertname=~"Inference.+",alertstate="firing"}', "red",
                    titleFormat="{{alertname}}", textFormat="{{pipeline}} {{instance}}",
                    tagKeys="severity"),
        _annotation("Process starts", 'process_start_time_seconds{job=~"$job"} * 1000', "blue",
                    titleFormat="Process started", textFormat="{{instance}}", tagKeys="job",
                    useValueForTime="on"),
    ]}


def _links():
    return [{
        "type": "dashboards", "tags": [TAG], "title": "", "tooltip": "", "icon": "external link", "url": "",
        "asDropdown": False, "includeVars": True, "keepTime": True, "targetBlank": False,
    }]


def dashboard(uid, title, description, variables, grid):
    names = [variable["name"] for variable in variables]
    return {
        "uid": uid, "title": title, "description": description, "tags": [TAG], "schemaVersion": SCHEMA,
        "version": 1, "id": None, "editable": True, "graphTooltip": 1, "timezone": "browser", "weekStart": "",
        "fiscalYearStartMonth": 0, "liveNow": False, "refresh": "5s",
        "time": {"from": "now-15m", "to": "now"},
        "timepicker": {"refresh_intervals": ["1s", "5s", "10s", "30s", "1m", "5m", "15m"]},
        "links": _links(),
        "annotations": _annotations() if "job" in names else {"list": []},
        "templating": {"list": [datasource_variable()] + variables},
        "panels": grid.panels,
    }


def to_json(value):
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
