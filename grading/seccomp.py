"""A deny-list of system calls for student code: as the BPF program for bubblewrap, and as the profile of a container.

The namespaces already take away files, network and other processes; this takes away the doors back: new namespaces and
mounts, tracing, keyrings, memory that outlives a process, ports (which are remembered for a minute), and changing what
another process may use: the keeper's limits are those of the next student.
"""

import os
import struct

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38
LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
NAMESPACES = [1 << bit for bit in (7, 17, 25, 26, 27, 28, 29, 30)]  # the CLONE_NEW* flags
UNIX = 1  # the one family of sockets that is left

# Per processor: audit number, and its column below.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
CLONE3, CLONE, SOCKET = (435, 435), (56, 220), (41, 198)

# Calls whose first argument is a process: allowed for 0, which is the caller itself.
OF_ITSELF = {
    "prlimit64": (302, 261),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
}

# Calls refused: numbers on x86_64 and aarch64.
REFUSED: dict[str, tuple[int, int | None]] = {
    # memory and queues that outlive a process
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # mounts and namespaces
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    # other processes
    "ptrace": (101, 117),
    "move_pages": (279, 239),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "pidfd_getfd": (438, 438),
    # the machine
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "quotactl": (179, 60),
    "personality": (135, 92),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    # keyrings, filters and programs in the kernel
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "seccomp": (317, 277),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}


def program(machine: str | None = None) -> bytes | None:
    """The filter for this machine's processor, or None where we have no table for it."""
    found = MACHINES.get(machine or os.uname().machine)
    if found is None:
        return None
    audit, column = found
    code = [
        _op(LOAD, ARCHITECTURE),
        *_unless(audit, KILL),
        _op(LOAD, NUMBER),
        *_when(JUMP_GREATER_EQUAL, 0x40000000, ERRNO | EPERM),  # the x32 calls have other numbers
        *_when(JUMP_EQUAL, CLONE3[column], ERRNO | ENOSYS),  # its flags are out of our sight; glibc falls back to clone
    ]
    for number in sorted(numbers[column] for numbers in REFUSED.values() if numbers[column] is not None):
        code += _when(JUMP_EQUAL, number, ERRNO | EPERM)
    code += [
        _op(JUMP_EQUAL, CLONE[column], 0, 3),
        _op(LOAD, FIRST_ARGUMENT),
        *_when(JUMP_ANY_BIT, sum(NAMESPACES), ERRNO | EPERM),
        _op(LOAD, NUMBER),
    ]
    for numbers, allowed in [(SOCKET, UNIX), *((numbers, 0) for numbers in OF_ITSELF.values())]:
        code += [
            _op(JUMP_EQUAL, numbers[column], 0, 4),
            _op(LOAD, FIRST_ARGUMENT),
            *_unless(allowed, ERRNO | EPERM),
            _op(LOAD, NUMBER),
        ]
    code.append(_op(RETURN, ALLOW))
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


def profile() -> dict:
    """The same deny-list in the words of podman and docker, which put in the numbers of the processor they run on."""
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [
            _refuse([*REFUSED]),
            {**_refuse(["clone3"]), "errnoRet": ENOSYS},
            *(_refuse(["clone"], "SCMP_CMP_MASKED_EQ", flag, flag) for flag in NAMESPACES),
            _refuse(["socket"], "SCMP_CMP_NE", UNIX),
            _refuse([*OF_ITSELF], "SCMP_CMP_NE", 0),
        ],
    }


def _refuse(names: list[str], test: str = "", value: int = 0, second: int = 0) -> dict:
    """One rule: refuse these calls, or refuse them when their first argument passes the test."""
    when = [{"index": 0, "op": test, "value": value, "valueTwo": second}] if test else []
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": EPERM, "args": when}
