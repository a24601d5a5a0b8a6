"""The process that statements' processes are forked from, so that none has to start anew.

It has imported what they need, has one thread, and holds nothing of the home. It gets a socket for
each statement, and ends when the process that started it ends.
"""

import os
import signal
import socket
import sys

# neither is needed, and each would cost every process a while and some threads
sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]

from data.sandbox.child import run  # noqa: E402


def main() -> None:
    """Fork a process for each socket that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    with socket.socket(fileno=0) as orders:
        while True:
            content, descriptors, _, _ = socket.recv_fds(orders, 1, 1)
            if not content:
                return
            if os.fork() == 0:
                os.close(0)
                _serve(descriptors[0])
            os.close(descriptors[0])


def _serve(descriptor: int) -> None:
    try:
        with socket.socket(fileno=descriptor) as talk, talk.makefile("rwb") as file:
            run(file, file)  # type: ignore[arg-type]
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
