/** Somebody pressed Ctrl-C; what that means was already said. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** The command was called wrongly; the message is one sentence. */
export class WrongUsage extends Error {
  override name = 'WrongUsage';
}

/** Nobody consented, so nothing was begun; the message is one sentence with the remedy. */
export class NotConsented extends Error {
  override name = 'NotConsented';
}
