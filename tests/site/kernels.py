"""Starts IPython kernels for test_books, where all that a chapter imports is imported already.

    python -P kernels.py serve SOCKET
    python -P kernels.py ask SOCKET CONNECTION_FILE

A kernel is forked from the process that serves, which spares each the seconds that torch takes.
What Jupyter starts, and takes for the kernel, asks for one and ends when that ends.
"""

import json
import os
import signal
import socket
import sys


def serve(address: str) -> None:
    """Fork a kernel for each connection."""
    import matplotlib.pyplot  # noqa: F401
    import torch._inductor.config  # noqa: F401
    from ipykernel.kernelapp import launch_new_instance

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a kernel ended
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                break
            connection.close()
    # The connection stays open as long as the kernel lives.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    folder, file = json.loads(connection.makefile().readline())
    os.chdir(folder)
    sys.argv = ["ipykernel_launcher", "-f", file]
    launch_new_instance()


def ask(address: str, file: str) -> None:
    """Start a kernel in this folder; wait for its end."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        connection.sendall(json.dumps([os.getcwd(), file]).encode() + b"\n")
        connection.recv(1)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        ask(sys.argv[2], sys.argv[3])
