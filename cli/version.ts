import manifest from '../package.json' with { type: 'json' };

/** Of the command line; the service is deployed from the same checkout. */
export const VERSION: string = manifest.version;
