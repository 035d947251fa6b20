/**
 * A notice as plain data: what a message says, without any of Slack's markup. Builds and stacks are told through the
 * same shape. Every string may be outside text and is raw: the payload escapes and clips it.
 */
export interface Notice {
  readonly tone: Tone;
  /** One emoji. It repeats what the verdict says in words and never stands for it. */
  readonly emoji: string;
  /** What the notice is about. */
  readonly subject: string;
  /** What became of it, in words. Subject and verdict make the headline, which reads alone. */
  readonly verdict: string;
  /** Directly after the headline: whom it is about. Slack notifies nobody who is mentioned further below. */
  readonly lead?: readonly Piece[];
  /** Short facts, shown side by side; at most ten are. */
  readonly facts: readonly Fact[];
  /** Longer things below each other. */
  readonly sections: readonly Section[];
  readonly links: readonly Link[];
  /** Small print; the last line. */
  readonly footer: readonly string[];
}

/** Decides the colour bar; the word is in the verdict. */
export type Tone = 'good' | 'bad' | 'warning' | 'neutral';

export interface Fact {
  readonly label: string;
  readonly pieces: readonly Piece[];
}

export interface Section {
  readonly label: string;
  readonly lines: readonly (readonly Piece[])[];
  /** Lines of a log, oldest first, shown as they are. Where not all fit, the first are left out: the end tells most. */
  readonly log?: readonly string[];
}

export interface Link {
  readonly label: string;
  /** Made by this project from checked parts, never outside text itself. */
  readonly url: string;
}

export type Piece =
  /** A name, a number, a few words. */
  | { readonly kind: 'text'; readonly text: string }
  /** A sentence or two, which may be longer than other text. */
  | { readonly kind: 'sentence'; readonly text: string }
  /** Something to copy. */
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  /** Notifies a person. The only way to do so: an ID that the transport has looked up, never one out of a text. */
  | { readonly kind: 'mention'; readonly userId: string };
