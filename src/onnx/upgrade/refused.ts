import type { Upgrade } from './step.ts';

const refuse = (op: string, range: { before?: number; since?: number }, change: string): Upgrade => ({
  ops: [op],
  ...range,
  convert: (_, site) =>
    site.fail(
      `${change}; its form in operator set ${site.opset} is not supported`,
      'export with operator set 18',
    ),
});

/** Operators whose meaning changed in ways that are not converted: better an error than other numbers. */
export const refused: readonly Upgrade[] = [
  refuse('Upsample', { since: 10 }, 'it ended with operator set 9'),
  refuse('RoiAlign', { before: 16 }, 'its coordinates changed in 16'),
  refuse('Scatter', { since: 11 }, 'it ended with operator set 10'),
  refuse('GridSample', { since: 20 }, 'its modes changed in 20'),
  refuse('DFT', { since: 20 }, 'its axis became an input in 20'),
];
