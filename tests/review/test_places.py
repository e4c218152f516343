"""Test that a finding is put at the line of the change that causes it."""

import pytest

from tests.review.small import template
from tools.review.places import Place, lines, place
from tools.review.reasons import Reason

ENVIRONMENTS = """\
from infra.parameters import Environment, Tasks

DEV = Environment(
    name="dev",
    tasks=Tasks(min=1, memory_mib=1024),
    execute_command=True,
)
PROD = Environment(
    name="prod",
    tasks=Tasks(min=1, memory_mib=2048),
    log_days=7,
)
"""
DIFF = """\
diff --git a/infra/environments.py b/infra/environments.py
--- a/infra/environments.py
+++ b/infra/environments.py
@@ -5,1 +5,2 @@ DEV
-    tasks=Tasks(min=2, memory_mib=512),
+    tasks=Tasks(min=1, memory_mib=1024),
+    execute_command=True,
@@ -10,2 +10,2 @@ PROD
-    tasks=Tasks(min=2, memory_mib=1024),
-    log_days=90,
+    tasks=Tasks(min=1, memory_mib=2048),
+    log_days=7,
diff --git a/infra/front_door/own.py b/infra/front_door/own.py
--- a/infra/front_door/own.py
+++ b/infra/front_door/own.py
@@ -40,1 +40,1 @@ class LoadBalancer
-            healthy_http_codes="200",
+            healthy_http_codes="418",
diff --git a/gone.py b/gone.py
--- a/gone.py
+++ /dev/null
@@ -1,1 +0,0 @@
-x = 1
"""
CHANGED = lines(DIFF, environments=ENVIRONMENTS)
OWN = "infra/front_door/own.py"
HERE = "infra/environments.py"


@pytest.mark.parametrize(
    ("environment", "text", "expected"),
    [
        ("dev", "people may open a shell: ECS::Service EnableExecuteCommand false → true", Place(HERE, 6)),
        ("dev", "more memory: ECS::TaskDefinition Memory 512 → 1024", Place(HERE, 5)),
        ("prod", "more memory: ECS::TaskDefinition Memory 1024 → 2048", Place(HERE, 10)),
        ("prod", "older lines are deleted earlier: Logs::LogGroup RetentionInDays 90 → 7", Place(HERE, 11)),
        ("prod", "another code: TargetGroup Matcher.HttpCode 200 → 418", Place(OWN, 40)),
        ("dev", "nothing in common at all", Place(HERE, 5)),
    ],
)
def test_it_is_the_line_that_has_most_in_common_with_it(environment: str, text: str, expected: Place) -> None:
    found = place(Reason("look", text), CHANGED, environment=environment, new=template(), old=template())
    assert found == expected


def test_the_path_of_the_construct_counts_too() -> None:
    balancer = {"Type": "X", "Metadata": {"aws:cdk:path": "Web-prod/FrontDoor/healthy"}}
    reason = Reason("look", "replaced", about=("Id",))
    found = place(reason, CHANGED, environment="prod", new=template(Id=balancer), old=template())
    assert found == Place(OWN, 40)


def test_without_a_change_there_is_no_line() -> None:
    reason = Reason("look", "text")
    assert place(reason, lines(""), environment="dev", new=template(), old=template()) is None


@pytest.mark.parametrize("source", ["", "def (", "\x00"])
def test_a_file_that_is_no_python_belongs_to_nobody(source: str) -> None:
    assert {each.owner for each in lines(DIFF, environments=source)} == {""}
