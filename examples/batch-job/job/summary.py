"""Adds up one column of a CSV table by the values of another and reports the largest groups.

All settings come from environment variables, so the same image runs everywhere: see cron/prod.env.example.
Uses the standard library only. Exit status: 0 done, 1 the table could not be read or the result not delivered,
2 a setting is wrong.
"""

import csv
import io
import json
import os
import sys
import urllib.error
import urllib.request
from decimal import Decimal, InvalidOperation

TIMEOUT_SECONDS = 30


class WrongSetting(Exception):
    """A setting is missing or makes no sense; the text says which one and what to do."""


class JobFailed(Exception):
    """The settings are fine, but the work could not be done."""


def read_settings(environment):
    """Returns the settings as a dict. Reports every wrong one at once."""
    faults = []
    settings = {}
    for name in ("INPUT", "GROUP_BY", "SUM"):
        settings[name] = environment.get(name, "").strip()
        if not settings[name]:
            faults.append(f"{name} is missing: set it in prod.env (cron/prod.env.example shows how)")
    if settings["INPUT"].startswith("http://"):
        faults.append("INPUT is an http address: use https, or a file in the image")
    top = environment.get("TOP", "").strip()
    if top and not (top.isascii() and top.isdigit() and int(top) > 0):
        faults.append(f"TOP is {top!r}: use a whole number from 1, or leave it empty for all groups")
    settings["TOP"] = int(top) if top.isascii() and top.isdigit() else None
    settings["RESULT_URL"] = environment.get("RESULT_URL", "").strip()
    if settings["RESULT_URL"] and not settings["RESULT_URL"].startswith("https://"):
        faults.append("RESULT_URL is not an https address: correct it, or leave it empty")
    if faults:
        raise WrongSetting("\n".join(faults))
    return settings


def read_table(source):
    """Returns the text of the table at an https address or in a file."""
    try:
        if source.startswith("https://"):
            with urllib.request.urlopen(source, timeout=TIMEOUT_SECONDS) as answer:
                return answer.read().decode("utf-8-sig")
        with open(source, encoding="utf-8-sig") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise JobFailed(f"cannot read INPUT {source}: {error}") from error


def add_up(text, group_by, column):
    """Returns [(group, sum)], the largest sum first; groups of equal sums in the order of their names."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in (group_by, column) if name not in (rows.fieldnames or [])]
    if missing:
        raise WrongSetting(f"the table has no column {', '.join(missing)}; it has {', '.join(rows.fieldnames or ['none'])}")
    sums = {}
    for row in rows:
        try:
            value = Decimal((row[column] or "").strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise JobFailed(f"line {rows.line_num}: {column} is {row[column]!r}, which is not a number")
        sums[row[group_by]] = sums.get(row[group_by], Decimal(0)) + value
    return sorted(sums.items(), key=lambda item: (-item[1], item[0] or ""))


def deliver(url, result):
    """Posts the result as JSON."""
    request = urllib.request.Request(
        url, data=json.dumps(result, ensure_ascii=False).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
            pass
    except (urllib.error.URLError, OSError) as error:
        raise JobFailed(f"cannot deliver the result to RESULT_URL: {error}") from error


def main(environment, out):
    settings = read_settings(environment)
    sums = add_up(read_table(settings["INPUT"]), settings["GROUP_BY"], settings["SUM"])[: settings["TOP"]]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([settings["GROUP_BY"], settings["SUM"]])
    writer.writerows(sums)
    if settings["RESULT_URL"]:
        deliver(settings["RESULT_URL"], [{"group": group, "sum": str(value)} for group, value in sums])


if __name__ == "__main__":
    try:
        main(os.environ, sys.stdout)
    except WrongSetting as fault:
        sys.exit(print(f"summary: {fault}", file=sys.stderr) or 2)
    except JobFailed as fault:
        sys.exit(print(f"summary: {fault}", file=sys.stderr) or 1)
