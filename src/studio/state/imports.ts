import { signal } from '@preact/signals';
import type { ImportPlan } from '../protocol/index.ts';

/* Which files the networks were made of that a person dropped: what makes them again elsewhere says it. */

const key = 'limn-studio-imports';
/** So many are remembered, the last ones. */
const most = 50;

const keptPlans = (): readonly ImportPlan[] => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? (kept as readonly ImportPlan[]) : [];
  } catch {
    return [];
  }
};

const plans = signal<readonly ImportPlan[] | undefined>(undefined);
const plansNow = (): readonly ImportPlan[] => plans.value ?? keptPlans();

/** Remembers by which plan a network was made, for other visits, too. */
export function keepImport(plan: ImportPlan): void {
  plans.value = [...plansNow().filter(({ name }) => name !== plan.name), plan].slice(-most);
  localStorage.setItem(key, JSON.stringify(plans.value));
}

/** The plan by which a network of the page was made; undefined where it came as it is. */
export const importOf = (model: string): ImportPlan | undefined =>
  plansNow().find(({ name }) => name === model);
