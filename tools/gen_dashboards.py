#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes dashboards/*.json: Grafana's dashboards, from the one source in tools/dashboards/.

Usage: tools/gen_dashboards.py [--check] [FOLDER]

FOLDER is dashboards/ beside tools/. With --check nothing is written: it ends with 1, and says which file,
when one differs from what would be written, is missing, or is there without a source.
"""
import pathlib
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is
from dashboards import generative, host, overview, sample, stages  # noqa: E402
from dashboards.model import to_json  # noqa: E402

SOURCES = (overview, stages, generative, host, sample)


def wanted():
    """The text of every file, by its name."""
    files = {}
    for source in SOURCES:
        dashboard = source.dashboard()
        files[dashboard["uid"] + ".json"] = to_json(dashboard)
    return files


def complaints(folder, files):
    """What is wrong with the files in the folder, a sentence each."""
    found = {path.name for path in folder.glob("*.json")}
    for name in sorted(found - files.keys()):
        yield f'"{folder / name}" is not written by tools/gen_dashboards.py'
    for name, text in files.items():
        if name not in found:
            yield f'"{folder / name}" is missing'
        elif (folder / name).read_text(encoding="utf-8") != text:
            yield f'"{folder / name}" is not what tools/gen_dashboards.py writes'


def main(arguments):
    check = "--check" in arguments
    folders = [argument for argument in arguments if argument != "--check"]
    if len(folders) > 1 or any(folder.startswith("-") for folder in folders):
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(folders[0] if folders else pathlib.Path(__file__).parent.parent / "dashboards")
    files = wanted()
    if not check:
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return 0
    failed = False
    for complaint in complaints(folder, files):
        print(f"dashboards: {complaint}; hint: run tools/gen_dashboards.py, and change its source only")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
