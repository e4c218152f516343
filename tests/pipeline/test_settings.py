"""Test the one variable of the workflows, and the one image of all environments."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.parameters import BuildImage, Environment, Postgres, Tasks
from tests.infra.test_fleet import EU, US, fleet
from tools.pipeline import __main__ as command
from tools.pipeline.errors import PipelineError
from tools.pipeline.image import platforms, requirements, runner, same_for_all
from tools.pipeline.settings import merged, of_fleets


def outputs(folder: Path, name: str, **stacks: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({stack: {"Settings": json.dumps(values)} for stack, values in stacks.items()}))
    return path


def test_the_settings_of_all_accounts_are_put_together(tmp_path: Path) -> None:
    one = outputs(tmp_path, "a.json", Pipeline={"environments": {"dev": 1}, "images": 2, "previews": 3})
    two = outputs(tmp_path, "b.json", **{"Pipeline-2": {"environments": {"prod": 4}}})
    assert json.loads(merged([one, two])) == {
        "environments": {"dev": 1, "prod": 4},
        "images": 2,
        "previews": 3,
    }


def test_the_members_of_the_last_stage_are_deployed_in_their_order_each_after_a_bake() -> None:
    assert of_fleets((ARM, EU, US), (fleet(bake_minutes=5),)) == {
        "all": ["arm", "prod-eu", "prod-us"],
        "prod": ["prod-eu", "prod-us"],
        "stay_s": 300,
    }


def test_without_a_fleet_the_stages_are_what_they_were() -> None:
    assert of_fleets((ARM,), ()) == {}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"Web-dev": {"Url": "x"}}', '{"P": {"Settings": "x"}}'])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(PipelineError, match=r"x\.json"):
        merged([tmp_path / "x.json"])


def test_a_file_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["settings", "nowhere.json"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


ARM = Environment(name="arm")
X86 = Environment(name="x86", tasks=Tasks(architecture="X86_64"))


def test_the_image_is_for_every_architecture_that_an_environment_has() -> None:
    assert platforms([ARM, ARM]) == "linux/arm64"
    assert platforms([ARM, X86]) == "linux/amd64,linux/arm64"


def test_it_is_built_without_emulation_where_it_has_one_architecture() -> None:
    assert (runner([ARM]), runner([X86]), runner([ARM, X86])) == (
        "ubuntu-24.04-arm",
        "ubuntu-24.04",
        "ubuntu-24.04",
    )


def test_it_has_what_tracing_needs_if_any_environment_traces() -> None:
    tracing = Environment(name="traces", trace_percent=5, tasks=Tasks(cpu=1024, memory_mib=2048))
    assert requirements([ARM]) == "requirements.txt"
    assert requirements([ARM, tracing]) == "requirements-tracing.txt"


def test_an_environment_with_an_image_of_its_own_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"own: image.build_args is set"):
        same_for_all([ARM, Environment(name="own", image=BuildImage(build_args={"BASE": "x"}))])


def test_the_workflow_reads_how_to_build_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["image"]) == 0
    names = [line.partition("=")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["platforms", "runner", "requirements", "data"]


def test_it_is_told_which_environments_have_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Postgres(instance="t4g.micro", multi_az=False)
    with_data = Environment(name="dev-2", database=small, tasks=Tasks(max=2, threads=4))
    monkeypatch.setattr("tools.pipeline.in_aws.ENVIRONMENTS", (Environment(name="dev"), with_data))
    assert command.main(["image"]) == 0
    assert "data=,dev-2,\n" in capsys.readouterr().out
