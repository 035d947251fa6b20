/** Units of a span of time, largest first, each with its length in seconds. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;
export type Unit = (typeof UNITS)[number][0];

/** A span in exact units: seconds are left out from an hour on. The smallest unit shown is always there. */
export function exactly(seconds: number): readonly (readonly [count: number, unit: Unit])[] {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), whole % 60];
  return hours > 0
    ? [
        [hours, 'hour'],
        [minutes, 'minute'],
      ]
    : minutes > 0
      ? [
          [minutes, 'minute'],
          [rest, 'second'],
        ]
      : [[rest, 'second']];
}

/** A span in round numbers: two neighbouring units at the most, none of them zero. */
export function roughly(seconds: number): readonly (readonly [count: number, unit: Unit])[] {
  const whole = Math.max(1, Math.round(seconds));
  // To 10 seconds from a minute on, to whole minutes from 10 minutes on, to hours from a day on.
  const step = whole < 60 ? 1 : whole < 600 ? 10 : whole < 86_400 ? 60 : 3_600;
  let rest = Math.round(whole / step) * step;
  const counts: (readonly [number, Unit])[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) {
      counts.push([count, unit]);
    }
  }
  return counts.slice(0, 2);
}
