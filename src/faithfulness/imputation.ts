import { ACROSS, BESIDE, solve } from './conjugate.ts';
import { LANES } from './grid.ts';
import { type Multigrid, multigrid } from './multigrid.ts';

/** How exactly {@link imputer} solves. */
export interface ImputationOptions {
  /** The residual that is left, as a fraction of the right-hand side; 1e-7 unless given: no pixel is then off by a millionth of the range. */
  readonly tolerance?: number;
}

/**
 * Linear imputation of ROAD (Rong et al. 2022, "A Consistent and Efficient Evaluation Strategy for Attribution Methods"),
 * without its noise: every pixel that is taken away (1 in `removed`, H×W) becomes the weighted mean of its neighbours within
 * the picture, all at the same time. The system is symmetric and positive definite as long as any pixel is left;
 * conjugate gradients solve it (Hestenes and Stiefel 1952), preconditioned by a {@link multigrid} cycle: some ten steps,
 * however large the holes are. Where no pixel is left, all become the channel's mean.
 *
 * Channels are H×W; what the function that is made gives has what was left as it was. Where it is called with one mask after
 * another, each of which holds the one before, it goes on from what it found.
 */
export function imputer(
  channels: readonly ArrayLike<number>[],
  height: number,
  width: number,
  options: ImputationOptions = {},
): (removed: Uint8Array) => Float64Array[] {
  const groups = Array.from({ length: Math.ceil(channels.length / LANES) }, (_, i) =>
    channels.slice(LANES * i, LANES * (i + 1)),
  );
  const each = groups.map((some) => imputerOfLanes(some, height, width, options));
  return (removed) => each.flatMap((impute) => impute(removed));
}

/** The same of as many channels as are solved at a time. */
function imputerOfLanes(
  channels: readonly ArrayLike<number>[],
  height: number,
  width: number,
  { tolerance = 1e-7 }: ImputationOptions,
): (removed: Uint8Array) => Float64Array[] {
  const row = width + 2;
  const [places, plane] = [(height + 2) * row, height * width];
  const means = channels.map((channel) => {
    let sum = 0;
    for (let pixel = 0; pixel < plane; pixel++) sum += channel[pixel];
    return sum / plane;
  });
  const placeOf = Int32Array.from(
    { length: plane },
    (_, pixel) => (Math.floor(pixel / width) + 1) * row + (pixel % width) + 1,
  );
  /** What is left of the channels, and what was found in place of the rest; zero elsewhere. */
  const [known, x] = [new Float64Array(LANES * places), new Float64Array(LANES * places)];
  /** 1 for places of unknowns. */
  const gone = new Uint8Array(places);
  let system: Multigrid | undefined;
  const begin = (): Multigrid => {
    gone.fill(0);
    x.fill(0);
    for (let pixel = 0; pixel < plane; pixel++)
      channels.forEach((channel, lane) => {
        known[LANES * placeOf[pixel] + lane] = channel[pixel];
      });
    return multigrid(height, width);
  };
  return (removed) => {
    if (!removed.includes(0)) return channels.map((_, lane) => new Float64Array(plane).fill(means[lane]));
    if (!system || removed.some((is, pixel) => !is && gone[placeOf[pixel]])) system = begin();
    const added: number[] = [];
    for (let pixel = 0; pixel < plane; pixel++) {
      const place = placeOf[pixel];
      if (!removed[pixel] || gone[place]) continue;
      added.push(place);
      known.fill(0, LANES * place, LANES * (place + 1));
      x.set(means, LANES * place);
    }
    if (added.length > 0) {
      growBy(system, added, gone);
      solve(system, known, x, tolerance);
    }
    return channels.map((channel, lane) => {
      const out = new Float64Array(channel);
      for (let pixel = 0; pixel < plane; pixel++)
        if (removed[pixel]) out[pixel] = x[LANES * placeOf[pixel] + lane];
      return out;
    });
  };
}

/** Adds the equations of more pixels: Σ weights · x − Σ weight · x of a neighbour that is gone, too = what the others are. */
function growBy(system: Multigrid, added: readonly number[], gone: Uint8Array): void {
  const { row, height, width } = system.finest;
  const beside = [-row, -1, 1, row];
  const across = [-row - 1, -row + 1, row - 1, row + 1];
  system.grow((add) => {
    const join = (place: number, other: number, weight: number) => {
      const [y, x] = [Math.floor(other / row), other % row];
      if (y < 1 || y > height || x < 1 || x > width) return;
      add(place, place, weight);
      // The other of two that are new comes later, or came before.
      if (gone[other]) add(place, other, -weight);
    };
    for (const place of added) {
      gone[place] = 1;
      for (const step of beside) join(place, place + step, BESIDE);
      for (const step of across) join(place, place + step, ACROSS);
    }
  });
}
