"""What a command prints, put together from the frames of a connection, whenever each of them comes."""

from hypothesis import given
from hypothesis import strategies as st

from runners._kubernetes.exec import _channels

Frame = tuple[int, bytes]
FRAME = st.tuples(st.sampled_from((1, 2)), st.binary(min_size=1, max_size=4))
BURSTS = st.lists(st.lists(FRAME, max_size=4), max_size=6)


class Wire:
    """A connection as the SDK's: whoever looks into an empty channel takes from the wire what is there by then."""

    def __init__(self, bursts: list[list[Frame]]) -> None:
        self._coming = list(bursts)
        self._there: dict[int, bytes] = {}

    def is_open(self) -> bool:
        return bool(self._coming)

    def update(self, timeout: float = 0) -> None:
        for number, data in self._coming.pop(0) if self._coming else ():
            self._there[number] = self._there.get(number, b"") + data

    def read_channel(self, number: int) -> bytes:
        if number not in self._there:
            self.update()
        return self._there.pop(number, b"")

    def close(self) -> None:
        self._coming = []


@given(BURSTS)
def test_every_byte_of_every_channel_is_told_however_the_frames_come(bursts: list[list[Frame]]) -> None:
    frames = [*(frame for burst in bursts for frame in burst), (3, b"well")]
    told = _channels(Wire([*bursts, [(3, b"well")]]), patience=60)
    assert told == {number: b"".join(data for of, data in frames if of == number) for number in (1, 2, 3)}
