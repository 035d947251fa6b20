"""Runs a command in a pseudo-terminal and prints what it writes, with the time, as JSON lines: [seconds, "text"].

usage: in_terminal.py COLUMNS ROWS ANSWERS COMMAND [WORD ...]

ANSWERS is JSON: [["what the command writes", "what is typed then"], ...], in order. Node has no pseudo-terminal of its own.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

# A person reads the question before typing, and types one key after the other.
THINK = 1.2
KEY = 0.09


def main():
    columns, rows, answers = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[4], sys.argv[4:])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    started = time.monotonic()
    seen, keys, due = "", [], 0.0
    while True:
        wait = max(0.0, due - time.monotonic()) if keys else 1.0
        if select.select([fd], [], [], wait)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            text = data.decode("utf-8", "replace")
            print(json.dumps([round(time.monotonic() - started, 4), text]), flush=True)
            seen += text
            if answers and answers[0][0] in seen:
                keys = list(answers.pop(0)[1])
                due, seen = time.monotonic() + THINK, ""
        elif keys and time.monotonic() >= due:
            os.write(fd, keys.pop(0).encode())
            due = time.monotonic() + KEY
    _, status = os.waitpid(pid, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


main()
