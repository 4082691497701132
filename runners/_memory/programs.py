"""The few programs that a preview's groups need to show what a runner does; what is not here is not found."""

import re
from collections.abc import Callable, Mapping, Sequence

from runners._memory.disk import Hollow, Odd
from runners._memory.network import Site, Unanswered
from runners._memory.script import Unclear
from runners._memory.shell import Ends, Out, Program, Shell

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r"}
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)")
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def _printed(text: Callable[[Shell, Sequence[str]], bytes]) -> Program:
    def program(shell: Shell, words: Sequence[str], out: Out) -> int:
        out(text(shell, words))
        return 0

    return program


def _printf(shell: Shell, words: Sequence[str]) -> bytes:
    def one(found: re.Match[str]) -> str:
        return chr(int(found[1], 8)) if found[1].isdigit() else _ESCAPES.get(found[1], found[0])

    # Each octal escape is one byte, so the text goes out as it came but for those.
    return _ESCAPE.sub(one, words[0].encode().decode("latin-1")).encode("latin-1", "replace")


def _echo(shell: Shell, words: Sequence[str]) -> bytes:
    return " ".join(words[1:]).encode() if words[:1] == ["-n"] else (" ".join(words) + "\n").encode()


def _head(shell: Shell, words: Sequence[str]) -> bytes:
    match list(words):
        case ["-c", number, "/dev/zero"]:
            return bytes(int(number))
        case _:
            raise Unclear("sh: head: only `head -c NUMBER /dev/zero` is known here")


def _id(shell: Shell, words: Sequence[str]) -> bytes:
    if list(words) != ["-u"]:
        raise Unclear("sh: id: only `id -u` is known here")
    return f"{shell.user}\n".encode()


def _seq(shell: Shell, words: Sequence[str]) -> bytes:
    first, last = words
    return b"".join(b"%d\n" % number for number in range(int(first), int(last) + 1))


def _exit(shell: Shell, words: Sequence[str], out: Out) -> int:
    raise Ends(int(words[0]) if words else 0)


def _exec(shell: Shell, words: Sequence[str], out: Out) -> int:
    shell.traps.clear()
    raise Ends(shell.call(words, out))


def _trap(shell: Shell, words: Sequence[str], out: Out) -> int:
    if len(words) != 2 or words[1] != "TERM":
        raise Unclear("sh: trap: only `trap '…' TERM` is known here")
    shell.traps.append(words[0])
    return 0


def _cat(shell: Shell, words: Sequence[str], out: Out) -> int:
    code = 0
    for path in words:
        found = shell.disk.find(path)
        if isinstance(found, bytes):
            out(found)
        else:
            shell.say(f"cat: can't open '{path}': No such file or directory")
            code = 1
    return code


def _sleep(shell: Shell, words: Sequence[str], out: Out) -> int:
    shell.pause(float(words[0]))
    return 0


def _test(shell: Shell, words: Sequence[str], out: Out) -> int:
    match list(words):
        case ["-e", path]:
            return 0 if shell.disk.find(path) is not None else 1
        case ["-f", path]:
            return 0 if isinstance(shell.disk.find(path), bytes | Hollow) else 1
        case ["-s", path]:
            return 0 if shell.disk.find(path) not in (None, b"") else 1
        case ["-n", text]:
            return 0 if text else 1
        case ["-z", text]:
            return 1 if text else 0
        case [one, "=", other]:
            return 0 if one == other else 1
        case [one, "!=", other]:
            return 0 if one != other else 1
        case _:
            raise Unclear(f"sh: test: {' '.join(words)} is not known here")


def _chmod(shell: Shell, words: Sequence[str], out: Out) -> int:
    """Nothing here has a mode: whoever reads a job's output may read everything."""
    if shell.disk.find(words[-1]) is not None:
        return 0
    shell.say(f"chmod: {words[-1]}: No such file or directory")
    return 1


def _truncate(shell: Shell, words: Sequence[str], out: Out) -> int:
    size = re.fullmatch(r"(\d+)([KMG]?)", words[1]) if len(words) == 3 and words[0] == "-s" else None
    if size is None:
        raise Unclear("sh: truncate: only `truncate -s SIZE FILE` is known here")
    shell.disk.put(words[2], Hollow(int(size[1]) * _UNITS[size[2]]))
    return 0


def _laid(odd: Odd) -> Program:
    def program(shell: Shell, words: Sequence[str], out: Out) -> int:
        shell.disk.put(words[-1], odd)
        return 0

    return program


def _wget(shell: Shell, words: Sequence[str], out: Out) -> int:
    into = re.fullmatch(r"(?:-q )?-O ?(\S+) (\S+)", " ".join(words))
    if into is None:
        raise Unclear("sh: wget: only `wget -q -O FILE URL` is known here")
    try:
        answer = shell.network.fetched(into[2])
    except Unanswered as error:
        shell.say(f"wget: {error}")
        return 1
    if into[1] == "-":
        out(answer)
    else:
        shell.disk.put(into[1], answer)
    return 0


def _httpd(shell: Shell, words: Sequence[str], out: Out) -> int:
    """Serve a folder: until the end with `-f`, else as long as the container lives."""
    folder = words[words.index("-h") + 1] if "-h" in words else "/"
    if not shell.network.opened(int(words[words.index("-p") + 1]), Site(disk=shell.disk, folder=folder)):
        shell.say("httpd: bind: Address already in use")
        return 1
    if "-f" in words:
        shell.pause(None)
    return 0


PROGRAMS: Mapping[str, Program] = {
    ":": lambda shell, words, out: 0,
    "true": lambda shell, words, out: 0,
    "false": lambda shell, words, out: 1,
    "exit": _exit,
    "exec": _exec,
    "trap": _trap,
    "echo": _printed(_echo),
    "printf": _printed(_printf),
    "seq": _printed(_seq),
    "head": _printed(_head),
    "hostname": _printed(lambda shell, words: f"{shell.network.hostname}\n".encode()),
    "id": _printed(_id),
    "cat": _cat,
    "chmod": _chmod,
    "ln": _laid(Odd.LINK),
    "mkdir": _laid(Odd.FOLDER),
    "mkfifo": _laid(Odd.PIPE),
    "truncate": _truncate,
    "sleep": _sleep,
    "test": _test,
    "wget": _wget,
    "httpd": _httpd,
}
