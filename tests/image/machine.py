"""Find an engine and base images for these tests: Docker, or podman as root, which needs no registry here."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# podman keeps its images here, so that the second run is fast. `rm -r` removes all of it.
FOLDER = ROOT / ".local" / "image"
_CA = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES")
_PIP_CONF = FOLDER / "pip.conf"

# The base images are made of Debian's packages. They have what the Dockerfiles ask of the official ones
# (program, paths, mode of /tmp), but not the same bytes.
_SUITE = "trixie"
_BARE = ["--variant=minbase", "--format=tar", "--quiet", "--aptopt=Apt::Install-Recommends false"]
_BARE += [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale")]
_PYTHON = ["--include=ca-certificates,netbase,tzdata,python3,python3-venv"]
_PYTHON += ['--customize-hook=chroot "$1" python3 -m venv /usr/local']
# The layout of the httpd image, which infra/task/proxies/apache/start looks for first.
_PROXIES = ["--include=nginx-light,apache2,openssl"]
_PROXIES += ['--customize-hook=mkdir -p "$1"/usr/local/apache2/bin']
_PROXIES += ['--customize-hook=ln -s /usr/lib/apache2/modules "$1"/usr/local/apache2/modules']
_PROXIES += ['--customize-hook=ln -s /usr/sbin/apache2 "$1"/usr/local/apache2/bin/httpd']
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/local/apache2/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_STAND_INS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "python": (_PYTHON, ["docker.io/library/python:3.13-slim"]),
    "proxies": (_PROXIES, ["docker.io/library/nginx:stable", "docker.io/library/httpd:2.4"]),
}


class NoEngineError(RuntimeError):
    """An error that says why images cannot be built and run here."""


@dataclass(frozen=True)
class Machine:
    """An engine, and the environment that its commands need."""

    program: str
    environment: Mapping[str, str]
    build_options: Sequence[str] = ()

    def call(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self.program, *words],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def build(self, folder: Path, tag: str, *options: str) -> str:
        """Build a folder's Dockerfile as it is; return the tag."""
        self.call("build", "--tag", tag, *self.build_options, *options, str(folder))
        return tag


def this_machine() -> Machine:
    """Return the engine of this machine. Raise NoEngineError with the reason where images cannot run."""
    if shutil.which("docker") and not _quiet(["docker", "info"]).returncode:
        return Machine("docker", os.environ)
    missing = [name for name in ("podman", "runc", "mmdebstrap", "catatonit") if not _is_there(name)]
    if missing:
        raise NoEngineError(f"no Docker answers, and for podman there is no {', '.join(missing)}")
    if os.geteuid():
        raise NoEngineError("no Docker answers, and podman without a registry needs root")
    return _podman()


def leave(machine: Machine) -> None:
    """Unmount the folders that podman leaves mounted, so that they can be removed; the images stay."""
    mounted = FOLDER / "graph" / "overlay"
    if machine.program == "podman" and mounted.is_mount():
        subprocess.run(["umount", str(mounted)], check=True)


def _podman() -> Machine:
    FOLDER.mkdir(parents=True, exist_ok=True)
    storage, containers = FOLDER / "storage.conf", FOLDER / "containers.conf"
    storage.write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{FOLDER}/graph"\nrunroot = "{FOLDER}/run"\n'
    )
    # Use runc, because crun refuses hybrid control groups; use the host's network while building, because a
    # bridge leaves firewall rules behind; allow no more open files than this machine may have.
    containers.write_text(
        '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]\nnetns = "host"\n'
        '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
    )
    environment = {
        **os.environ,
        "CONTAINERS_STORAGE_CONF": str(storage),
        "CONTAINERS_CONF": str(containers),
        "BUILDAH_FORMAT": "docker",  # the other format, OCI, drops HEALTHCHECK
    }
    # Company networks have certificates and package indexes of their own; neither gets into the image.
    options = ["--pull=never", "--quiet"]
    options += [f"--volume={_CA}:{_CA}:ro"] if _CA.exists() else []
    given = {name: os.environ[name] for name in _PIP_VARIABLES if name in os.environ}
    lines = [f"{name[4:].lower().replace('_', '-')} = {value}\n" for name, value in given.items()]
    _PIP_CONF.write_text("".join(["[global]\n", *lines]))
    options += [f"--volume={_PIP_CONF}:/etc/pip.conf:ro"]
    machine = Machine("podman", environment, options)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: _stand_in(machine, name), _STAND_INS))
    done = machine.call(
        "run", "--rm", "--network=none", _STAND_INS["python"][1][0], "python", "-V", check=False
    )
    if done.returncode:
        raise NoEngineError(f"podman cannot run a container here: {done.stderr.strip()}")
    return machine


def _stand_in(machine: Machine, name: str) -> None:
    """Make a base image and import it under the names by which the Dockerfiles ask for it."""
    how, tags = _STAND_INS[name]
    if not machine.call("image", "exists", tags[0], check=False).returncode:
        return
    tar = FOLDER / f"{name}.tar"
    words = ["mmdebstrap", *_BARE, *how, _SUITE, str(tar)]
    fast = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
    done = subprocess.run(words, env={**os.environ, **fast}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoEngineError(f"mmdebstrap failed: {done.stderr.strip()[-500:]}")
    machine.call("import", "--quiet", "--change", f"ENV PATH={_PATH}", str(tar), tags[0])
    for tag in tags[1:]:
        machine.call("tag", tags[0], tag)
    tar.unlink()


def _is_there(name: str) -> bool:
    return bool(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"))


def _quiet(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
