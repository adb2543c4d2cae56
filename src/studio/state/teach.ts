import { fitted, type Square } from '../teach/square.ts';
import { placedState } from './view.ts';

/** Where somebody is in the tour, and what they did there. */
export interface TeachView {
  /** The step's place, from 0. */
  readonly step: number;
  /** Where they think that the network looks. */
  readonly guess: Square;
  /** What lies over the portrait, if anything does. */
  readonly patch?: Square;
  /** How much of the network is drawn anew, and by which seed. */
  readonly share: number;
  readonly seed: number;
}

/** In the middle, where no feature of a face is meant: a guess begins somewhere. */
export const firstTeach: TeachView = { step: 0, guess: { x: 0.5, y: 0.5, side: 0.24 }, share: 0, seed: 1 };

export const steps = 8;

/** In the address, too. */
export const teachView = placedState<TeachView>('teach', firstTeach, (given) => {
  const patch = squareOf(given.patch);
  const { step, share, seed } = given;
  return {
    step: Number.isSafeInteger(step) ? Math.max(0, Math.min(steps - 1, step as number)) : firstTeach.step,
    guess: squareOf(given.guess) ?? firstTeach.guess,
    ...(patch && { patch }),
    share: typeof share === 'number' && share >= 0 && share <= 1 ? share : firstTeach.share,
    seed: Number.isSafeInteger(seed) && (seed as number) >= 0 ? (seed as number) : firstTeach.seed,
  };
});

function squareOf(given: unknown): Square | undefined {
  const { x, y, side } = (given ?? {}) as Readonly<Record<string, unknown>>;
  const known = [x, y, side].every(Number.isFinite);
  return known ? fitted({ x: x as number, y: y as number, side: side as number }) : undefined;
}

export const showTeach = (change: Partial<TeachView>): void => {
  teachView.value = { ...teachView.value, ...change };
};
