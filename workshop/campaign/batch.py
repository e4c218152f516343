"""Try a number of environments in this process, and print a line of JSON for each."""

import json
import sys

from hypothesis import HealthCheck, Phase, given, seed, settings

from workshop.campaign.call import Call
from workshop.campaign.generated import environments
from workshop.campaign.trial import tried


def run(first: int, count: int) -> None:
    """Try this many environments, and twice as many with nonsense in them; print the outcome of each."""
    for nonsense in (False, True):

        @seed(2 * first + nonsense)
        @settings(
            max_examples=count if not nonsense else 2 * count,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(environments(nonsense=nonsense))
        def one(call: Call) -> None:
            result = tried(call)
            print(json.dumps({"outcome": result.outcome, "said": result.said, "call": repr(call)}))

        one()


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]))
