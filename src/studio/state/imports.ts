import type { ImportPlan } from '../protocol/index.ts';
import { remembered } from './remembered.ts';

/* Which files the networks were made of that a person dropped: what makes them again elsewhere says it. */

/** So many are remembered, the last ones. */
const most = 50;

const plans = remembered('limn-studio-imports', (kept) =>
  Array.isArray(kept) ? (kept as readonly ImportPlan[]) : [],
);

/** Remembers by which plan a network was made, for other visits, too. */
export const keepImport = (plan: ImportPlan): void =>
  plans.keep([...plans.value.filter(({ name }) => name !== plan.name), plan].slice(-most));

/** The plan by which a network of the page was made; undefined where it came as it is. */
export const importOf = (model: string): ImportPlan | undefined =>
  plans.value.find(({ name }) => name === model);
