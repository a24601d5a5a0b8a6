"""Sessions whose browser has gone: kept a while for its return, then ended.

Streamlit keeps up to 128 of them, each with the three file handles of an event loop, and ends none:
what it forgets gives its handles back when the garbage is collected, if anything has it forget.
"""

import asyncio
from collections import OrderedDict

from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionInfo, SessionStorage

MOST_KEPT = 8
KEPT_S = 60.0


class LeftSessions(SessionStorage):
    """The sessions that a browser may come back to; those that it does not come back to end."""

    def __init__(self, *, most: int = MOST_KEPT, kept_s: float = KEPT_S) -> None:
        self._most, self._kept_s = most, kept_s
        self._sessions: OrderedDict[str, SessionInfo] = OrderedDict()

    def get(self, session_id: str) -> SessionInfo | None:
        """Return a session that is still kept."""
        return self._sessions.get(session_id)

    def save(self, session_info: SessionInfo) -> None:
        """Keep a session for a while, in place of the one that was left longest ago."""
        session_id = session_info.session.id
        self._sessions[session_id] = session_info
        self._sessions.move_to_end(session_id)
        while len(self._sessions) > self._most:
            self._end(next(iter(self._sessions)), None)
        loop = asyncio.get_running_loop()
        loop.call_later(self._kept_s, self._end, session_id, session_info)

    def delete(self, session_id: str) -> None:
        """Keep a session no longer: its browser is back, or it has been ended."""
        self._sessions.pop(session_id, None)

    def list(self) -> list[SessionInfo]:
        """Return the sessions that are kept."""
        return [*self._sessions.values()]

    def _end(self, session_id: str, expected: SessionInfo | None) -> None:
        if expected is None or self._sessions.get(session_id) is expected:
            self._sessions.pop(session_id).session.shutdown()


def end_left_sessions(runtime: Runtime) -> None:
    """Have a runtime end the sessions that nobody comes back to."""
    # Streamlit has no setting for it: its own class takes the place from here only
    manager = runtime._session_mgr
    manager._session_storage = LeftSessions()  # type: ignore[attr-defined]
