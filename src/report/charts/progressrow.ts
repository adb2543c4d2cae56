/** One number that a training log says. */
export interface ProgressRow {
  readonly iteration: number;
  /** Seconds since the start, where the log has times. */
  readonly time?: number;
  /** What is measured: `loss`, `accuracy`; each has a panel of its own. */
  readonly metric: string;
  /** Of what: `training`, `validation`, a model. Told by colour, or by the line's dashes where there are several runs. */
  readonly series: string;
  /** Of which run, told by colour, where there are several. */
  readonly run?: string;
  readonly value: number;
  /** Shown only when asked for. */
  readonly detail?: boolean;
}
