"""Which capabilities this machine lacks, so that a sandbox does not ask for them."""

from __future__ import annotations

from pathlib import Path

# In the kernel's order (include/uapi/linux/capability.h): the position is the bit.
CAPABILITIES = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
]


def missing(status: str, last: int) -> list[str]:
    """Names the capabilities that are not in the bounding set.

    Args:
        status: Text of /proc/self/status.
        last: The highest capability that the kernel knows (/proc/sys/kernel/cap_last_cap).
    """
    bounding = next((line for line in status.splitlines() if line.startswith("CapBnd:")), None)
    if bounding is None:
        return []
    bits = int(bounding.split()[1], 16)
    return [name for bit, name in enumerate(CAPABILITIES[: last + 1]) if not bits >> bit & 1]


def missing_here() -> list[str]:
    """The capabilities that no process of this machine can have (none known without /proc)."""
    try:
        last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
        return missing(Path("/proc/self/status").read_text(), last)
    except OSError:
        return []
