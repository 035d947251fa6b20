/** What the doctor says of one thing. */
export interface Verdict {
  /** `note`: worth knowing, and no problem. */
  readonly state: 'ok' | 'problem' | 'note';
  readonly words: string;
  /** What to do; only where something is to be done. */
  readonly remedy?: string | undefined;
}

/** One thing that the doctor looks at. */
export interface Check {
  readonly title: string;
  /** Never throws for what it is to find out. */
  readonly look: () => Promise<Verdict>;
}
