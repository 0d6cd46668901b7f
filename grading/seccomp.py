"""A deny-list of system calls for student code, as the BPF program that bubblewrap loads.

The namespaces already take away files, network and other processes; this takes away the doors back: new namespaces and
mounts, tracing, keyrings, sockets of families that no network namespace holds, and memory that outlives a process.
"""

import os
import struct

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38
LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
NEW_NAMESPACES = 0x7E020080  # the CLONE_NEW* flags
FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6

# architecture -> (audit number, calls refused, clone3, clone, socket)
TABLES = {
    "x86_64": (
        0xC000003E,
        # shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl ptrace
        [29, 30, 31, 64, 65, 66, 68, 69, 70, 71, 101]
        # personality pivot_root chroot acct mount umount2 swapon swapoff reboot sethostname setdomainname iopl ioperm
        + [135, 155, 161, 163, 165, 166, 167, 168, 169, 170, 171, 172, 173]
        # init_module delete_module quotactl mq_open mq_unlink kexec_load add_key request_key keyctl
        + [175, 176, 179, 240, 241, 246, 248, 249, 250]
        # unshare move_pages perf_event_open open_by_handle_at setns process_vm_readv and _writev kcmp finit_module
        + [272, 279, 298, 304, 308, 310, 311, 312, 313]
        # seccomp kexec_file_load bpf userfaultfd io_uring_setup io_uring_enter io_uring_register
        + [317, 320, 321, 323, 425, 426, 427]
        # open_tree move_mount fsopen fsconfig fsmount fspick pidfd_getfd mount_setattr
        + [428, 429, 430, 431, 432, 433, 438, 442],
        435,
        56,
        41,
    ),
    "aarch64": (
        0xC00000B7,
        [194, 195, 196, 197, 190, 191, 192, 193, 186, 187, 188, 189, 117]
        + [92, 41, 51, 89, 40, 39, 224, 225, 142, 161, 162]
        + [105, 106, 60, 180, 181, 104, 217, 218, 219]
        + [97, 239, 241, 265, 268, 270, 271, 272, 273]
        + [277, 294, 280, 282, 425, 426, 427]
        + [428, 429, 430, 431, 432, 433, 438, 442],
        435,
        220,
        198,
    ),
}


def program(machine: str | None = None) -> bytes | None:
    """The filter for this machine's processor, or None where we have no table for it."""
    table = TABLES.get(machine or os.uname().machine)
    if table is None:
        return None
    audit, refused, clone3, clone, socket_call = table
    code = [
        _op(LOAD, ARCHITECTURE),
        *_unless(audit, KILL),
        _op(LOAD, NUMBER),
        *_when(JUMP_GREATER_EQUAL, 0x40000000, ERRNO | EPERM),  # the x32 calls have other numbers
        *_when(JUMP_EQUAL, clone3, ERRNO | ENOSYS),  # its flags are out of our sight; glibc falls back to clone
    ]
    for number in refused:
        code += _when(JUMP_EQUAL, number, ERRNO | EPERM)
    code += [
        _op(JUMP_EQUAL, clone, 0, 3),
        _op(LOAD, FIRST_ARGUMENT),
        *_when(JUMP_ANY_BIT, NEW_NAMESPACES, ERRNO | EPERM),
        _op(LOAD, NUMBER),
        _op(JUMP_EQUAL, socket_call, 0, len(FAMILIES) + 2),
        _op(LOAD, FIRST_ARGUMENT),
        *(_op(JUMP_EQUAL, family, len(FAMILIES) - i, 0) for i, family in enumerate(FAMILIES)),
        _op(RETURN, ERRNO | EPERM),
        _op(RETURN, ALLOW),
    ]
    return b"".join(code)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _when(test: int, value: int, result: int) -> list[bytes]:
    return [_op(test, value, 0, 1), _op(RETURN, result)]


def _unless(value: int, result: int) -> list[bytes]:
    return [_op(JUMP_EQUAL, value, 1, 0), _op(RETURN, result)]


def as_file() -> int | None:
    """A file descriptor to read the filter from, for `bwrap --seccomp`."""
    code = program()
    if code is None:
        return None
    reading, writing = os.pipe()
    os.write(writing, code)
    os.close(writing)
    return reading
