"""Keep the figures and pictures of docs/scaling.md as the simulation has them."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from infra.environments import PROD
from infra.parameters import Environment
from tools.rehearsal.assumptions import table
from tools.rehearsal.from_environment import rehearsed
from tools.rehearsal.outcome import Outcome, outcome
from tools.rehearsal.picture import draw
from tools.rehearsal.report import answer, duration, question, rows, subtitle
from tools.rehearsal.simulation import Service, simulate
from tools.rehearsal.traffic import shape
from workshop import crowd
from workshop.pages import filled

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"
IMAGES = PAGE.parent / "images"
_SHOWN = ("flash-crowd", "daily-wave")


def page(old: str) -> str:
    """Return the page with new tables; leave the text around them as it is."""
    service = rehearsed(PROD)
    tables = {
        "figures": _figures(service),
        "variants": _variants(service),
        "assumptions": table(),
        "crowd": crowd.table(crowd.measured()),
    }
    return filled(PAGE, old, tables)


def titles() -> dict[Path, str]:
    """Return the pictures of the page, each with its question and answer."""
    service = rehearsed(PROD)
    of_traces = {_image(traffic): _title(service, traffic) for traffic in _SHOWN}
    return of_traces | {_image("local-crowd"): crowd.title(crowd.measured())}


def _image(traffic: str) -> Path:
    return IMAGES / f"scaling-{traffic}.png"


def _title(service: Service, traffic: str) -> str:
    return f"{question(service, traffic)}\n{answer(service, _outcome(service, traffic, service.quiet_rps))}"


@cache
def _outcome(service: Service, traffic: str, quiet_rps: float) -> Outcome:
    return outcome(service, list(simulate(service, shape(traffic, quiet_rps=quiet_rps))))


def _figures(service: Service) -> str:
    columns = [rows(service, _outcome(service, traffic, service.quiet_rps)) for traffic in _SHOWN]
    lines = [f"| prod | {' | '.join(_SHOWN)} |", "|---|---|---|"]
    lines += [f"| {first[0]} | {first[1]} | {second[1]} |" for first, second in zip(*columns, strict=True)]
    return "\n".join(lines)


def _variants(service: Service) -> str:
    lines = [
        "| prod with | flash crowd: beyond capacity | to recover | cost | daily wave: cost |",
        "|---|---|---|---|---|",
    ]
    quiet_rps = service.quiet_rps
    for name, changed in _changes(PROD):
        crowd = _outcome(changed, "flash-crowd", quiet_rps)
        day = _outcome(changed, "daily-wave", quiet_rps)
        lines.append(
            f"| {name} | {crowd.beyond_percent:.1f} % | {duration(crowd.recovery_s)} | ${crowd.usd:.3f} "
            f"| ${day.usd:.2f} |"
        )
    return "\n".join(lines)


def _changes(environment: Environment) -> Iterator[tuple[str, Service]]:
    yield "nothing changed", rehearsed(environment)
    yield "20-second metrics", rehearsed(environment, period_s=20)
    yield "tasks that start in 30 s", rehearsed(environment, start_s=30)
    twice = environment.tasks.model_copy(update={"min": 2 * environment.tasks.min})
    yield f"`tasks.min={twice.min}`", rehearsed(environment.model_copy(update={"tasks": twice}))
    policies = rehearsed(environment).policies
    higher = tuple(replace(policy, target=1.3 * policy.target) for policy in policies.tracked)
    yield (
        "targets 30 % higher",
        replace(rehearsed(environment), policies=replace(policies, tracked=higher)),
    )
    slower = environment.scaling.model_copy(update={"out_cooldown_s": 300})
    yield "`scaling.out_cooldown_s=300`", rehearsed(environment.model_copy(update={"scaling": slower}))


def main() -> None:
    """Rewrite tables and pictures."""
    argparse.ArgumentParser(prog="make docs", description=__doc__).parse_args()
    PAGE.write_text(page(PAGE.read_text()))
    crowd.draw(crowd.measured(), _image("local-crowd"))
    service = rehearsed(PROD)
    for traffic in _SHOWN:
        moments = list(simulate(service, shape(traffic, quiet_rps=service.quiet_rps)))
        result = outcome(service, moments)
        draw(
            service,
            moments,
            result,
            title=_title(service, traffic),
            subtitle=subtitle(service),
            path=_image(traffic),
        )


if __name__ == "__main__":
    main()
