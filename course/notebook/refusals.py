"""What an engine refuses, told in one paragraph instead of docker-py's sixty lines."""

from __future__ import annotations

from docker.errors import APIError, ContainerError, DockerException


def _told(error: DockerException) -> list[str]:
    """IPython shows these lines in place of a traceback."""
    lines = [f"{type(error).__name__}: {_words(error)}"]
    if isinstance(error, APIError) and error.status_code == 409 and "name" in str(error):
        lines.append('A name belongs to one container: lab.fresh("NAME") removes the old one.')
    return lines


def _words(error: DockerException) -> str:
    if isinstance(error, APIError) and error.explanation:
        return f"the engine answered {error.status_code}: {str(error.explanation).strip()}"
    if isinstance(error, ContainerError) and isinstance(error.stderr, bytes):
        said = error.stderr.decode(errors="replace").strip()
        return (
            f"{error.command!r} in {error.image!r} ended with exit code {error.exit_status}: {said}"
        )
    return str(error)


def tell_refusals() -> None:
    """From now on this kernel shows docker-py's errors as one paragraph."""
    DockerException._render_traceback_ = _told  # type: ignore[attr-defined]
