from __future__ import annotations

import time

from course.checks import At, ContainerAt, Lab
from course.checks.processes import Process
from course.checks.stage import forget_events, start, until_runs

SET = 'lab.task("4.2")'
LOOK = "ps -eo pid,ppid,stat,args"
CREW = ("sleep 3601", "sleep 3602", "sleep 3603")
# Which of the three it is, is drawn inside: the container's command does not tell.
SCRIPT = """
lot=$(( $(od -An -N1 -tu1 /dev/urandom) % 3 + 1 ))
for n in 1 2 3; do
  if [ $n = $lot ]; then sh -c "sleep 0.1 & exec sleep 360$n" & else sleep 360$n & fi
done
wait
"""


def check(at: At) -> str:
    ship = at.find("ship")
    if ship is None:
        at.not_attempted("There is no container `ship`. Set the stage first.", SET)
    ship.running()
    if len(ship.happened("start")) > 1:  # none: the engine has forgotten it
        at.not_yet(
            "`ship` was started again, with all of its crew. Set the stage anew, and end nothing "
            "but the one process.",
            SET,
        )
    judge(at, crew(at, ship), zombies(at, ship))
    return "The zombie went with its parent, and everybody else is still at work."


def crew(at: At, ship: ContainerAt) -> list[str]:
    """Returns those of the crew who are alive."""
    top = at.client.api.top(ship.attrs["Id"])
    commands = {process[-1] for process in top["Processes"]}
    return [member for member in CREW if member in commands]


def zombies(at: At, ship: ContainerAt) -> list[Process]:
    everybody = {process.pid: process for process in at.processes()}
    first = int(ship.attrs["State"]["Pid"])
    return [one for one in everybody.values() if one.state == "Z" and below(one, first, everybody)]


def below(process: Process, ancestor: int, everybody: dict[int, Process]) -> bool:
    while process.parent in everybody:
        if process.parent == ancestor:
            return True
        process = everybody[process.parent]
    return False


def judge(at: At, alive: list[str], dead: list[Process]) -> None:
    gone = sorted(set(CREW) - set(alive))
    if not gone:
        at.not_attempted(
            "The zombie and the three of the crew are all there. (To kill a zombie is in vain: it "
            "is dead already.)",
            LOOK,
        )
    if dead:
        at.not_yet(
            f"`{gone[0]}` is gone, and the zombie is still there: that was not its parent. Set "
            "the stage anew.",
            SET,
        )
    if len(gone) > 1:
        at.not_yet(
            f"The zombie is gone, but so are {len(gone)} of the crew. Only its parent had to go. "
            "Set the stage anew.",
            SET,
        )


def setup(lab: Lab) -> None:
    start(lab, "ship", "busybox", ["sh", "-c", SCRIPT], init=True)
    for member in CREW:
        until_runs(lab, "ship", member)
    time.sleep(0.3)  # by now the one that nobody waits for has ended


def parents(lab: Lab) -> tuple[list[str], list[str]]:
    """Returns the PIDs of the crew: those with a child, and those without."""
    script = "pgrep -f '^sleep 360[123]'"
    pids = lab.run(script)[1].decode().split()
    careless = [pid for pid in pids if lab.run(f"pgrep -P {pid}")[1].strip()]
    return careless, [pid for pid in pids if pid not in careless]


def solve(lab: Lab) -> None:
    lab.run(f"kill {parents(lab)[0][0]}; sleep 0.3")


def long_ago(lab: Lab) -> None:
    solve(lab)
    forget_events(lab)


def wrong_one(lab: Lab) -> None:
    lab.run(f"kill {parents(lab)[1][0]}; sleep 0.3")


def all_of_them(lab: Lab) -> None:
    # The last one that is left keeps the container alive.
    careless, others = parents(lab)
    lab.run(f"kill {careless[0]} {others[0]}; sleep 0.3")


def restart(lab: Lab) -> None:
    lab.client.containers.get("ship").restart(timeout=0)


def sink(lab: Lab) -> None:
    ship = lab.client.containers.get("ship")
    ship.kill()
    ship.wait()


RIGHT = (long_ago,)
WRONG = (
    (wrong_one, "that was not its parent"),
    (all_of_them, "so are 2 of the crew"),
    (restart, "was started again"),
    (sink, "has exited with code 137"),
)
