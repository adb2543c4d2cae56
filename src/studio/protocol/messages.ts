import type { Device, DeviceChoice } from '../../hosts/devices.ts';
import type { AskName } from './asks.ts';

/* How the page and its worker talk: asks, what comes of them, and how far they are. */

/** How far something is, in words and, where it is countable, in numbers. */
export interface WorkProgress {
  readonly text: string;
  readonly done?: number;
  readonly total?: number;
}

export interface WorkFailure {
  readonly message: string;
  /** Whether a person can do something about it; else it is a bug. */
  readonly expected: boolean;
  /** The field of the request that is wrong, if one is. */
  readonly field?: string | undefined;
}

/** From the page to the worker. */
export type ToWorker =
  | { readonly kind: 'ask'; readonly id: number; readonly name: AskName; readonly asked: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'device'; readonly choice: DeviceChoice };

/** From the worker to the page. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: WorkProgress }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: WorkFailure }
  | { readonly kind: 'device'; readonly device: Device };
