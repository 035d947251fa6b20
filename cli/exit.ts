/** How the command ends, for scripts. Documented in `--help` and in the README. */
export const EXIT = {
  /** Done: for a plan, nothing refuses. */
  done: 0,
  /** Something failed: a stack is still there, or the doctor found a problem. */
  failed: 1,
  /** The command was called in a way that it does not know. */
  usage: 2,
  /** Nothing was begun: the plan refuses, or nobody consented. */
  refused: 3,
  /** AWS could not be asked: credentials, Region, network, rights. */
  unreachable: 4,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For the end of every `--help`. */
export const EXIT_HELP = `Exit codes:
  0    done
  1    failed: something is still there, or the doctor found a problem
  2    wrong usage
  3    refused: nothing was begun
  4    AWS could not be asked (credentials, Region, rights, network)
  130  interrupted`;
