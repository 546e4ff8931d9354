from __future__ import annotations

import shlex
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.events import Happened, epoch
from course.checks.stage import remove, until_logged

KILL = 9
NUMBERS = {"HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15}
SECONDS = 1.0


def check(at: At) -> str:
    polite = at.container("polite").image("busybox")
    if polite.status in ("running", "paused"):
        polite.not_yet(
            f"`polite` is {polite.status}. Stop it, so that its manners show.",
            'lab.client.containers.get("polite").stop()',
        )
    polite.exited()
    events = polite.happened("start", "kill", "die")
    took = check_signals(polite, last_run(events))
    return f"`polite` was asked to stop and had ended {took * 1000:.0f} ms later, with code 0."


def last_run(events: list[Happened]) -> list[Happened]:
    starts = [position for position, event in enumerate(events) if event.action == "start"]
    return events[starts[-1] :] if starts else events


def stop_signal(polite: ContainerAt) -> int:
    """Returns the number of the signal that `stop()` asks the container with."""
    name = str(polite.attrs["Config"].get("StopSignal") or "TERM").upper().removeprefix("SIG")
    return int(name) if name.isdigit() else NUMBERS.get(name, NUMBERS["TERM"])


def check_signals(polite: ContainerAt, events: list[Happened]) -> float:
    kills = {
        int(event.attributes["signal"]): event
        for event in reversed(events)
        if event.action == "kill"
    }
    asked = stop_signal(polite)
    died = [event for event in events if event.action == "die"]
    if not died:
        polite.not_yet("The engine no longer remembers the stop. Start it and stop it once more.")
    if KILL in kills and (asked == KILL or asked not in kills):
        polite.not_yet(
            "`polite` was killed: SIGKILL leaves no time to be polite. Use `stop()`, which asks "
            "with SIGTERM first."
        )
    if asked not in kills:
        polite.not_yet("`polite` ended by itself: nobody asked it to stop.", LOOK)
    # Its own end: the event "die" comes when the engine has cleared up, late on a busy machine.
    ended = epoch(polite.attrs["State"]["FinishedAt"])
    took = max(0.0, ended - kills[asked].seconds)
    check_end(polite, asked, took)
    return took


LOOK = "docker events --since 5m --until 0s --filter container=polite"


def check_end(polite: ContainerAt, asked: int, took: float) -> None:
    if polite.exit_code == 137:
        ignored(polite)
    if polite.exit_code == 128 + asked:
        polite.not_yet(
            f"`polite` ended in time, but the signal ended it: {128 + asked} is 128 + {asked}. Its "
            "program must catch the signal and exit with code 0 of its own accord."
        )
    if took > SECONDS:
        polite.not_yet(f"`polite` took {took:.1f} s to stop, and had 1 s.", LOOK)
    polite.exited(0)


def ignored(polite: ContainerAt) -> None:
    if "trap" in shlex.join([polite.attrs["Path"], *polite.attrs["Args"]]):
        polite.not_yet(
            "`polite` has a trap, yet was killed (137): a shell runs its trap only when the "
            "command in the foreground is over. Put that in the background, and `wait`."
        )
    polite.not_yet(
        "`polite` ignored the signal until it was killed (137): as process 1 of its container it "
        "gets no default action. Its program must handle the signal."
    )


def setup(lab: Lab) -> None:
    remove(lab, "polite")


def run_and_stop(lab: Lab, script: str, grace: int = 1, **options: Any) -> None:
    command = ["sh", "-c", script]
    polite = lab.client.containers.run("busybox", command, name="polite", detach=True, **options)
    until_logged(polite, "ready")
    polite.stop(timeout=grace)


def solve(lab: Lab) -> None:
    run_and_stop(lab, "trap 'exit 0' TERM; echo ready; sleep 3600 & wait", grace=10)


def by_another_signal(lab: Lab) -> None:
    script = "trap 'exit 0' INT; echo ready; sleep 3600 & wait"
    run_and_stop(lab, script, grace=10, stop_signal="SIGINT")


def ignores(lab: Lab) -> None:
    run_and_stop(lab, "echo ready; exec sleep 3600")


def trap_in_vain(lab: Lab) -> None:
    run_and_stop(lab, "trap 'exit 0' TERM; echo ready; sleep 3600")


def little_init(lab: Lab) -> None:
    run_and_stop(lab, "echo ready; exec sleep 3600", init=True)


def too_slow(lab: Lab) -> None:
    run_and_stop(lab, "trap 'sleep 2; exit 0' TERM; echo ready; sleep 3600 & wait", grace=10)


def other_code(lab: Lab) -> None:
    run_and_stop(lab, "trap 'exit 5' TERM; echo ready; sleep 3600 & wait")


def killed(lab: Lab) -> None:
    polite = lab.client.containers.run("busybox", "sleep 3600", name="polite", detach=True)
    polite.kill()
    polite.wait()


def by_itself(lab: Lab) -> None:
    lab.client.containers.run("busybox", "true", name="polite")


def of_another_image(lab: Lab) -> None:
    lab.client.images.pull("busybox", "latest")
    command = ["sh", "-c", "trap 'exit 0' TERM; echo ready; sleep 3600 & wait"]
    polite = lab.client.containers.run("redis:alpine", command, name="polite", detach=True)
    until_logged(polite, "ready")
    polite.stop()


def not_stopped(lab: Lab) -> None:
    lab.client.containers.run("busybox", "sleep 3600", name="polite", detach=True)


RIGHT = (by_another_signal,)
WRONG = (
    (of_another_image, "not from `busybox`"),
    (ignores, "no default action"),
    (trap_in_vain, "runs its trap only when"),
    (little_init, "128 + 15"),
    (too_slow, "had 1 s"),
    (other_code, "exited with code 5"),
    (killed, "SIGKILL leaves no time"),
    (by_itself, "ended by itself"),
    (not_stopped, "so that its manners show"),
)
