import type { Tensor } from '../../src/graph/index.ts';

/** Runs once on a fixed input; returns its result. */
export type Job = () => Promise<Tensor>;
