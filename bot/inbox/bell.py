"""Wakes the threads that wait for something to do in this process."""

import threading


class Bell:
    """Rung when a lane becomes due; who listened before and waits after does not miss it."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._times = 0
        self._heard = threading.local()

    def ring(self) -> None:
        """Wake all that wait."""
        with self._rung:
            self._times += 1
            self._rung.notify_all()

    def listen(self) -> None:
        """From here on this thread's next `wait` hears every ring."""
        self._heard.times = self._times

    def wait(self, timeout: float) -> None:
        """Return at a ring since this thread listened, else after `timeout` seconds."""
        heard = getattr(self._heard, "times", self._times)
        with self._rung:
            self._rung.wait_for(lambda: self._times != heard, timeout)
            self._heard.times = self._times
