"""Plan for more load: what an environment needs, what it costs, and which limit it hits first.

Nothing is deployed and nothing is asked of AWS: it reads the template of the last synth, the app's figures,
and published quotas and prices (docs/scale.md).
"""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tools.assembly import templates
from tools.environments import UnknownEnvironmentError, find
from tools.plan.app import FiguresError, figures
from tools.plan.arguments import FIGURES, parser
from tools.plan.loads import loads
from tools.plan.place import place
from tools.plan.report import Plan, answer, assumptions, first_limits, needs, plan, unknown
from tools.rehearsal.from_environment import NothingToRehearseError
from tools.rehearsal.traffic import TrafficError


def main() -> None:
    """Draw and print a plan."""
    given = parser(__doc__ or "").parse_args()
    try:
        environment = find(given.environment)
        app = figures(given.figures, **{name: getattr(given, name) for name in FIGURES})
        here = place(environment, templates()[environment.name], app)
        made = plan(environment.name, here, app, loads(here, app, traffic=given.traffic, users=given.users))
    except (UnknownEnvironmentError, NothingToRehearseError, TrafficError, FiguresError) as error:
        sys.exit(f"plan: {error}")
    path = given.out or Path(".local") / f"plan-{environment.name}.png"
    # matplotlib takes half a second to import: do it only when there is something to draw.
    from tools.plan.picture import draw  # noqa: PLC0415 (takes a second)

    try:
        draw(made, path)
    except OSError as error:
        sys.exit(f"plan: cannot write {path}: {error.strerror}")
    _show(made, path)


def _show(made: Plan, path: Path) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 200
    console.print(answer(made), style="bold", highlight=False, soft_wrap=True)
    _say(console, assumptions(made))
    _table(console, ("", *(load.name for load in made.loads)), needs(made))
    _say(console, "The limits that are hit first, each as if the others were out of the way:")
    _table(console, ("limit", "at", "there is", "what moves it", "source"), first_limits(made))
    _say(console, "Not known:")
    for sentence in unknown(made):
        _say(console, f"  {sentence}")
    _say(console, f"drawn: {path}")


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, highlight=False, soft_wrap=True)


def _table(console: Console, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    main()
