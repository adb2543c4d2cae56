/* What the page and its worker say to each other: plain data. */

export type * from './asks.ts';
export type * from './explanations.ts';
export type * from './folders.ts';
export type * from './messages.ts';
export type * from './preparations.ts';
export type * from './snapshots.ts';
