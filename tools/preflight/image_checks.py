"""Check an image without running it."""

import re
from collections.abc import Iterator

from tools.preflight import secret_words, starts
from tools.preflight.archive import Image
from tools.preflight.check import Check, judged
from tools.preflight.task import Task

# From here on AWS recommends to load images lazily, because pulling them delays every start.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html (SOCI)
MOST_COMPRESSED_MB = 250
# What Docker's own storage allows; https://github.com/docker/docs/issues/8230
MOST_LAYERS = 127
_BUILD_TOOL = re.compile(
    r"/s?bin/((?:[\w.]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|make|cmake|ld|rustc|cargo|git|npm|poetry|uv))(?:-[\d.]+)?$"
)
_CACHE = re.compile(
    r"^(/root/\.cache/\w+|/var/lib/apt/lists/[^/]+_Packages|/var/cache/apt/archives/[^/]+\.deb)"
)


def image_checks(image: Image, task: Task) -> list[Check]:
    """Check an image's configuration and files against a task."""
    return [
        judged("architecture", list(_architecture(image, task)), f"{_of(image)}, as the task"),
        judged("image user", list(_user(image)), f"{image.settings.get('User')}, not root"),
        judged("exec form", list(starts.shell_form(image)), "no shell between ECS and the server"),
        judged("server", list(starts.development_server(image)), "no development server in its command"),
        judged("debug mode", list(starts.debugging(image)), "off, and no debugger installed"),
        judged("secrets", list(secret_words.faults(image)), "none in variables, history and layers"),
        judged("build tools", list(_build_tools(image)), "no compilers, no caches"),
        judged("volumes", list(_volumes(image, task)), "its user may write where the task mounts volumes"),
        judged("size", list(_size(image)), f"{_megabytes(image):.0f} MB compressed, {image.layers} layers"),
    ]


def _of(image: Image) -> str:
    return str(image.config.get("architecture", "unknown"))


def _megabytes(image: Image) -> float:
    return image.compressed_bytes / 1000**2


def _architecture(image: Image, task: Task) -> Iterator[tuple[str, str]]:
    if _of(image) != task.architecture:
        yield (
            (
                f"the image is {_of(image)}, the task {task.architecture}: each task ends at once with "
                "'exec format error', and the deployment hangs until it is rolled back"
            ),
            f"docker build --platform linux/{task.architecture}, or set tasks.architecture",
        )


def _user(image: Image) -> Iterator[tuple[str, str]]:
    user = str(image.settings.get("User") or "")
    if user.partition(":")[0] in ("", "0", "root"):
        yield (
            "the image's user is root: whoever breaks into the app has all of the container",
            "end the Dockerfile's last stage with USER 10001:10001",
        )


def _build_tools(image: Image) -> Iterator[tuple[str, str]]:
    tools = sorted({found[1] for path in image.files if (found := _BUILD_TOOL.search(path))})
    if tools:
        yield (
            (
                f"{', '.join(tools[:8])}{' and more' if len(tools) > 8 else ''}: tools for an intruder, "
                "slower starts"
            ),
            "build in a first stage and COPY --from=build only what runs",
        )
    caches = sorted({found[1] for path in image.files if (found := _CACHE.match(path))})
    if caches:
        yield (
            f"caches in {caches[0]}, which every task pulls",
            "pip install --no-cache-dir; rm -r /var/lib/apt/lists/* in the same RUN",
        )


def _volumes(image: Image, task: Task) -> Iterator[tuple[str, str]]:
    declared = image.settings.get("Volumes") or {}
    for path, _ in task.web.mounts:
        if path not in declared:
            yield (
                (
                    f"the task mounts an empty volume on {path}, which belongs to root: uid {task.web.user} "
                    "may not write there"
                ),
                f"VOLUME {path} in the Dockerfile, before USER: the volume then takes over the folder's mode",
            )


def _size(image: Image) -> Iterator[tuple[str, str]]:
    if _megabytes(image) > MOST_COMPRESSED_MB:
        yield (
            (
                f"{_megabytes(image):.0f} MB compressed, above {MOST_COMPRESSED_MB}: each new task pulls all "
                "of it before it starts, so scaling out comes late"
            ),
            "a slim base and a second stage without build tools and caches",
        )
    if image.layers > MOST_LAYERS:
        yield f"{image.layers} layers, above {MOST_LAYERS}", "join RUN instructions"
