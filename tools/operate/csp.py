"""Show what the content security policy blocks, and propose the one that the app needs (`make csp`)."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from tools.operate.deployed import Deployed
from tools.operate.logs import span
from tools.show import console

MESSAGE = "csp violation"  # of service/kit/csp_reports.py
MOST_PAGES = 3
# What CSP calls the sources that have no address.
_SOURCES = {
    "inline": "'unsafe-inline'",
    "eval": "'unsafe-eval'",
    "wasm-eval": "'wasm-unsafe-eval'",
    "self": "'self'",
    "data": "data:",
    "blob": "blob:",
    "filesystem": "filesystem:",
    "mediastream": "mediastream:",
}
# https://www.w3.org/TR/CSP3/#directive-fallback-list : where a browser looks if a directive is not there.
_FALLBACK = {
    "worker-src": ("child-src", "script-src", "default-src"),
    "frame-src": ("child-src", "default-src"),
}
_WITHOUT_FALLBACK = ("base-uri", "form-action", "frame-ancestors")
Violation = tuple[str, str]  # directive and source


def csp(deployed: Deployed, *, since: str) -> int:
    """Print the violations in the log, and the policy under which there would be none."""
    begin_ms = int((datetime.now(UTC) - span(since)).timestamp() * 1000)
    pages: defaultdict[Violation, Counter[str]] = defaultdict(Counter)
    policy = ""
    for line in _lines(deployed, begin_ms):
        pages[base(line["directive"]), line["source"]][line["page"]] += 1
        policy = line["policy"]  # of the last line, which the version in service wrote
    if not pages:
        console.print(
            f"No browser has reported a violation in the last {since}. Reports come while people use the "
            "app: open its pages, then run this again. How to enforce the policy: docs/csp.md"
        )
        return 0
    _print(pages)
    proposed = propose(policy, pages)
    console.print(
        "\nAnybody can send reports: allow what your pages load, and nothing else. In "
        "service/app/settings.py:\n"
    )
    console.print(
        f"    content_security_policy: str = (\n{_quoted(proposed)}    )", markup=False, soft_wrap=True
    )
    for advice in _advice(pages):
        console.print(f"\n{advice}", markup=False)
    console.print("\nDeploy, use the app, run this again. Nothing reported? Enforce it: docs/csp.md")
    return 0


def _lines(deployed: Deployed, begin_ms: int) -> Iterable[dict[str, Any]]:
    events = deployed.pages(
        "logs",
        "filter_log_events",
        "events",
        logGroupName=deployed.output("LogGroupName"),
        startTime=begin_ms,
        filterPattern=f'"{MESSAGE}"',
    )
    for event in events:
        try:
            line = json.loads(event["message"])
        except ValueError:
            continue
        if isinstance(line, dict) and line.get("message") == MESSAGE and "policy" in line:
            yield line


def base(directive: str) -> str:
    """Return the directive that covers elements and attributes: not every browser knows the finer ones."""
    return directive.removesuffix("-elem").removesuffix("-attr")


def propose(policy: str, violations: Iterable[Violation]) -> str:
    """Return the policy, widened by what the violations need and no more."""
    parts = [part.split() for part in policy.split(";") if part.strip()]
    directives = {name: sources for name, *sources in parts}
    for directive, source in sorted(violations):
        sources = directives.setdefault(directive, list(_in_force(directives, directive)))
        if "'none'" in sources:
            sources.remove("'none'")
        allowed = _SOURCES.get(source, source)
        if allowed not in sources:
            sources.append(allowed)
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


def _in_force(directives: Mapping[str, list[str]], directive: str) -> list[str]:
    if directive in _WITHOUT_FALLBACK:
        return []
    names = _FALLBACK.get(directive, ("default-src",))
    return next((directives[name] for name in names if name in directives), [])


def _print(pages: Mapping[Violation, Counter[str]]) -> None:
    table = Table("directive", "source", "lines", "pages", box=None)
    for (directive, source), seen in sorted(pages.items()):
        shown = ", ".join(page for page, _ in seen.most_common(MOST_PAGES))
        more = f" and {len(seen) - MOST_PAGES} more" if len(seen) > MOST_PAGES else ""
        table.add_row(directive, source, str(seen.total()), f"{shown}{more}")
    console.print(table)


def _quoted(policy: str) -> str:
    parts = policy.split("; ")
    return "".join(f'        "{part}{"; " if part is not parts[-1] else ""}"\n' for part in parts)


def _advice(pages: Mapping[Violation, Counter[str]]) -> Iterable[str]:
    if ("script-src", "inline") in pages:
        yield (
            "'unsafe-inline' in script-src lets any script run that somebody gets into a page, and so takes "
            "away most of the policy's worth. Better: move the scripts into files, and onclick= into "
            "addEventListener; or, for a script that never changes, put its hash in place of 'unsafe-inline' "
            "(Chromium's console prints it as sha256-...)."
        )
    if ("script-src", "eval") in pages:
        yield "'unsafe-eval' is needed by a library that makes code of text: a newer version may do without."
    if ("style-src", "inline") in pages:
        yield "'unsafe-inline' in style-src is a small risk; <style> and style= can move into a file."
