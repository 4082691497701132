"""The output file of a job, read by a command in the collector, when nothing of the job lives any more."""

import time

from bot.core.errors import Unavailable
from bot.core.group import NoOutput, Output, Unfit
from runners._kubernetes.api import Api
from runners._kubernetes.exec import Said, Spot, execute
from runners._kubernetes.refusals import CutOff, Rejected
from runners._kubernetes.tool import GO, RELEASE
from runners._output import FILE, LIMIT, misplaced, oversized

_PATIENCE = 60.0
_PAUSE = 0.5
_NOTHING, _UNREADABLE, _TOO_LARGE = 10, 11, 12
_NO_FILE = {20: "a link", 21: "a folder", 22: "a pipe", 23: "a socket", 24: "a device", 25: "no regular file"}
_TESTS = "".join(f"[ {test} $f ] && exit {code}; " for test, code in (("-L", 20), ("-d", 21), ("-p", 22), ("-S", 23)))
_READ = (
    f"f={FILE}; {_TESTS}"
    f"[ -b $f ] && exit 24; [ -c $f ] && exit 24; [ -e $f ] || exit {_NOTHING}; [ -f $f ] || exit 25; "
    f"[ -r $f ] || exit {_UNREADABLE}; size=$(stat -c %s $f) || exit {_UNREADABLE}; "
    f'[ "$size" -gt {LIMIT} ] && {{ echo "$size"; exit {_TOO_LARGE}; }}; echo "$size" >&2; exec head -c {LIMIT} $f'
)
LOST = Unfit("the output file is lost: its pod went before it was read; run the job again")


def read(api: Api, collector: Spot) -> Output:
    """The file, or why it is not to be read; asked again while the way to it is cut."""
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            return _judged(execute(api, collector, ("sh", "-c", _READ)))
        except CutOff as error:
            if time.monotonic() > ends:
                raise Unavailable(f"the output file of pod {collector.pod} cannot be read: {error}") from error
            time.sleep(_PAUSE)


def release(api: Api, spot: Spot, *files: str) -> bool:
    """Let what waits for one of these files in this container go on; whether it was there to hear it."""
    try:
        said = execute(api, spot, ("touch", *(f"{RELEASE.path}/{file}" for file in files or (GO,))))
    except CutOff:
        return False
    except Rejected as error:
        if error.ours:
            raise
        return False
    return said.code == 0


def _judged(said: Said) -> Output:
    if said.code == 0:
        if len(said.out) != int(said.err):
            raise CutOff(f"{len(said.out)} of its {int(said.err)} bytes came")
        return said.out or NoOutput()
    if said.code == _NOTHING:
        return NoOutput()
    if what := _NO_FILE.get(said.code):
        return misplaced(what)
    if said.code == _TOO_LARGE:
        return oversized(int(said.out))
    return Unfit("the output file cannot be read by anybody but its owner; write it with chmod a+r")
