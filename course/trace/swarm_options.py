"""Which value of a request for a swarm becomes which flag; see `options`."""

from __future__ import annotations

from course.trace.options import HEALTH, Options, below

SWARM_UPDATE: Options = {
    "EncryptionConfig.AutoLockManagers": "--autolock",
    "!EncryptionConfig.AutoLockManagers": "--autolock=false",
    "Raft.SnapshotInterval": "--snapshot-interval {}",
    "Raft.KeepOldSnapshots": "--max-snapshots {}",
    "Orchestration.TaskHistoryRetentionLimit": "--task-history-limit {}",
    "Dispatcher.HeartbeatPeriod": "--dispatcher-heartbeat {ns}",
    "CAConfig.NodeCertExpiry": "--cert-expiry {ns}",
}
SWARM_INIT: Options = {
    "AdvertiseAddr": "--advertise-addr {}",
    "ListenAddr": "--listen-addr {}",
    "DataPathAddr": "--data-path-addr {}",
    "DataPathPort": "--data-path-port {}",
    "DefaultAddrPool": "--default-addr-pool {}",
    "SubnetSize": "--default-addr-pool-mask-length {}",
    "ForceNewCluster": "--force-new-cluster",
    "AutoLockManagers": "--autolock",
    **{f"Spec.{key}": flag for key, flag in SWARM_UPDATE.items() if not key.startswith("!")},
}
SPEC: Options = {
    "Env": "--env {}",
    "Labels": "--container-label {}",
    "Hostname": "--hostname {}",
    "Dir": "--workdir {}",
    "User": "--user {}",
    "Groups": "--group {}",
    "TTY": "--tty",
    "ReadOnly": "--read-only",
    "Init": "--init",
    "StopSignal": "--stop-signal {}",
    "StopGracePeriod": "--stop-grace-period {ns}",
    "Mounts": "--mount {mount}",
    "Secrets": "--secret {file}",
    "Configs": "--config {file}",
    "CapabilityAdd": "--cap-add {}",
    "CapabilityDrop": "--cap-drop {}",
    "Sysctls": "--sysctl {}",
    **below("Healthcheck", HEALTH),
}
ROLL: Options = {
    "Parallelism": "parallelism {}",
    "Delay": "delay {ns}",
    "FailureAction": "failure-action {}",
    "Monitor": "monitor {ns}",
    "MaxFailureRatio": "max-failure-ratio {}",
    "Order": "order {}",
}
SERVICE: Options = {
    "Name": "--name {}",
    "Labels": "--label {}",
    "Mode.Replicated.Replicas": "--replicas {}",
    "Mode.mode": "--mode {}",
    "EndpointSpec.Mode": "--endpoint-mode {}",
    "EndpointSpec.Ports": "--publish {publish}",
    "TaskTemplate.Networks": "--network {targets}",
    "Networks": "--network {targets}",
    "TaskTemplate.Placement.Constraints": "--constraint {}",
    "TaskTemplate.Placement.Preferences": "--placement-pref {spread}",
    "TaskTemplate.Placement.MaxReplicas": "--replicas-max-per-node {}",
    "TaskTemplate.Resources.Limits.MemoryBytes": "--limit-memory {bytes}",
    "TaskTemplate.Resources.Limits.NanoCPUs": "--limit-cpu {cpus}",
    "TaskTemplate.Resources.Reservations.MemoryBytes": "--reserve-memory {bytes}",
    "TaskTemplate.Resources.Reservations.NanoCPUs": "--reserve-cpu {cpus}",
    "TaskTemplate.RestartPolicy.Condition": "--restart-condition {}",
    "TaskTemplate.RestartPolicy.Delay": "--restart-delay {ns}",
    "TaskTemplate.RestartPolicy.MaxAttempts": "--restart-max-attempts {}",
    "TaskTemplate.LogDriver.Name": "--log-driver {}",
    "TaskTemplate.LogDriver.Options": "--log-opt {}",
    **below("TaskTemplate.ContainerSpec", SPEC),
    **{f"UpdateConfig.{key}": f"--update-{flag}" for key, flag in ROLL.items()},
    **{f"RollbackConfig.{key}": f"--rollback-{flag}" for key, flag in ROLL.items()},
    "Entry": "--entrypoint {}",
}

GONE = "gone from "  # before the key of a list: what an update takes away from it

# `docker service update` has no flag for these, and has `--…-rm` and `--…-add` for a list.
CREATE_ONLY = frozenset({"Name", "Mode.mode"})
LISTS = frozenset(
    {
        "--label",
        "--publish",
        "--network",
        "--constraint",
        "--placement-pref",
        "--env",
        "--container-label",
        "--group",
        "--mount",
        "--secret",
        "--config",
        "--sysctl",
    }
)


def _in_update(key: str, flag: str) -> Options:
    name, _, form = flag.partition(" ")
    if name not in LISTS:
        return {key: flag}
    return {f"{GONE}{key}": f"{name}-rm {{}}", key: f"{name}-add {form}"}


SERVICE_UPDATE: Options = {
    **{
        key: flag
        for made, words in SERVICE.items()
        if made not in CREATE_ONLY
        for key, flag in _in_update(made, words).items()
    },
    "Args": "--args {}",
    "TaskTemplate.ContainerSpec.Image": "--image {}",
    "TaskTemplate.ForceUpdate": "--force",
    "rollback": "--rollback",
}
