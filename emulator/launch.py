"""Start MiniStack with the AWS behaviours that it lacks.

    python emulator/launch.py                  run in the foreground
    python emulator/launch.py --list           print every addition: name, behaviour, documentation
    python emulator/launch.py --record-hashes  accept the installed MiniStack's source as the one that was read

Ports, directories and MiniStack's own switches come from the environment (see README.md). Additions are switched off
with CLEAN_EXIT_EMULATOR_OFF=name,name.
"""

import argparse
import os
import shutil
import signal
import sys
import threading

import additions
import seam


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="emulator/launch.py",
                                     description="MiniStack with the AWS behaviours that it lacks")
    parser.add_argument("--list", action="store_true", help="print the additions: name, behaviour, documentation")
    parser.add_argument("--record-hashes", action="store_true",
                        help="write hashes.json from the installed MiniStack, when its changes were read")
    parser.add_argument("--until-stdin-closes", metavar="DIRECTORY",
                        help="when standard input closes, because the starter is gone: remove the directory and end "
                             "with every process of the group")
    return parser.parse_args(arguments)


def end_when_stdin_closes(directory):
    def wait():
        sys.stdin.buffer.read()
        shutil.rmtree(directory, ignore_errors=True)
        os.killpg(os.getpgrp(), signal.SIGKILL)
    threading.Thread(target=wait, daemon=True, name="until-stdin-closes").start()


def main():
    arguments = parse_arguments(sys.argv[1:])
    if arguments.list:
        for addition in additions.ALL:
            print(f"{addition.NAME}\t{addition.SUMMARY}\t{addition.DOCUMENTATION}")
        return
    try:
        seam.require_pinned_version()
        if arguments.record_hashes:
            seam.record_hashes(additions.ALL)
            return
        switched_on = additions.switched_on()
        seam.require_recorded_source(additions.ALL)
    except (seam.SourceChanged, additions.UnknownAddition) as refusal:
        raise SystemExit(f"emulator: {refusal}") from refusal

    if arguments.until_stdin_closes:
        end_when_stdin_closes(arguments.until_stdin_closes)

    import ministack.app

    import control
    control.install()
    for addition in switched_on:
        addition.apply()
    sys.argv = sys.argv[:1]  # MiniStack parses the command line again
    ministack.app.main()


if __name__ == "__main__":
    main()
