#!/usr/bin/env python3
"""Makes the golden answers of this folder; see README.md. Not run by any test."""
import datetime as dt
import glob
import os
import random
import sys
import zoneinfo

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr

HERE = os.path.dirname(os.path.abspath(__file__))
UTC = dt.timezone.utc
A, B = dt.datetime(2015, 1, 1, tzinfo=UTC), dt.datetime(2031, 1, 1, tzinfo=UTC)
MOST = 60


def instant(value):
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def occurrences(path, a, b):
    with open(path, "rb") as f:
        data = f.read()
    rows = []
    parts = icalendar.Calendar.from_ical(data, multiple=True)
    for part in parts:
        if part.name != "VCALENDAR":
            calendar = icalendar.Calendar()
            calendar.add_component(part)
            part = calendar
        # Zones are this test's matter, X-WR-TIMEZONE's habit of moving UTC series is not.
        part.pop("X-WR-TIMEZONE", None)
        for event in recurring_ical_events.of(part, components=["VEVENT"]).between(a, b):
            if str(event.get("STATUS", "")).upper() == "CANCELLED":
                continue
            start = event["DTSTART"].dt
            rows.append((instant(start), instant(event.end), "timed" if isinstance(start, dt.datetime) else "day",
                         str(event.get("UID", ""))))
    return sorted(rows)


def real(root):
    """Times only: nothing else of those files may be kept."""
    out = open(os.path.join(HERE, "real.tsv"), "w")
    for folder in ("calendar_icalendar_suite", "calendar_ical4j_samples"):
        for path in sorted(glob.glob(os.path.join(root, folder, "**", "*.ics"), recursive=True)):
            name = os.path.relpath(path, root)
            try:
                rows = occurrences(path, A, B)
            except Exception as error:  # what the peer can't read is said, and checked by hand
                out.write(f"{name}\trefused\t{type(error).__name__}\n")
                continue
            out.write(f"{name}\tcount\t{len(rows)}\n")
            for row in rows[:MOST]:
                out.write(f"{name}\t{row[0]}\t{row[1]}\t{row[2]}\n")


def own():
    out = open(os.path.join(HERE, "own.tsv"), "w")
    for path in sorted(glob.glob(os.path.join(HERE, "*.ics"))):
        name = os.path.basename(path)
        if name == "rules.ics":
            continue
        for row in occurrences(path, dt.datetime(2026, 1, 1, tzinfo=UTC), dt.datetime(2027, 1, 1, tzinfo=UTC)):
            out.write(f"{name}\t{row[3]}\t{row[0]}\t{row[1]}\t{row[2]}\n")


def some(r, low, high, most):
    return sorted(r.sample(range(low, high + 1), r.randint(1, most)))


def signed(r, high, most):
    return [n if r.random() < 0.7 else -n for n in some(r, 1, high, most)]


def joined(values):
    return ",".join(str(v) for v in values)


def random_rule(r):
    freq = r.choice(["YEARLY", "YEARLY", "MONTHLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"])
    parts = [f"FREQ={freq}"]
    if r.random() < 0.5:
        parts.append(f"INTERVAL={r.randint(2, 5)}")
    days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    if r.random() < 0.4:
        parts.append(f"BYMONTH={joined(some(r, 1, 12, 4))}")
    weekno = freq == "YEARLY" and r.random() < 0.2
    if weekno:
        parts.append(f"BYWEEKNO={joined(signed(r, 52, 3))}")
    elif freq not in ("WEEKLY",) and r.random() < 0.35:
        parts.append(f"BYMONTHDAY={joined(signed(r, 31, 4))}")
    elif freq == "YEARLY" and r.random() < 0.3:
        parts.append(f"BYYEARDAY={joined(signed(r, 366, 5))}")
    if weekno or r.random() < 0.5:
        chosen = r.sample(days, r.randint(1, 3))
        if freq == "MONTHLY" or (freq == "YEARLY" and not weekno):
            chosen = [(r.choice(["", "", "1", "2", "-1", "4"]) + d) for d in chosen]
        parts.append(f"BYDAY={joined(chosen)}")
    if freq != "HOURLY" and r.random() < 0.2:
        parts.append(f"BYHOUR={joined(some(r, 0, 23, 3))}")
    if freq == "HOURLY" and r.random() < 0.6:
        parts.append(f"BYHOUR={joined(some(r, 0, 23, 8))}")
    if r.random() < 0.1:
        parts.append(f"BYMINUTE={joined(some(r, 0, 59, 3))}")
    if len(parts) > 2 and freq != "HOURLY" and r.random() < 0.25:
        parts.append(f"BYSETPOS={joined(signed(r, 4, 2))}")
    if r.random() < 0.2:
        parts.append(f"WKST={r.choice(days)}")
    return freq, ";".join(parts)


def rules():
    """Random rules, straight from dateutil; DTSTART is the rule's own first time, where all readings agree."""
    r = random.Random(20261122)
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    ics = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:undertone tests"]
    out = open(os.path.join(HERE, "rules.tsv"), "w")
    made = 0
    a, b = dt.datetime(2026, 1, 1, tzinfo=UTC), dt.datetime(2029, 1, 1, tzinfo=UTC)
    while made < 400:
        freq, text = random_rule(r)
        begin = dt.datetime(r.randint(2015, 2026), r.randint(1, 12), r.randint(1, 28), r.randint(0, 23), r.randint(0, 59))
        try:
            first = next(iter(rrulestr(text, dtstart=begin)), None)
        except ValueError:  # hours that the interval never meets
            continue
        if first is None or first.year > 2028:
            continue
        end = r.random()
        if end < 0.25:
            text += f";COUNT={r.randint(1, 400)}"
        elif end < 0.5:
            until = first + dt.timedelta(days=r.randint(1, 4000))
            text += f";UNTIL={until.replace(tzinfo=berlin).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        # The rule again, from its own first time: what an aligned series is. Periods count from there.
        naive = text.split(";UNTIL=")[0]
        times = []
        for at in rrulestr(naive, dtstart=first):
            aware = at.replace(tzinfo=berlin).astimezone(UTC)
            if aware >= b or (";UNTIL=" in text and aware > until.replace(tzinfo=berlin).astimezone(UTC)):
                break
            if aware >= a:
                times.append(aware)
            if len(times) > 3000:
                break
        again = next(iter(rrulestr(naive, dtstart=first)), None)
        if again != first or len(times) > 3000:
            continue
        made += 1
        uid = f"rule-{made:03}"
        ics += ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART;TZID=Europe/Berlin:{first:%Y%m%dT%H%M%S}", f"RRULE:{text}",
                "END:VEVENT"]
        out.write(f"{uid}\t{len(times)}")
        for at in times[:20] + times[20::max(1, len(times) // 10)]:
            out.write(f"\t{at:%Y%m%dT%H%M%S}")
        out.write("\n")
    ics.append("END:VCALENDAR")
    with open(os.path.join(HERE, "rules.ics"), "w", newline="") as f:
        f.write("\r\n".join(ics) + "\r\n")


if __name__ == "__main__":
    rules()
    own()
    if len(sys.argv) > 1:
        real(sys.argv[1])
