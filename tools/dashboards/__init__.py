# SPDX-License-Identifier: Apache-2.0
"""The source of Grafana's dashboards: one module for each, and what they share.

model.py      a dashboard: its frame, variables, and the places of its panels
panels.py     the kinds of panels
queries.py    PromQL
"""
