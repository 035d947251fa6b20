/** Somebody pressed Ctrl-C; the message is for them, empty where what that means was said already. */
export class Interrupted extends Error {
  override name = 'Interrupted';

  constructor(message = 'Interrupted; nothing was deleted.', options?: ErrorOptions) {
    super(message, options);
  }
}

/** The command was called wrongly; the message is one sentence. */
export class WrongUsage extends Error {
  override name = 'WrongUsage';
}

/** Nobody consented, so nothing was begun; the message is one sentence with the remedy. */
export class NotConsented extends Error {
  override name = 'NotConsented';
}

/** The service's run is over and gave no answer; the message is one sentence that names the run. */
export class RunFailed extends Error {
  override name = 'RunFailed';
}

/** The service works on, but how far it is cannot be seen any more: `cause` says why, the message how to go on watching. */
export class LostSight extends Error {
  override name = 'LostSight';
}
