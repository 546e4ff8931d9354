"""Which value of a request becomes which flag of a `docker` command.

A key is a query parameter or a path into the JSON body; `!key` holds when the value is false. A
flag without braces is a switch. The name in braces says how the value is written: see `values`.
"""

from __future__ import annotations

from collections.abc import Mapping

Options = Mapping[str, str]

UPDATE: Options = {
    "Memory": "--memory {bytes}",
    "MemorySwap": "--memory-swap {bytes}",
    "MemoryReservation": "--memory-reservation {bytes}",
    "NanoCpus": "--cpus {cpus}",
    "CpuShares": "--cpu-shares {}",
    "CpuPeriod": "--cpu-period {}",
    "CpuQuota": "--cpu-quota {}",
    "CpusetCpus": "--cpuset-cpus {}",
    "CpusetMems": "--cpuset-mems {}",
    "PidsLimit": "--pids-limit {}",
    "BlkioWeight": "--blkio-weight {}",
    "RestartPolicy": "--restart {restart}",
}
HOST: Options = {
    **UPDATE,
    "AutoRemove": "--rm",
    "PublishAllPorts": "--publish-all",
    "PortBindings": "--publish {ports}",
    "Binds": "--volume {}",
    "Mounts": "--mount {mount}",
    "Tmpfs": "--tmpfs {tmpfs}",
    "VolumesFrom": "--volumes-from {}",
    "VolumeDriver": "--volume-driver {}",
    "Links": "--link {}",
    "ExtraHosts": "--add-host {}",
    "Dns": "--dns {}",
    "DnsOptions": "--dns-option {}",
    "DnsSearch": "--dns-search {}",
    "MemorySwappiness": "--memory-swappiness {}",
    "OomKillDisable": "--oom-kill-disable",
    "OomScoreAdj": "--oom-score-adj {}",
    "ShmSize": "--shm-size {bytes}",
    "Privileged": "--privileged",
    "CapAdd": "--cap-add {}",
    "CapDrop": "--cap-drop {}",
    "SecurityOpt": "--security-opt {}",
    "ReadonlyRootfs": "--read-only",
    "GroupAdd": "--group-add {}",
    "Devices": "--device {device}",
    "DeviceCgroupRules": "--device-cgroup-rule {}",
    "DeviceRequests": "--gpus {gpus}",
    "Ulimits": "--ulimit {ulimit}",
    "Sysctls": "--sysctl {}",
    "StorageOpt": "--storage-opt {}",
    "LogConfig.Type": "--log-driver {}",
    "LogConfig.Config": "--log-opt {}",
    "PidMode": "--pid {}",
    "IpcMode": "--ipc {}",
    "UTSMode": "--uts {}",
    "UsernsMode": "--userns {}",
    "CgroupnsMode": "--cgroupns {}",
    "CgroupParent": "--cgroup-parent {}",
    "Runtime": "--runtime {}",
    "Isolation": "--isolation {}",
    "Init": "--init",
}
HEALTH: Options = {
    "Test": "--health-cmd {health}",
    "Interval": "--health-interval {ns}",
    "Timeout": "--health-timeout {ns}",
    "StartPeriod": "--health-start-period {ns}",
    "Retries": "--health-retries {}",
}


def below(prefix: str, options: Options) -> Options:
    """Moves a table's keys down into a part of the body."""
    return {f"{prefix}.{key}": flag for key, flag in options.items()}


CREATE: Options = {
    "name": "--name {}",
    "platform": "--platform {}",
    "OpenStdin": "--interactive",
    "Tty": "--tty",
    "Hostname": "--hostname {}",
    "Domainname": "--domainname {}",
    "User": "--user {}",
    "WorkingDir": "--workdir {}",
    "Env": "--env {}",
    "Labels": "--label {}",
    "Network": "--network {}",
    "Endpoint.Aliases": "--network-alias {}",
    "Endpoint.Links": "--link {}",
    "Endpoint.MacAddress": "--mac-address {}",
    "Endpoint.IPAMConfig.IPv4Address": "--ip {}",
    "Endpoint.IPAMConfig.IPv6Address": "--ip6 {}",
    "MacAddress": "--mac-address {}",
    "Exposed": "--expose {}",
    "Volumes": "--volume {keys}",
    "StopSignal": "--stop-signal {}",
    "StopTimeout": "--stop-timeout {}",
    **below("Healthcheck", HEALTH),
    **below("HostConfig", HOST),
    "Entry": "--entrypoint {}",
}
EXEC: Options = {
    "Detach": "--detach",
    "AttachStdin": "--interactive",
    "Tty": "--tty",
    "Privileged": "--privileged",
    "User": "--user {}",
    "WorkingDir": "--workdir {}",
    "Env": "--env {}",
}
COMMIT: Options = {
    "comment": "--message {}",
    "author": "--author {}",
    "changes": "--change {}",
    "!pause": "--pause=false",
}
BUILD: Options = {
    "t": "--tag {}",
    "dockerfile": "--file {}",
    "q": "--quiet",
    "nocache": "--no-cache",
    "forcerm": "--force-rm",
    "pull": "--pull",
    "squash": "--squash",
    "target": "--target {}",
    "platform": "--platform {}",
    "networkmode": "--network {}",
    "buildargs": "--build-arg {}",
    "labels": "--label {}",
    "cachefrom": "--cache-from {}",
    "extrahosts": "--add-host {}",
    "shmsize": "--shm-size {bytes}",
    "memory": "--memory {bytes}",
}
NETWORK: Options = {
    "Driver": "--driver {}",
    "Scope": "--scope {}",
    "Internal": "--internal",
    "Attachable": "--attachable",
    "Ingress": "--ingress",
    "EnableIPv6": "--ipv6",
    "IPAM.Driver": "--ipam-driver {}",
    "Subnet": "--subnet {}",
    "Gateway": "--gateway {}",
    "IPRange": "--ip-range {}",
    "AuxiliaryAddresses": "--aux-address {}",
    "Options": "--opt {}",
    "Labels": "--label {}",
}
