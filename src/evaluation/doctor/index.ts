export * from './diagnose.ts';
export type { EvidenceMeasure, MistakeEvidence } from './evidence.ts';
export type { PixelStatistics } from './pixels.ts';
export type { Tried } from './rounds.ts';
export { stratified } from './sample.ts';
export type { MistakeKind, Setup } from './setup.ts';
export type { LabelledPicture, TrialOptions } from './trial.ts';
